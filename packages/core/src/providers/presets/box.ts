import { box as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Box (OAuth 2). Scopes are configured at the application. A refresh token is good once; a code
 * for 30 seconds.
 */
export const box: OAuth2Preset = oauth2Preset({
  provider: 'box',
  displayName: 'Box',
  brandColor: '#0061d5',
  mark,
  authorizeUrl: 'https://account.box.com/api/oauth2/authorize',
  accessTokenUrl: 'https://api.box.com/oauth2/token',
  userinfoEndpoint: 'https://api.box.com/2.0/users/me',
  apiBaseUrl: 'https://api.box.com/2.0/',
  apiOrigins: ['https://upload.box.com'],
  revocationEndpoint: 'https://api.box.com/oauth2/revoke',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.id',
    name: '$.name',
    email: '$.login',
    picture: '$.avatar_url',
    locale: '$.language',
    zoneinfo: '$.timezone',
  },
});
