import oauthSign from 'oauth-sign';
import { clientSecret } from './apps/preset.js';
import type { WireRequest } from './wire.js';

/** The protocol parameters of a signed request. */
export function oauthOf({ headers }: WireRequest): Record<string, string> {
  const fields = (headers['authorization'] ?? '').matchAll(/(\w+)="([^"]*)"/g);
  return Object.fromEntries(
    [...fields].map(([, name = '', value = '']) => [name, decodeURIComponent(value)]),
  );
}

/** Whether a request is signed as RFC 5849 §3.4 says, by a library that is not ours. */
export function isSigned(request: WireRequest, tokenSecret = ''): boolean {
  const { method, url, form } = request;
  const { oauth_signature: signature, realm: _, ...oauth } = oauthOf(request);
  const params = { ...Object.fromEntries([...url.searchParams, ...form]), ...oauth };
  const base = url.origin + url.pathname;
  return oauthSign.hmacsign(method, base, params, clientSecret, tokenSecret) === signature;
}
