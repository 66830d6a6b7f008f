import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Yahoo (OpenID Connect). What may be read is configured at the application. */
export const yahoo: OAuth2Preset = oauth2Preset({
  provider: 'yahoo',
  displayName: 'Yahoo',
  brandColor: '#6001d2',
  issuer: 'https://api.login.yahoo.com',
  serverMetadataUrl: 'https://api.login.yahoo.com/.well-known/openid-configuration',
  authorizeUrl: 'https://api.login.yahoo.com/oauth2/request_auth',
  accessTokenUrl: 'https://api.login.yahoo.com/oauth2/get_token',
  userinfoEndpoint: 'https://api.login.yahoo.com/openid/v1/userinfo',
  apiBaseUrl: 'https://api.login.yahoo.com/',
  revocationEndpoint: 'https://api.login.yahoo.com/oauth2/revoke',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_basic',
  profile: standardClaims,
});
