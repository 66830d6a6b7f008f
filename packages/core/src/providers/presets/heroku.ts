import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Heroku (OAuth 2). */
export const heroku: OAuth2Preset = oauth2Preset({
  provider: 'heroku',
  displayName: 'Heroku',
  brandColor: '#430098',
  authorizeUrl: 'https://id.heroku.com/oauth/authorize',
  accessTokenUrl: 'https://id.heroku.com/oauth/token',
  userinfoEndpoint: 'https://api.heroku.com/account',
  apiBaseUrl: 'https://api.heroku.com/',
  scope: 'identity',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  headers: {
    api: {
      accept: 'application/vnd.heroku+json; version=3',
    },
  },
  profile: {
    sub: '$.id',
    name: '$.name',
    email: '$.email',
    email_verified: 'bool:$.verified',
  },
});
