import { OAuth, type OAuthOptions, type RegisterOptions } from '@oauth-registry/core';
import type { OAuth1Client } from '@oauth-registry/core/types';
import type { FakeProvider } from '../../support/provider/index.js';

/** Registers an OAuth 1.0a client of the provider, without a web framework. */
export function oauth1Client(
  provider: FakeProvider,
  options: Omit<RegisterOptions, 'requestTokenUrl'> = {},
  registry: OAuthOptions = {},
): OAuth1Client {
  const { request, authorize, access, api } = provider.oauth1;
  return new OAuth({ config: {}, ...registry }).register('club', {
    clientId: provider.settings.clientId,
    clientSecret: provider.settings.clientSecret,
    requestTokenUrl: request,
    authorizeUrl: authorize,
    accessTokenUrl: access,
    apiBaseUrl: api,
    userinfoEndpoint: `${api}/me`,
    ...options,
  }).club;
}
