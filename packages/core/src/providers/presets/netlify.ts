import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Netlify (OAuth 2). It has no scopes. */
export const netlify: OAuth2Preset = oauth2Preset({
  provider: 'netlify',
  displayName: 'Netlify',
  brandColor: '#00c7b7',
  authorizeUrl: 'https://app.netlify.com/authorize',
  accessTokenUrl: 'https://api.netlify.com/oauth/token',
  userinfoEndpoint: 'https://api.netlify.com/api/v1/user',
  apiBaseUrl: 'https://api.netlify.com/api/v1/',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.id',
    name: '$.full_name',
    email: '$.email',
    picture: '$.avatar_url',
  },
});
