import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Login with Amazon (OAuth 2). The older response format, which wraps the profile, is read too. */
export const amazon: OAuth2Preset = oauth2Preset({
  provider: 'amazon',
  displayName: 'Amazon',
  brandColor: '#ff9900',
  authorizeUrl: 'https://www.amazon.com/ap/oa',
  accessTokenUrl: 'https://api.amazon.com/auth/o2/token',
  userinfoEndpoint: 'https://api.amazon.com/user/profile',
  apiBaseUrl: 'https://api.amazon.com/',
  scope: 'profile',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.user_id | $.Profile.CustomerId',
    name: '$.name | $.Profile.Name',
    email: '$.email | $.Profile.PrimaryEmail',
  },
});
