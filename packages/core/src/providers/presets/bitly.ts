import { bitly as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Bitly (OAuth 2). There are no scopes, and tokens do not expire. */
export const bitly: OAuth2Preset = oauth2Preset({
  provider: 'bitly',
  displayName: 'Bitly',
  brandColor: '#ee6123',
  mark,
  authorizeUrl: 'https://bitly.com/oauth/authorize',
  accessTokenUrl: 'https://api-ssl.bitly.com/oauth/access_token',
  userinfoEndpoint: 'https://api-ssl.bitly.com/v4/user',
  apiBaseUrl: 'https://api-ssl.bitly.com/v4/',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.login',
    name: '$.name',
    preferred_username: '$.login',
    email: '$.emails[?is_primary].email',
    email_verified: '$.emails[?is_primary].is_verified',
  },
});
