import {
  OAuth,
  type OAuth2Client,
  type OAuth2Token,
  type RegisterOptions,
  type ResponseType,
} from '@oauth-registry/core';
import { redirectUri } from '../core/script.js';
import { Browser } from '../browser.js';
import type { FakeProvider, IdTokenHook } from '../provider/index.js';

/** The response types of a certification plan. */
export const plans: Readonly<Record<'implicit' | 'hybrid', readonly ResponseType[]>> = {
  implicit: ['id_token', 'id_token token'],
  hybrid: ['code id_token', 'code token', 'code id_token token'],
};

/** A client of the provider, as a suite registers it. */
export function clientOf(p: FakeProvider, more: RegisterOptions = {}): OAuth2Client {
  const { clientId, clientSecret } = p.settings;
  const options = { clientId, clientSecret, issuer: p.issuer, scope: 'openid email' };
  return new OAuth({ config: {} }).register('suite', { ...options, ...more }).suite;
}

/** Logs a person in, however the answer travels. */
export async function logIn(client: OAuth2Client): Promise<OAuth2Token> {
  const request = await client.createAuthorizationUrl(redirectUri);
  const until = (url: URL): boolean => url.href.startsWith(redirectUri);
  const { pending } = await new Browser().follow(request.url, { until });
  if (!pending) throw new Error('There was no callback.');
  const fragment = new URLSearchParams(pending.url.hash.slice(1));
  const query = pending.url.searchParams;
  return await client.fetchAccessToken(
    pending.form ?? (fragment.size > 0 ? fragment : query),
    request,
  );
}

/** An id_token with other claims, wherever it is issued; `undefined` leaves one out. */
export const claims =
  (change: (right: Record<string, unknown>) => Record<string, unknown>): IdTokenHook =>
  ({ claims: right, sign }) =>
    sign({ ...right, ...change(right) });

export const plusOne = (name: string): IdTokenHook =>
  claims((right) => ({ [name]: `${String(right[name])}1` }));

export const without = (name: string): IdTokenHook => claims(() => ({ [name]: undefined }));

/** Every byte of the signature XOR 0x5A, as the suite does it. */
export const badSignature: IdTokenHook = ({ sign }) => {
  const [header, payload, signature = ''] = sign().split('.');
  const bytes = Buffer.from(signature, 'base64url').map((byte) => byte ^ 0x5a);
  return [header, payload, Buffer.from(bytes).toString('base64url')].join('.');
};

export const noKid: IdTokenHook = ({ claims: right, sign }) => sign(right, { alg: 'RS256' });
