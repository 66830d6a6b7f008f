import { standardClaims } from '../definition/claims.js';
import { auth0 as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Auth0 (OpenID Connect). An access token for your API needs its `audience` in `authorizeParams`.
 */
export const auth0: OAuth2Preset<'domain'> = oauth2Preset({
  provider: 'auth0',
  displayName: 'Auth0',
  brandColor: '#eb5424',
  mark,
  urlVariables: { domain: { ask: 'Your Auth0 domain', example: 'example.eu.auth0.com' } },
  issuer: 'https://{domain}/',
  serverMetadataUrl: 'https://{domain}/.well-known/openid-configuration',
  authorizeUrl: 'https://{domain}/authorize',
  accessTokenUrl: 'https://{domain}/oauth/token',
  userinfoEndpoint: 'https://{domain}/userinfo',
  apiBaseUrl: 'https://{domain}/api/v2/',
  revocationEndpoint: 'https://{domain}/oauth/revoke',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: standardClaims,
});
