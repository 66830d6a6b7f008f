import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** ClickUp (OAuth 2). It has no scopes, and tokens do not expire. */
export const clickup: OAuth2Preset = oauth2Preset({
  provider: 'clickup',
  displayName: 'ClickUp',
  brandColor: '#7b68ee',
  authorizeUrl: 'https://app.clickup.com/api',
  accessTokenUrl: 'https://api.clickup.com/api/v2/oauth/token',
  userinfoEndpoint: 'https://api.clickup.com/api/v2/user',
  apiBaseUrl: 'https://api.clickup.com/api/v2/',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.user.id',
    name: '$.user.username',
    email: '$.user.email',
    picture: '$.user.profilePicture',
  },
});
