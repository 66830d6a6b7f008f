import { createHmac, randomUUID } from 'node:crypto';
import { signRequest } from '@oauth-registry/core/oauth1';
import nodeOAuth from 'oauth';
import OAuth10a from 'oauth-1.0a';
import oauthSign from 'oauth-sign';

/** A request to an API as clients make them all day. */
export const request = {
  method: 'GET',
  url: 'https://api.example.com/1.1/statuses/user_timeline.json?screen_name=someone&count=50&q=hello%20world',
};

export const credentials = {
  clientId: 'xvz1evFS4wEEPTGEFPHBog',
  clientSecret: 'kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw',
  token: '370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb',
  tokenSecret: 'LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE',
};

/** Signs the request with a fresh nonce; returns its Authorization header, or has it among its headers. */
type Signer = () => string | Promise<{ headers: Record<string, string> }>;

const { clientId, clientSecret, token, tokenSecret } = credentials;

const oauth10a = new OAuth10a({
  consumer: { key: clientId, secret: clientSecret },
  signature_method: 'HMAC-SHA1',
  hash_function: (text, key) => createHmac('sha1', key).update(text).digest('base64'),
});

function oauth10aHeader(): string {
  const signed = oauth10a.authorize({ ...request }, { key: token, secret: tokenSecret });
  return oauth10a.toHeader(signed).Authorization;
}

function oauthSignHeader(): string {
  const { origin, pathname, searchParams } = new URL(request.url);
  const protocol: Record<string, string> = {
    oauth_consumer_key: clientId,
    oauth_nonce: randomUUID(),
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: String(Math.floor(Date.now() / 1000)),
    oauth_token: token,
    oauth_version: '1.0',
  };
  const params = { ...Object.fromEntries(searchParams), ...protocol };
  const { method } = request;
  const uri = origin + pathname;
  const signature = oauthSign.hmacsign(method, uri, params, clientSecret, tokenSecret);
  const fields = Object.entries({ ...protocol, oauth_signature: signature });
  return `OAuth ${fields.map(([name, value]) => `${name}="${oauthSign.rfc3986(value)}"`).join(', ')}`;
}

const oauth = new nodeOAuth.OAuth('', '', clientId, clientSecret, '1.0', null, 'HMAC-SHA1');

function oauthHeader(): string {
  return oauth.authHeader(request.url, token, tokenSecret, request.method);
}

/** The libraries that sign OAuth 1.0a requests, this one first. */
export const signers: Readonly<Record<string, Signer>> = {
  'oauth-registry': () => signRequest(request, credentials),
  'oauth-1.0a': oauth10aHeader,
  'oauth-sign': oauthSignHeader,
  oauth: oauthHeader,
};

const key = `${clientSecret}&${tokenSecret}`;
const values = [...new URL(request.url).searchParams.values(), 'HMAC-SHA1', '1.0', clientId, token];

/**
 * What no signer gets around: every value is percent-encoded, then the parameters together and the
 * address, then comes the HMAC, and its value is encoded for the header.
 */
export function bareMinimum(normalized: string): string {
  const nonce = randomUUID();
  const encoded = [nonce, String(Date.now()), ...values].map(encodeURIComponent);
  const address = encodeURIComponent('https://api.example.com/1.1/statuses/user_timeline.json');
  const base = `GET&${address}&${encodeURIComponent(normalized)}`;
  const signature = createHmac('sha1', key).update(base).digest('base64');
  return `${encoded.join(', ')}, ${encodeURIComponent(signature)}`;
}
