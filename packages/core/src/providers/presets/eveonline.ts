import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * EVE Online (OAuth 2). The user is a character: the claims are those of the access token, a verified JWT.
 * There is no email.
 */
export const eveonline: OAuth2Preset = oauth2Preset({
  provider: 'eveonline',
  displayName: 'EVE Online',
  brandColor: '#000000',
  // The server uses both.
  issuer: ['https://login.eveonline.com', 'login.eveonline.com'],
  authorizeUrl: 'https://login.eveonline.com/v2/oauth/authorize',
  accessTokenUrl: 'https://login.eveonline.com/v2/oauth/token',
  jwksUri: 'https://login.eveonline.com/oauth/jwks',
  apiBaseUrl: 'https://esi.evetech.net/',
  revocationEndpoint: 'https://login.eveonline.com/v2/oauth/revoke',
  scope: 'publicData',
  tokenEndpointAuthMethod: 'client_secret_basic',
  userinfo: { from: 'access_token', audience: ['{client_id}', 'EVE Online'] },
  profile: { sub: '$.sub', name: '$.name', nickname: '$.name' },
});
