import { nowSeconds } from '../crypto.js';
import { isToken, parseUrl } from '../encoding.js';
import { OAuthError } from '../errors.js';
import { isLoopback } from '../http.js';
import type { RsaKey, SignatureMethod, SignatureMethods } from '../option-types.js';
import { freshNonce } from './nonce.js';
import {
  appendParams,
  authorizationHeader,
  checkSignatureType,
  withQuery,
  type SignatureType,
} from './placement.js';
import { formContentType, hashBody, readForm } from './request-body.js';
import { digestOf, findMethod } from './signature-method.js';
import { encodedBaseString, encodePair, formEncoded, type Pair } from './signature.js';

/** A request to sign. */
export interface RequestToSign {
  method: string;
  /** An absolute http(s) URL without user information. */
  url: string | URL;
  headers?: HeadersInit | undefined;
  /** `URLSearchParams` are a form; other bodies are one when their content type says so. */
  body?: BodyInit | null | undefined;
}

/** Who signs (RFC 5849 §1.1): the client, and the token when the request is made in someone's name. */
export interface SigningCredentials {
  /** `oauth_consumer_key`. */
  clientId: string;
  clientSecret?: string | undefined;
  /** `oauth_token`. */
  token?: string | undefined;
  tokenSecret?: string | undefined;
  /** The private key of RSA methods. HMAC and PLAINTEXT have no use for it. */
  rsaKey?: RsaKey | undefined;
}

/** How a request is signed. */
export interface SignOptions {
  /** A built-in method or a name in `signatureMethods`. Default `HMAC-SHA1`. */
  signatureMethod?: SignatureMethod | (string & {}) | undefined;
  /** Signature methods of your own, by the name they have on the wire. */
  signatureMethods?: SignatureMethods | undefined;
  /** Default `HEADER`. `BODY` needs a form body, or no body yet. */
  signatureType?: SignatureType | undefined;
  /** The `realm` of the Authorization header; it is not signed. */
  realm?: string | undefined;
  /** `oauth_callback` of a temporary credential request (RFC 5849 §2.1). */
  callback?: string | undefined;
  /** `oauth_verifier` of a token request (RFC 5849 §2.3). */
  verifier?: string | undefined;
  /** Further protocol parameters by name, such as `oauth_session_handle`; they travel with the others. */
  protocolParams?: Readonly<Record<string, string>> | undefined;
  /** A fixed `oauth_nonce`, for tests. Default: a fresh random one. */
  nonce?: string | undefined;
  /** An `oauth_timestamp`, for tests and skewed clocks. Default: the seconds since the epoch. */
  timestamp?: string | undefined;
  /** Signs a hash of bodies that are not forms, as `oauth_body_hash`. Default `false`. */
  forceIncludeBody?: boolean | undefined;
  /** Sends and signs `oauth_version=1.0`. Default `true`. */
  oauthVersion?: boolean | undefined;
}

/** A signed request, ready for `fetch(url, { method, headers, body })`. */
export interface SignedRequest {
  /** In upper case, as it was signed. */
  method: string;
  /** The URL that was signed, byte for byte. */
  url: string;
  headers: Record<string, string>;
  body: BodyInit | null;
}

/** A request taken apart for signing. */
interface Draft {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: BodyInit | null;
  /** The text of a form body. */
  form: string | undefined;
}

const defaultMethod: SignatureMethod = 'HMAC-SHA1';

/**
 * Signs one OAuth 1.0a request. Send exactly what comes back: another URL, method or form body has
 * another signature. Bodies that are not forms are neither signed nor touched.
 *
 * @throws OAuthError `invalid_options`, or `insecure_transport` for PLAINTEXT over plain http
 *
 * @example
 * ```ts
 * const { url, ...init } = await signRequest(
 *   { method: 'GET', url: 'https://api.example/1.1/me.json?lang=en' },
 *   { clientId: 'key', clientSecret: 'secret', token: 'token', tokenSecret: 'token secret' },
 * );
 * const response = await fetch(url, init);
 * ```
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-3
 */
export async function signRequest(
  request: RequestToSign,
  credentials: SigningCredentials,
  options: SignOptions = {},
): Promise<SignedRequest> {
  const { signatureMethod = defaultMethod, signatureMethods, forceIncludeBody } = options;
  const sign = findMethod(signatureMethod, signatureMethods);
  const draft = await prepare(request, options);
  checkTransport(draft.url, signatureMethod);
  const protocol = protocolParams(credentials, options);
  if (forceIncludeBody && draft.form === undefined) {
    protocol.push(['oauth_body_hash', await hashBody(draft.body, digestOf(signatureMethod))]);
  }
  const params = [...formEncoded(draft.url.search.slice(1)), ...formEncoded(draft.form ?? '')];
  refuseRepeats(params, protocol);
  const { method, url } = draft;
  const signed = { method, url, params: [...params, ...protocol.map(encodePair)] };
  const { clientSecret = '', tokenSecret = '', rsaKey } = credentials;
  const signature = await sign(encodedBaseString(signed), { clientSecret, tokenSecret, rsaKey });
  protocol.push(['oauth_signature', checkSignature(signature)]);
  return place(draft, protocol, options);
}

