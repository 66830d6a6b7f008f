import { createHash, randomBytes } from 'node:crypto';
import type { FakeProvider } from './server.js';

/** A login by hand, for tests of the provider itself: no client library is involved. */
export interface HandLogin {
  verifier: string;
  redirectUri: string;
  callback: URLSearchParams;
}

/** The parameters of a valid authorization request, and their code verifier. */
export function authorizationParams(
  provider: FakeProvider,
  changes: Record<string, string> = {},
): { verifier: string; params: URLSearchParams } {
  const verifier = randomBytes(32).toString('base64url');
  const params = new URLSearchParams({
    response_type: 'code',
    client_id: provider.settings.clientId,
    redirect_uri: 'http://127.0.0.1:9/callback?a=1',
    scope: 'openid email',
    state: 'a-state',
    nonce: 'a-nonce',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...changes,
  });
  return { verifier, params };
}

/** Goes to `/authorize` and reads the callback. */
export async function authorizeByHand(
  provider: FakeProvider,
  changes: Record<string, string> = {},
): Promise<HandLogin> {
  const { verifier, params } = authorizationParams(provider, changes);
  const response = await fetch(`${provider.base}/authorize?${params}`, { redirect: 'manual' });
  const location = response.headers.get('location');
  if (location === null)
    throw new Error(`No redirect: ${response.status} ${await response.text()}`);
  const redirectUri = params.get('redirect_uri') ?? '';
  return { verifier, redirectUri, callback: new URL(location).searchParams };
}

/** Sends a form to the token endpoint with HTTP Basic. */
export function postToken(
  provider: FakeProvider,
  fields: Record<string, string>,
  headers: Record<string, string> = { authorization: basic(provider) },
): Promise<Response> {
  const body = new URLSearchParams(fields);
  return fetch(`${provider.base}/token`, { method: 'POST', body, headers, redirect: 'manual' });
}

/** Redeems the code of a login. */
export function redeemByHand(
  provider: FakeProvider,
  { callback, redirectUri, verifier }: HandLogin,
  changes: Record<string, string> = {},
): Promise<Response> {
  const code = callback.get('code') ?? '';
  const fields = { grant_type: 'authorization_code', code, redirect_uri: redirectUri };
  return postToken(provider, { ...fields, code_verifier: verifier, ...changes });
}

/** HTTP Basic with form-encoded halves (RFC 6749 §2.3.1). */
export function basic({ settings }: FakeProvider): string {
  const encode = (text: string) => new URLSearchParams({ '': text }).toString().slice(1);
  const pair = `${encode(settings.clientId)}:${encode(settings.clientSecret)}`;
  return `Basic ${btoa(pair)}`;
}
