import { withingsErrors as errors } from '../hooks/token-errors.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Withings (OAuth 2). Codes are good for 30 seconds. There is no profile but an id. */
export const withings: OAuth2Preset = oauth2Preset({
  provider: 'withings',
  displayName: 'Withings',
  brandColor: '#00ab9f',
  authorizeUrl: 'https://account.withings.com/oauth2_user/authorize2',
  accessTokenUrl: 'https://wbsapi.withings.net/v2/oauth2',
  apiBaseUrl: 'https://wbsapi.withings.net/',
  scope: 'user.info user.metrics',
  scopeSeparator: ',',
  tokenEndpointAuthMethod: 'client_secret_post',
  accessTokenParams: { action: 'requesttoken' },
  refreshTokenParams: { action: 'requesttoken' },
  tokenResponse: { path: 'body', scopeSeparator: ',' },
  errors,
  userinfo: { from: 'token' },
  profile: {
    sub: '$.userid | $.body.userid',
  },
});
