import { standardClaims } from '../definition/claims.js';
import { authentik as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * authentik (OpenID Connect). The issuer carries the slug of the application; the endpoints do
 * not.
 */
export const authentik: OAuth2Preset<'host' | 'slug'> = oauth2Preset({
  provider: 'authentik',
  displayName: 'authentik',
  brandColor: '#fd4b2d',
  mark,
  urlVariables: { host: {}, slug: {} },
  issuer: 'https://{host}/application/o/{slug}/',
  serverMetadataUrl: 'https://{host}/application/o/{slug}/.well-known/openid-configuration',
  authorizeUrl: 'https://{host}/application/o/authorize/',
  accessTokenUrl: 'https://{host}/application/o/token/',
  userinfoEndpoint: 'https://{host}/application/o/userinfo/',
  apiBaseUrl: 'https://{host}/api/v3/',
  revocationEndpoint: 'https://{host}/application/o/revoke/',
  endSessionEndpoint: 'https://{host}/application/o/{slug}/end-session/',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_basic',
  profile: standardClaims,
});
