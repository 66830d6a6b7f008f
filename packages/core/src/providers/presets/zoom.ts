import { zoom as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Zoom (OAuth 2). Scopes are configured at the application. Refresh tokens rotate. */
export const zoom: OAuth2Preset = oauth2Preset({
  provider: 'zoom',
  displayName: 'Zoom',
  brandColor: '#0b5cff',
  mark,
  authorizeUrl: 'https://zoom.us/oauth/authorize',
  accessTokenUrl: 'https://zoom.us/oauth/token',
  userinfoEndpoint: 'https://api.zoom.us/v2/users/me',
  apiBaseUrl: 'https://api.zoom.us/v2/',
  apiOrigins: ['https://zoom.us', 'https://*.zoom.us'],
  revocationEndpoint: 'https://zoom.us/oauth/revoke',
  tokenEndpointAuthMethod: 'client_secret_basic',
  profile: {
    sub: '$.id',
    name: '$.display_name | concat:$.first_name $.last_name',
    given_name: '$.first_name',
    family_name: '$.last_name',
    email: '$.email',
    email_verified: 'bool:$.verified',
    picture: '$.pic_url',
    profile: '$.vanity_url',
    locale: '$.language',
    zoneinfo: '$.timezone',
  },
});
