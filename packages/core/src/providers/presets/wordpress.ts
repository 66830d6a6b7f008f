import { wordpress as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * WordPress.com (OAuth 2). Tokens do not expire. Scope `auth` is for sign-in, `global` for all of
 * a user’s sites.
 */
export const wordpress: OAuth2Preset = oauth2Preset({
  provider: 'wordpress',
  displayName: 'WordPress.com',
  brandColor: '#21759b',
  mark,
  authorizeUrl: 'https://public-api.wordpress.com/oauth2/authorize',
  accessTokenUrl: 'https://public-api.wordpress.com/oauth2/token',
  userinfoEndpoint: 'https://public-api.wordpress.com/rest/v1.1/me',
  apiBaseUrl: 'https://public-api.wordpress.com/rest/v1.1/',
  scope: 'auth',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.ID',
    name: '$.display_name',
    nickname: '$.username',
    preferred_username: '$.username',
    email: '$.email',
    email_verified: '$.email_verified',
    picture: '$.avatar_URL',
    profile: '$.profile_URL',
    locale: '$.language',
  },
});