async function prepare(request: RequestToSign, options: SignOptions): Promise<Draft> {
  const { signatureType = 'HEADER' } = options;
  checkSignatureType(signatureType);
  if (!isToken(request.method)) {
    throw new OAuthError('invalid_options', 'The method to sign is no HTTP method.');
  }
  const url = parseUrl(request.url, 'URL to sign');
  const headers = toRecord(request.headers);
  refuseSigned(headers);
  const body = request.body ?? null;
  const contentType = headerOf(headers, 'content-type');
  const form = (await readForm(body, contentType)) ?? startForm(body, signatureType);
  if (form !== undefined && contentType === undefined) {
    headers['Content-Type'] = formContentType;
  }
  return { method: request.method.toUpperCase(), url, headers, body, form };
}

/** With `BODY`, a request without a body gets a form of protocol parameters alone. */
function startForm(body: BodyInit | null, type: SignatureType): '' | undefined {
  return body === null && type === 'BODY' ? '' : undefined;
}

function toRecord(headers: HeadersInit | undefined): Record<string, string> {
  const pairs = headers instanceof Headers || Array.isArray(headers);
  return pairs ? Object.fromEntries(new Headers(headers)) : { ...headers };
}

function headerOf(headers: Record<string, string>, name: string): string | undefined {
  const key = Object.keys(headers).find((given) => given.toLowerCase() === name);
  return key === undefined ? undefined : headers[key];
}

/** A request carries protocol parameters in one place (RFC 5849 §3.5), and this signature is it. */
function refuseSigned(headers: Record<string, string>): void {
  if (!/^\s*oauth(?:\s|$)/i.test(headerOf(headers, 'authorization') ?? '')) return;
  throw new OAuthError(
    'invalid_options',
    'The request already has an "Authorization: OAuth" header, and is signed once ' +
      '(RFC 5849 §3.5). Leave the header out.',
  );
}

function checkTransport(url: URL, method: string): void {
  if (url.username || url.password) {
    throw new OAuthError('invalid_options', 'The URL to sign must be without user information.');
  }
  if (method !== 'PLAINTEXT' || url.protocol === 'https:' || isLoopback(url)) return;
  throw new OAuthError(
    'insecure_transport',
    'PLAINTEXT sends the secrets themselves, so it needs an https URL (RFC 5849 §3.4.4). ' +
      'Use https, or an HMAC signature method.',
  );
}

/** The protocol parameters of RFC 5849 §3.1, without the signature. */
function protocolParams(credentials: SigningCredentials, options: SignOptions): Pair[] {
  const { nonce = freshNonce(), timestamp = String(nowSeconds()) } = options;
  if (typeof credentials.clientId !== 'string' || credentials.clientId === '') {
    throw new OAuthError('invalid_options', '"clientId" must be a non-empty string.');
  }
  const params: [string, string | undefined][] = [
    ['oauth_nonce', nonce],
    ['oauth_timestamp', timestamp],
    ['oauth_version', options.oauthVersion === false ? undefined : '1.0'],
    ['oauth_signature_method', options.signatureMethod ?? defaultMethod],
    ['oauth_consumer_key', credentials.clientId],
    ['oauth_token', credentials.token],
    ['oauth_callback', options.callback],
    ['oauth_verifier', options.verifier],
    ...Object.entries(options.protocolParams ?? {}),
  ];
  return params.filter((pair): pair is [string, string] => pair[1] !== undefined);
}

/** A protocol parameter occurs once in a request (RFC 5849 §3.1). */
function refuseRepeats(params: readonly Pair[], protocol: readonly Pair[]): void {
  if (params.length === 0) return;
  const ours = [...protocol.map(([name]) => name), 'oauth_signature'];
  const repeated = ours.find((name) => params.some(([other]) => other === name));
  if (repeated === undefined) return;
  throw new OAuthError(
    'invalid_options',
    `The request's query or body already has "${repeated}", which signing adds. Leave it out.`,
  );
}

/** A signature method of one's own may return anything. */
function checkSignature(signature: unknown): string {
  if (typeof signature === 'string' && signature !== '') return signature;
  throw new OAuthError(
    'invalid_options',
    'The function in "signatureMethods" must return the signature, a string that is not empty.',
  );
}

function place(draft: Draft, protocol: readonly Pair[], options: SignOptions): SignedRequest {
  const { method, url, headers, body } = draft;
  if (options.signatureType === 'QUERY') {
    return { method, url: withQuery(url, protocol).href, headers, body };
  }
  if (options.signatureType === 'BODY') return placeInBody(draft, protocol);
  for (const name of Object.keys(headers)) {
    if (name.toLowerCase() === 'authorization') delete headers[name];
  }
  headers['Authorization'] = authorizationHeader(protocol, options.realm);
  return { method, url: url.href, headers, body };
}

function placeInBody(draft: Draft, protocol: readonly Pair[]): SignedRequest {
  const { method, url, headers, form } = draft;
  if (['GET', 'HEAD'].includes(method) || form === undefined) {
    throw new OAuthError(
      'invalid_options',
      'signatureType "BODY" needs a method with a body and a form body (RFC 5849 §3.5.2). ' +
        'Use "HEADER" for this request.',
    );
  }
  return { method, url: url.href, headers, body: appendParams(form, protocol) };
}
