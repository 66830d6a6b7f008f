import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** monday.com (OAuth 2). The profile is a GraphQL query; tokens do not expire. */
export const monday: OAuth2Preset = oauth2Preset({
  provider: 'monday',
  displayName: 'monday.com',
  brandColor: '#ff3d57',
  authorizeUrl: 'https://auth.monday.com/oauth2/authorize',
  accessTokenUrl: 'https://auth.monday.com/oauth2/token',
  userinfoEndpoint: 'https://api.monday.com/v2',
  apiBaseUrl: 'https://api.monday.com/v2/',
  scope: 'me:read',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  tokenPlacement: {
    header: 'authorization',
  },
  userinfo: {
    json: {
      query: '{ me { id name email photo_original is_verified } }',
    },
  },
  profile: {
    sub: '$.data.me.id',
    name: '$.data.me.name',
    email: '$.data.me.email',
    email_verified: 'bool:$.data.me.is_verified',
    picture: '$.data.me.photo_original',
  },
});
