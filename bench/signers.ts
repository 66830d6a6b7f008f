import { createHmac, randomUUID } from 'node:crypto';
import { signRequest } from '@oauth-registry/core/oauth1';
import nodeOAuth from 'oauth';
import OAuth10a from 'oauth-1.0a';
import oauthSign from 'oauth-sign';
import { signByHand } from './sign-by-hand.js';

/** A request to an API, with a query or a form. */
export interface ApiRequest {
  method: string;
  url: string;
  body?: URLSearchParams;
}

/** Requests as clients send them all day. */
export const requests = {
  GET: {
    method: 'GET',
    url: 'https://api.example.com/1.1/statuses/user_timeline.json?screen_name=someone&count=50&q=hello%20world',
  },
  POST: {
    method: 'POST',
    url: 'https://api.example.com/1.1/statuses/update.json?include_entities=true',
    body: new URLSearchParams({
      status: 'Hello Ladies + Gentlemen, a signed request!',
      lang: 'en',
    }),
  },
} as const satisfies Record<string, ApiRequest>;

export const credentials = {
  clientId: 'xvz1evFS4wEEPTGEFPHBog',
  clientSecret: 'kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw',
  token: '370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb',
  tokenSecret: 'LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE',
};

/** Signs a request with a fresh nonce; returns its Authorization header, or has it among its headers. */
export type Signer = (request: ApiRequest) => string | Promise<{ headers: Record<string, string> }>;

const { clientId, clientSecret, token, tokenSecret } = credentials;

const oauth10a = new OAuth10a({
  consumer: { key: clientId, secret: clientSecret },
  signature_method: 'HMAC-SHA1',
  hash_function: (text, key) => createHmac('sha1', key).update(text).digest('base64'),
});

function oauth10aHeader({ method, url, body }: ApiRequest): string {
  const request = { method, url, ...(body ? { data: Object.fromEntries(body) } : {}) };
  const signed = oauth10a.authorize(request, { key: token, secret: tokenSecret });
  return oauth10a.toHeader(signed).Authorization;
}

function oauthSignHeader({ method, url, body }: ApiRequest): string {
  const { origin, pathname, searchParams } = new URL(url);
  const protocol: Record<string, string> = {
    oauth_consumer_key: clientId,
    oauth_nonce: randomUUID(),
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: String(Math.floor(Date.now() / 1000)),
    oauth_token: token,
    oauth_version: '1.0',
  };
  const params = Object.fromEntries([...searchParams, ...(body ?? [])]);
  const uri = origin + pathname;
  const all = { ...params, ...protocol };
  const signature = oauthSign.hmacsign(method, uri, all, clientSecret, tokenSecret);
  const fields = Object.entries({ ...protocol, oauth_signature: signature });
  return `OAuth ${fields.map(([name, value]) => `${name}="${oauthSign.rfc3986(value)}"`).join(', ')}`;
}

const oauth = new nodeOAuth.OAuth('', '', clientId, clientSecret, '1.0', null, 'HMAC-SHA1');

/** The base of the ratios. */
export const byHand = 'by hand';

/** What signs requests: by hand, this library, and others. */
export const signers: Readonly<Record<string, Signer>> = {
  [byHand]: (request) => signByHand(request, credentials),
  'oauth-registry': (request) => signRequest(request, credentials),
  'oauth-1.0a': oauth10aHeader,
  'oauth-sign': oauthSignHeader,
  oauth: ({ url, method }) => oauth.authHeader(url, token, tokenSecret, method),
};

/** Signers that sign no form by themselves. */
export const onlyQueries: ReadonlySet<string> = new Set(['oauth']);
