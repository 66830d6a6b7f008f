import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** FreshBooks (OAuth 2). Refresh tokens are used once. */
export const freshbooks: OAuth2Preset = oauth2Preset({
  provider: 'freshbooks',
  displayName: 'FreshBooks',
  brandColor: '#0075dd',
  authorizeUrl: 'https://auth.freshbooks.com/oauth/authorize',
  accessTokenUrl: 'https://api.freshbooks.com/auth/oauth/token',
  userinfoEndpoint: 'https://api.freshbooks.com/auth/api/v1/users/me',
  revocationEndpoint: 'https://api.freshbooks.com/auth/oauth/revoke',
  apiBaseUrl: 'https://api.freshbooks.com/',
  scope: 'user:profile:read',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  tokenRequest: {
    body: 'json',
  },
  profile: {
    sub: '$.response.id',
    name: 'concat:$.response.first_name $.response.last_name',
    given_name: '$.response.first_name',
    family_name: '$.response.last_name',
    email: '$.response.email',
  },
});
