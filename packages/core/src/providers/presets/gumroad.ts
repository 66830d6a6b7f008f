import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Gumroad (OAuth 2). Tokens do not expire. */
export const gumroad: OAuth2Preset = oauth2Preset({
  provider: 'gumroad',
  displayName: 'Gumroad',
  brandColor: '#ff90e8',
  authorizeUrl: 'https://gumroad.com/oauth/authorize',
  accessTokenUrl: 'https://api.gumroad.com/oauth/token',
  userinfoEndpoint: 'https://api.gumroad.com/v2/user',
  apiBaseUrl: 'https://api.gumroad.com/v2/',
  scope: 'view_profile',
  tokenEndpointAuthMethod: 'client_secret_post',
  errors: [
    {
      endpoint: 'userinfo',
      when: 'success',
      is: false,
      message: 'message',
    },
  ],
  profile: {
    sub: '$.user.user_id | $.user.id',
    name: '$.user.name',
    email: '$.user.email',
    picture: '$.user.profile_url',
    profile: '$.user.url',
  },
});
