import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Canva (OAuth 2). Refresh tokens are used once. */
export const canva: OAuth2Preset = oauth2Preset({
  provider: 'canva',
  displayName: 'Canva',
  brandColor: '#00c4cc',
  authorizeUrl: 'https://www.canva.com/api/oauth/authorize',
  accessTokenUrl: 'https://api.canva.com/rest/v1/oauth/token',
  userinfoEndpoint: 'https://api.canva.com/rest/v1/users/me',
  revocationEndpoint: 'https://api.canva.com/rest/v1/oauth/revoke',
  introspectionEndpoint: 'https://api.canva.com/rest/v1/oauth/introspect',
  apiBaseUrl: 'https://api.canva.com/rest/v1/',
  scope: 'profile:read',
  tokenEndpointAuthMethod: 'client_secret_basic',
  userinfo: {
    extra: {
      more: {
        url: 'users/me/profile',
        scope: 'profile:read',
      },
    },
  },
  profile: {
    sub: '$.team_user.user_id',
    name: 'more.profile.display_name',
  },
});
