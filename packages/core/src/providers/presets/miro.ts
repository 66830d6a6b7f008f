import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Miro (OAuth 2). Scopes are chosen at the application. */
export const miro: OAuth2Preset = oauth2Preset({
  provider: 'miro',
  displayName: 'Miro',
  brandColor: '#ffd02f',
  authorizeUrl: 'https://miro.com/oauth/authorize',
  accessTokenUrl: 'https://api.miro.com/v1/oauth/token',
  userinfoEndpoint: 'https://api.miro.com/v1/users/me',
  apiBaseUrl: 'https://api.miro.com/v2/',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.id | token.user_id',
    name: '$.name',
    email: '$.email',
    picture: '$.picture.imageURL',
  },
});
