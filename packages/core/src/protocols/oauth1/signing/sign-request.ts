import { anything, flag, functions, shape } from '../../../platform/validators.js';
import { isToken, parseUrl } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import { isLoopback } from '../../../platform/http/address-policy.js';
import { checkArguments, optional, required, takes } from '../../../platform/arguments.js';
import type { Awaitable } from '../../../model/types.js';
import {
  appendParams,
  authorizationHeader,
  checkSignatureType,
  withEncodedQuery,
} from './placement.js';
import { defaultMethod, protocolParams, refuseRepeats } from './parameters.js';
import { formContentType, hashBody, signedFormText } from './body.js';
import type { RequestToSign, SignedRequest, SigningCredentials, SignOptions } from './types.js';
import { digestOf, findMethod } from './methods.js';
import { encodedBaseString, formEncoded, percentEncode, type Pair } from './base-string.js';

/**
 * Validates the arguments. Members accepted as anything here have their own error message later.
 */
const signArguments = takes(
  undefined,
  required(
    'request',
    shape<RequestToSign>({ method: anything, url: anything, headers: anything, body: anything }),
  ),
  required(
    'credentials',
    shape<SigningCredentials>({
      clientId: anything,
      clientSecret: anything,
      token: anything,
      tokenSecret: anything,
      rsaKey: anything,
    }),
  ),
  optional(
    'options',
    shape<SignOptions>({
      signatureMethod: anything,
      signatureMethods: functions,
      signatureType: anything,
      realm: anything,
      callback: anything,
      verifier: anything,
      protocolParams: anything,
      nonce: anything,
      timestamp: anything,
      forceIncludeBody: flag,
      oauthVersion: flag,
    }),
  ),
);

/** A parsed request, before signing. */
interface Draft {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: BodyInit | null;
  /** The text of a form body. */
  form: string | undefined;
}

/**
 * Signs one OAuth 1.0a request. Send the returned request unchanged: another URL, method or form
 * body would need another signature. Bodies that are not forms are neither signed nor changed.
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
  checkArguments({ verb: 'signRequest' }, signArguments, [request, credentials, options]);
  return sign(request, credentials, options);
}

/** Signs a request whose options are already validated. */
export async function sign(
  request: RequestToSign,
  credentials: SigningCredentials,
  options: SignOptions,
): Promise<SignedRequest> {
  const { signatureMethod = defaultMethod, signatureMethods, forceIncludeBody } = options;
  const signText = findMethod(signatureMethod, signatureMethods);
  checkSignatureType(options.signatureType ?? 'HEADER');
  const preparing = prepare(request, options);
  const draft = preparing instanceof Promise ? await preparing : preparing;
  checkTransport(draft.url, signatureMethod);
  const protocol = protocolParams(credentials, options);
  if (forceIncludeBody && draft.form === undefined) {
    const hash = await hashBody(draft.body, digestOf(signatureMethod));
    protocol.push(['oauth_body_hash', percentEncode(hash)]);
  }
  const params = [...formEncoded(draft.url.search.slice(1)), ...formEncoded(draft.form ?? '')];
  refuseRepeats(params, protocol);
  const { method, url } = draft;
  const baseString = encodedBaseString({ method, url, params: [...params, ...protocol] });
  const { clientSecret = '', tokenSecret = '', rsaKey } = credentials;
  const signing = signText(baseString, { clientSecret, tokenSecret, rsaKey });
  const signature = typeof signing === 'string' ? signing : await signing;
  protocol.push(['oauth_signature', percentEncode(checkSignature(signature))]);
  return placeProtocolParams(draft, protocol, options);
}

/** Asynchronous only if a body must be read; most requests are signed synchronously. */
function prepare(request: RequestToSign, options: SignOptions): Awaitable<Draft> {
  if (!isToken(request.method)) {
    throw new OAuthError(
      'invalid_options',
      'The "method" of the request to sign is not an HTTP method. Pass one such as "GET" or "POST".',
    );
  }
  const method = request.method.toUpperCase();
  // Copied, because the caller may change its URL during the wait.
  const url = parseUrl(String(request.url), 'URL to sign');
  const headers = toRecord(request.headers);
  refuseSigned(headers);
  const body = request.body ?? null;
  const contentType = headerOf(headers, 'content-type');
  const finish = (read: string | undefined): Draft => {
    const form = read ?? startForm(body, options);
    if (form !== undefined && contentType === undefined) headers['Content-Type'] = formContentType;
    return { method, url, headers, body, form };
  };
  const reading = signedFormText(body, contentType);
  return reading instanceof Promise ? reading.then(finish) : finish(reading);
}

/** With `BODY`, a request without a body gets a form that holds only protocol parameters. */
function startForm(body: BodyInit | null, { signatureType }: SignOptions): '' | undefined {
  return body === null && signatureType === 'BODY' ? '' : undefined;
}

function toRecord(headers: HeadersInit | undefined): Record<string, string> {
  const pairs = headers instanceof Headers || Array.isArray(headers);
  return pairs ? Object.fromEntries(new Headers(headers)) : { ...headers };
}

function headerOf(headers: Record<string, string>, name: string): string | undefined {
  const key = Object.keys(headers).find((given) => given.toLowerCase() === name);
  return key === undefined ? undefined : headers[key];
}

/** Rejects a request that already has an OAuth `Authorization` header (RFC 5849 §3.5). */
function refuseSigned(headers: Record<string, string>): void {
  if (!/^\s*oauth(?:\s|$)/i.test(headerOf(headers, 'authorization') ?? '')) return;
  throw new OAuthError(
    'invalid_options',
    'The request already has an "Authorization: OAuth" header, and a request has only one ' +
      'signature (RFC 5849 §3.5). Remove the header.',
  );
}

function checkTransport(url: URL, method: string): void {
  if (url.username || url.password) {
    throw new OAuthError(
      'invalid_options',
      'The URL to sign has user information (name:password@). Remove it.',
    );
  }
  if (method !== 'PLAINTEXT' || url.protocol === 'https:' || isLoopback(url)) return;
  throw new OAuthError(
    'insecure_transport',
    'PLAINTEXT sends the secrets themselves, so it requires an https URL (RFC 5849 §3.4.4). ' +
      'Use https, or an HMAC signature method.',
  );
}

/** Validates the result of a custom signature method. */
function checkSignature(signature: unknown): string {
  if (typeof signature === 'string' && signature !== '') return signature;
  throw new OAuthError(
    'invalid_options',
    'The function in "signatureMethods" must return the signature as a non-empty string.',
  );
}

function placeProtocolParams(
  draft: Draft,
  protocol: readonly Pair[],
  options: SignOptions,
): SignedRequest {
  const { method, url, headers, body } = draft;
  if (options.signatureType === 'QUERY') {
    return { method, url: withEncodedQuery(url, protocol).href, headers, body };
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
      'signatureType "BODY" requires a method with a body and a form body (RFC 5849 ' +
        '§3.5.2). Use "HEADER" for this request.',
    );
  }
  return { method, url: url.href, headers, body: appendParams(form, protocol) };
}
