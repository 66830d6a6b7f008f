import { nowSeconds, randomToken } from '../crypto.js';
import { isToken, parseUrl } from '../encoding.js';
import { OAuthError } from '../errors.js';
import type { SignatureMethod } from '../option-types.js';
import { isLoopback } from '../http.js';
import {
  appendParams,
  authorizationHeader,
  checkSignatureType,
  withQuery,
  type SignatureType,
} from './placement.js';
import { formContentType, hashBody, readForm } from './request-body.js';
import { formDecode, signatureBaseString, signingAlgorithm, type Pair } from './signature.js';

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
  rsaKey?: string | JsonWebKey | CryptoKey | undefined;
}

/** How a request is signed. */
export interface SignOptions {
  /** Default `HMAC-SHA1`. */
  signatureMethod?: SignatureMethod | undefined;
  /** Default `HEADER`. `BODY` needs a form body, or no body yet. */
  signatureType?: SignatureType | undefined;
  /** The `realm` of the Authorization header; it is not signed. */
  realm?: string | undefined;
  /** `oauth_callback` of a temporary credential request (RFC 5849 §2.1). */
  callback?: string | undefined;
  /** `oauth_verifier` of a token request (RFC 5849 §2.3). */
  verifier?: string | undefined;
  /** A fixed `oauth_nonce`, for tests. Default: a fresh random one. */
  nonce?: string | undefined;
  /** A fixed `oauth_timestamp`, for tests. Default: the seconds since the epoch. */
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

/**
 * Signs one OAuth 1.0a request. Send exactly what comes back: another URL, method or form body has
 * another signature. Bodies that are not forms are neither signed nor touched.
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
  const draft = await prepare(request, options);
  checkTransport(draft.url, options);
  const algorithm = signingAlgorithm(options.signatureMethod ?? 'HMAC-SHA1');
  const protocol = protocolParams(credentials, options);
  if (options.forceIncludeBody && draft.form === undefined) {
    protocol.push(['oauth_body_hash', await hashBody(draft.body, algorithm.digest)]);
  }
  const params = [...formDecode(draft.url.search.slice(1)), ...formDecode(draft.form ?? '')];
  refuseRepeats(params, protocol);
  const signed = { method: draft.method, url: draft.url, params: [...params, ...protocol] };
  const signature = await algorithm.sign(signatureBaseString(signed), credentials);
  return place(draft, [...protocol, ['oauth_signature', signature]], options);
}

async function prepare(request: RequestToSign, options: SignOptions): Promise<Draft> {
  if (!isToken(request.method)) {
    throw new OAuthError('invalid_options', 'The method to sign is no HTTP method.');
  }
  const url = parseUrl(request.url, 'URL to sign');
  const headers = toRecord(request.headers);
  const body = request.body ?? null;
  const contentType = headerOf(headers, 'content-type');
  const form = (await readForm(body, contentType)) ?? startForm(body, options);
  if (form !== undefined && contentType === undefined) {
    headers['Content-Type'] = formContentType;
  }
  checkSignatureType(options.signatureType ?? 'HEADER');
  return { method: request.method.toUpperCase(), url, headers, body, form };
}

/** With `BODY`, a request without a body gets a form of protocol parameters alone. */
function startForm(body: BodyInit | null, options: SignOptions): '' | undefined {
  return body === null && options.signatureType === 'BODY' ? '' : undefined;
}

function toRecord(headers: HeadersInit | undefined): Record<string, string> {
  const pairs = headers instanceof Headers || Array.isArray(headers);
  return Object.fromEntries(pairs ? new Headers(headers) : Object.entries(headers ?? {}));
}

function headerOf(headers: Record<string, string>, name: string): string | undefined {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

function checkTransport(url: URL, options: SignOptions): void {
  if (url.username || url.password) {
    throw new OAuthError('invalid_options', 'The URL to sign must be without user information.');
  }
  if (options.signatureMethod !== 'PLAINTEXT' || url.protocol === 'https:' || isLoopback(url)) {
    return;
  }
  throw new OAuthError(
    'insecure_transport',
    'PLAINTEXT sends the secrets themselves, so it needs an https URL (RFC 5849 §3.4.4). ' +
      'Use https, or an HMAC signature method.',
  );
}

/** The protocol parameters of RFC 5849 §3.1, without the signature. */
function protocolParams(credentials: SigningCredentials, options: SignOptions): Pair[] {
  if (typeof credentials.clientId !== 'string' || credentials.clientId === '') {
    throw new OAuthError('invalid_options', '"clientId" must be a non-empty string.');
  }
  const params: [string, string | undefined][] = [
    ['oauth_nonce', options.nonce ?? freshNonce()],
    ['oauth_timestamp', options.timestamp ?? String(nowSeconds())],
    ['oauth_version', options.oauthVersion === false ? undefined : '1.0'],
    ['oauth_signature_method', options.signatureMethod ?? 'HMAC-SHA1'],
    ['oauth_consumer_key', credentials.clientId],
    ['oauth_token', credentials.token],
    ['oauth_callback', options.callback],
    ['oauth_verifier', options.verifier],
  ];
  return params.filter((pair): pair is [string, string] => pair[1] !== undefined);
}

/**
 * Draws a nonce (RFC 5849 §3.3): 24 letters and digits, 142 bits. Some servers accept only letters
 * and digits, and only 20 to 30 of them.
 */
function freshNonce(): string {
  return randomToken(36).replace(/[-_]/g, '').slice(0, 24);
}

/** A protocol parameter occurs once in a request (RFC 5849 §3.1). */
function refuseRepeats(params: readonly Pair[], protocol: readonly Pair[]): void {
  const ours = [...protocol.map(([name]) => name), 'oauth_signature'];
  const repeated = ours.find((name) => params.some(([other]) => other === name));
  if (repeated === undefined) return;
  throw new OAuthError(
    'invalid_options',
    `The request's query or body already has "${repeated}", which signing adds. Leave it out.`,
  );
}

function place(draft: Draft, protocol: readonly Pair[], options: SignOptions): SignedRequest {
  const { method, url, headers, body } = draft;
  if (options.signatureType === 'QUERY') {
    return { method, url: withQuery(url, protocol).href, headers, body };
  }
  if (options.signatureType === 'BODY') return placeInBody(draft, protocol);
  const kept = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization');
  const header: Pair = ['Authorization', authorizationHeader(protocol, options.realm)];
  return { method, url: url.href, headers: Object.fromEntries([...kept, header]), body };
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
