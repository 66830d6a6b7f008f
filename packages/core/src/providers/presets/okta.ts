import { standardClaims } from '../definition/claims.js';
import { okta as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Okta (OpenID Connect). `authorizationServer` is the id of a custom server. A refresh token comes
 * with `offline_access`.
 */
export const okta: OAuth2Preset<'domain' | 'authorizationServer'> = oauth2Preset({
  provider: 'okta',
  displayName: 'Okta',
  brandColor: '#007dc1',
  mark,
  urlVariables: {
    domain: { ask: 'Your Okta domain', example: 'example.okta.com' },
    authorizationServer: { default: 'default' },
  },
  issuer: 'https://{domain}/oauth2/{authorizationServer}',
  serverMetadataUrl:
    'https://{domain}/oauth2/{authorizationServer}/.well-known/openid-configuration',
  authorizeUrl: 'https://{domain}/oauth2/{authorizationServer}/v1/authorize',
  accessTokenUrl: 'https://{domain}/oauth2/{authorizationServer}/v1/token',
  userinfoEndpoint: 'https://{domain}/oauth2/{authorizationServer}/v1/userinfo',
  apiBaseUrl: 'https://{domain}/api/v1/',
  revocationEndpoint: 'https://{domain}/oauth2/{authorizationServer}/v1/revoke',
  endSessionEndpoint: 'https://{domain}/oauth2/{authorizationServer}/v1/logout',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_basic',
  profile: standardClaims,
});
