import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Dribbble (OAuth 2). Tokens do not expire. */
export const dribbble: OAuth2Preset = oauth2Preset({
  provider: 'dribbble',
  displayName: 'Dribbble',
  brandColor: '#ea4c89',
  authorizeUrl: 'https://dribbble.com/oauth/authorize',
  accessTokenUrl: 'https://dribbble.com/oauth/token',
  userinfoEndpoint: 'https://api.dribbble.com/v2/user',
  apiBaseUrl: 'https://api.dribbble.com/v2/',
  scope: 'public',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.id',
    name: '$.name',
    nickname: '$.login',
    preferred_username: '$.login',
    email: '$.email',
    picture: '$.avatar_url',
    profile: '$.html_url',
  },
});
