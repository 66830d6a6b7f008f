import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Typeform (OAuth 2). */
export const typeform: OAuth2Preset<'host'> = oauth2Preset({
  provider: 'typeform',
  displayName: 'Typeform',
  brandColor: '#262627',
  urlVariables: {
    host: {
      default: 'api.typeform.com',
    },
  },
  authorizeUrl: 'https://{host}/oauth/authorize',
  accessTokenUrl: 'https://{host}/oauth/token',
  userinfoEndpoint: 'https://{host}/me',
  apiBaseUrl: 'https://{host}/',
  scope: 'accounts:read offline',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.user_id | $.email',
    name: '$.alias',
    email: '$.email',
    locale: '$.language',
  },
});
