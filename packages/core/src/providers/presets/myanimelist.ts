import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** MyAnimeList (OAuth 2). PKCE is `plain`, the only method it accepts. There is no email. */
export const myanimelist: OAuth2Preset = oauth2Preset({
  provider: 'myanimelist',
  displayName: 'MyAnimeList',
  brandColor: '#2e51a2',
  authorizeUrl: 'https://myanimelist.net/v1/oauth2/authorize',
  accessTokenUrl: 'https://myanimelist.net/v1/oauth2/token',
  userinfoEndpoint: 'https://api.myanimelist.net/v2/users/@me',
  apiBaseUrl: 'https://api.myanimelist.net/v2/',
  pkce: 'plain',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.id',
    name: '$.name',
    preferred_username: '$.name',
    picture: '$.picture',
    gender: '$.gender',
    birthdate: '$.birthday',
  },
});
