import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Clever (OAuth 2), for schools. The name is a request of its own. */
export const clever: OAuth2Preset = oauth2Preset({
  provider: 'clever',
  displayName: 'Clever',
  brandColor: '#1464ff',
  authorizeUrl: 'https://clever.com/oauth/authorize',
  accessTokenUrl: 'https://clever.com/oauth/tokens',
  userinfoEndpoint: 'https://api.clever.com/v3.0/me',
  apiBaseUrl: 'https://api.clever.com/v3.0/',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_basic',
  userinfo: {
    extra: {
      user: {
        url: 'users/{data.id}',
      },
    },
  },
  profile: {
    sub: '$.data.id',
    name: 'concat:user.data.name.first user.data.name.last',
    given_name: 'user.data.name.first',
    family_name: 'user.data.name.last',
    email: 'user.data.email',
  },
});
