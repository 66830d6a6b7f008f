import type { RegisterOptions } from '@oauth-registry/core';
import type { FakeProvider } from '../support/provider/index.js';

/** The clients of a check that names none: every protocol, and a second provider. */
export function standardClients(p: FakeProvider, q: FakeProvider): Record<string, RegisterOptions> {
  return {
    openid: openidClient(p),
    posted: openidClient(p, { responseMode: 'form_post' }),
    plain: plainClient(p),
    one: oauth1Client(p),
    other: openidClient(q),
  };
}

/** Registers a provider as an OpenID Connect one. */
export function openidClient(provider: FakeProvider, more: RegisterOptions = {}): RegisterOptions {
  return {
    ...credentials(provider),
    serverMetadataUrl: provider.metadataUrl,
    scope: 'openid email',
    apiBaseUrl: `${provider.base}/api`,
    ...more,
  };
}

/** Registers a provider as a plain OAuth 2 one, by hand. */
export function plainClient(provider: FakeProvider, more: RegisterOptions = {}): RegisterOptions {
  return {
    ...credentials(provider),
    authorizeUrl: `${provider.base}/authorize`,
    accessTokenUrl: `${provider.base}/token`,
    userinfoEndpoint: `${provider.base}/userinfo`,
    apiBaseUrl: `${provider.base}/api`,
    scope: 'read',
    ...more,
  };
}

/** Registers a provider as an OAuth 1.0a one. */
export function oauth1Client(provider: FakeProvider, more: RegisterOptions = {}): RegisterOptions {
  const { request, authorize, access, api } = provider.oauth1;
  return {
    ...credentials(provider),
    requestTokenUrl: request,
    authorizeUrl: authorize,
    accessTokenUrl: access,
    apiBaseUrl: api,
    userinfoEndpoint: `${api}/me`,
    ...more,
  };
}

function credentials({ settings }: FakeProvider): RegisterOptions {
  return { clientId: settings.clientId, clientSecret: settings.clientSecret };
}
