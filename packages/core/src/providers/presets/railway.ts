import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Railway (OpenID Connect). */
export const railway: OAuth2Preset = oauth2Preset({
  provider: 'railway',
  displayName: 'Railway',
  brandColor: '#0b0d0e',
  authorizeUrl: 'https://backboard.railway.com/oauth/auth',
  accessTokenUrl: 'https://backboard.railway.com/oauth/token',
  userinfoEndpoint: 'https://backboard.railway.com/oauth/me',
  apiBaseUrl: 'https://backboard.railway.com/graphql/v2',
  tokenEndpointAuthMethod: 'client_secret_basic',
  issuer: 'https://backboard.railway.com',
  serverMetadataUrl: 'https://backboard.railway.com/.well-known/openid-configuration',
  scope: 'openid profile email',
  profile: standardClaims,
});
