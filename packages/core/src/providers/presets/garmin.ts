import { garmin as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Garmin (OAuth 2). For approved partners. The profile is an id and nothing else. Refresh tokens
 * rotate.
 */
export const garmin: OAuth2Preset = oauth2Preset({
  provider: 'garmin',
  displayName: 'Garmin',
  brandColor: '#000000',
  mark,
  authorizeUrl: 'https://connect.garmin.com/oauth2Confirm',
  accessTokenUrl: 'https://diauth.garmin.com/di-oauth2-service/oauth/token',
  userinfoEndpoint: 'https://apis.garmin.com/wellness-api/rest/user/id',
  apiBaseUrl: 'https://apis.garmin.com/',
  revocationEndpoint: 'https://apis.garmin.com/wellness-api/rest/user/registration',
  tokenEndpointAuthMethod: 'client_secret_post',
  revocation: { method: 'DELETE', auth: 'bearer', token: '', only: 'access_token' },
  profile: {
    sub: '$.userId',
  },
});
