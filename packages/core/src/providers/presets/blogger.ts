import { blogger as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Blogger (Google) (OAuth 2). Reached with ordinary Google OAuth; for sign-in alone use `google`.
 */
export const blogger: OAuth2Preset = oauth2Preset({
  provider: 'blogger',
  displayName: 'Blogger',
  brandColor: '#ff5722',
  mark,
  issuer: 'https://accounts.google.com',
  authorizeUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
  accessTokenUrl: 'https://oauth2.googleapis.com/token',
  userinfoEndpoint: 'https://www.googleapis.com/blogger/v3/users/self',
  apiBaseUrl: 'https://www.googleapis.com/blogger/v3/',
  revocationEndpoint: 'https://oauth2.googleapis.com/revoke',
  scope: 'https://www.googleapis.com/auth/blogger',
  tokenEndpointAuthMethod: 'client_secret_post',
  authorizeParams: { access_type: 'offline' },
  revocation: { auth: 'none' },
  profile: {
    sub: '$.id',
    name: '$.displayName',
    profile: '$.url',
  },
});
