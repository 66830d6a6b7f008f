import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Oura (OAuth 2). Refresh tokens are used once. */
export const oura: OAuth2Preset = oauth2Preset({
  provider: 'oura',
  displayName: 'Oura',
  brandColor: '#2f4a73',
  authorizeUrl: 'https://cloud.ouraring.com/oauth/authorize',
  accessTokenUrl: 'https://api.ouraring.com/oauth/token',
  userinfoEndpoint: 'https://api.ouraring.com/v2/usercollection/personal_info',
  revocationEndpoint: 'https://api.ouraring.com/oauth/revoke',
  apiBaseUrl: 'https://api.ouraring.com/v2/',
  scope: 'email personal',
  tokenEndpointAuthMethod: 'client_secret_post',
  revocation: {
    method: 'GET',
    token: 'access_token',
    auth: 'none',
    only: 'access_token',
  },
  profile: {
    sub: '$.id',
    name: '$.email',
    email: '$.email',
    gender: '$.biological_sex',
  },
});
