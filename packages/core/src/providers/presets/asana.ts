import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Asana (OAuth 2). */
export const asana: OAuth2Preset = oauth2Preset({
  provider: 'asana',
  displayName: 'Asana',
  brandColor: '#f06a6a',
  authorizeUrl: 'https://app.asana.com/-/oauth_authorize',
  accessTokenUrl: 'https://app.asana.com/-/oauth_token',
  userinfoEndpoint: 'https://app.asana.com/api/1.0/users/me',
  revocationEndpoint: 'https://app.asana.com/-/oauth_revoke',
  apiBaseUrl: 'https://app.asana.com/api/1.0/',
  scope: 'default',
  tokenEndpointAuthMethod: 'client_secret_post',
  revocation: {
    only: 'refresh_token',
  },
  profile: {
    sub: '$.data.gid',
    name: '$.data.name',
    email: '$.data.email',
    picture: '$.data.photo.image_128x128 | $.data.photo.image_60x60',
  },
});
