import { createHmac, randomUUID } from 'node:crypto';

/** A request to sign. */
export interface RequestByHand {
  method: string;
  url: string;
  /** A form. */
  body?: URLSearchParams;
}

/** The credentials of an OAuth 1.0a request. */
export interface CredentialsByHand {
  clientId: string;
  clientSecret: string;
  token?: string;
  tokenSecret?: string;
}

/**
 * Signs a request as an application does that needs nothing else: HMAC-SHA1, in the Authorization header,
 * without a check of what it is given (RFC 5849 §3.4).
 */
export function signByHand(
  { method, url, body }: RequestByHand,
  { clientId, clientSecret, token, tokenSecret = '' }: CredentialsByHand,
  more: Readonly<Record<string, string>> = {},
): string {
  const { origin, pathname, search } = new URL(url);
  const protocol: [string, string][] = [
    ['oauth_consumer_key', encode(clientId)],
    ['oauth_nonce', randomUUID()],
    ['oauth_signature_method', 'HMAC-SHA1'],
    ['oauth_timestamp', String(Math.floor(Date.now() / 1000))],
    ['oauth_version', '1.0'],
  ];
  if (token !== undefined) protocol.push(['oauth_token', encode(token)]);
  for (const [name, value] of Object.entries(more)) protocol.push([name, encode(value)]);
  const params = [...protocol];
  for (const [name, value] of new URLSearchParams(search)) {
    params.push([encode(name), encode(value)]);
  }
  for (const [name, value] of body ?? []) params.push([encode(name), encode(value)]);
  params.sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : 1));
  const normalized = params.map(([name, value]) => `${name}=${value}`).join('&');
  const base = `${method}&${encode(origin + pathname)}&${encodeURIComponent(normalized)}`;
  const key = `${encode(clientSecret)}&${encode(tokenSecret)}`;
  const signature = createHmac('sha1', key).update(base).digest('base64');
  protocol.push(['oauth_signature', encodeURIComponent(signature)]);
  return `OAuth ${protocol.map(([name, value]) => `${name}="${value}"`).join(', ')}`;
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
