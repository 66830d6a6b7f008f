import { OAuth, type OAuth2Token, type RegisterOptions } from '@oauth-registry/core';
import type { OAuth2Client } from '@oauth-registry/core/types';
import { redirectUri } from '../../support/login.js';
import { Browser } from '../../support/browser.js';
import type { FakeProvider } from '../../support/provider/index.js';

/** A client of the provider, as a suite registers it. */
export function clientOf(p: FakeProvider, more: RegisterOptions = {}): OAuth2Client {
  const { clientId, clientSecret } = p.settings;
  p.settings.redirectUris = [redirectUri];
  p.settings.responseTypes = [more.responseType ?? 'code'];
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
