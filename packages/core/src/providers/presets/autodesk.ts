import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Autodesk Platform Services (OpenID Connect). Refresh tokens are used once. */
export const autodesk: OAuth2Preset = oauth2Preset({
  provider: 'autodesk',
  displayName: 'Autodesk',
  brandColor: '#000000',
  authorizeUrl: 'https://developer.api.autodesk.com/authentication/v2/authorize',
  accessTokenUrl: 'https://developer.api.autodesk.com/authentication/v2/token',
  userinfoEndpoint: 'https://api.userprofile.autodesk.com/userinfo',
  revocationEndpoint: 'https://developer.api.autodesk.com/authentication/v2/revoke',
  introspectionEndpoint: 'https://developer.api.autodesk.com/authentication/v2/introspect',
  apiBaseUrl: 'https://developer.api.autodesk.com/',
  scope: 'openid user-profile:read',
  tokenEndpointAuthMethod: 'client_secret_basic',
  issuer: 'https://developer.api.autodesk.com',
  serverMetadataUrl: 'https://developer.api.autodesk.com/.well-known/openid-configuration',
  profile: standardClaims,
});
