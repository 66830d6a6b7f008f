import { stravaErrors as errors } from '../hooks/token-errors.js';
import { strava as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Strava (OAuth 2). The callback says which scopes were granted. There is no email. Refresh tokens
 * rotate.
 */
export const strava: OAuth2Preset = oauth2Preset({
  provider: 'strava',
  displayName: 'Strava',
  brandColor: '#fc4c02',
  mark,
  authorizeUrl: 'https://www.strava.com/oauth/authorize',
  accessTokenUrl: 'https://www.strava.com/oauth/token',
  userinfoEndpoint: 'https://www.strava.com/api/v3/athlete',
  apiBaseUrl: 'https://www.strava.com/api/v3/',
  revocationEndpoint: 'https://www.strava.com/oauth/deauthorize',
  scope: 'read',
  scopeSeparator: ',',
  tokenEndpointAuthMethod: 'client_secret_post',
  callbackParams: ['scope'],
  errors,
  revocation: { auth: 'none', token: 'access_token', only: 'access_token' },
  profile: {
    sub: '$.id',
    name: 'concat:$.firstname $.lastname',
    given_name: '$.firstname',
    family_name: '$.lastname',
    preferred_username: '$.username',
    picture: '$.profile',
    profile: 'template:https://www.strava.com/athletes/{id}',
    gender: '$.sex',
  },
});
