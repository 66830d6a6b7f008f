import { standardClaims } from '../definition/claims.js';
import { google as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Google (OpenID Connect). A refresh token needs `authorizeParams: { access_type: 'offline',
 * prompt: 'consent' }`.
 */
export const google: OAuth2Preset = oauth2Preset({
  provider: 'google',
  displayName: 'Google',
  brandColor: '#4285f4',
  mark,
  issuer: ['https://accounts.google.com', 'accounts.google.com'],
  serverMetadataUrl: 'https://accounts.google.com/.well-known/openid-configuration',
  authorizeUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
  accessTokenUrl: 'https://oauth2.googleapis.com/token',
  userinfoEndpoint: 'https://openidconnect.googleapis.com/v1/userinfo',
  apiBaseUrl: 'https://www.googleapis.com/',
  apiOrigins: ['https://*.googleapis.com'],
  revocationEndpoint: 'https://oauth2.googleapis.com/revoke',
  scope: 'openid email profile',
  tokenEndpointAuthMethod: 'client_secret_post',
  revocation: { auth: 'none' },
  profile: {
    ...standardClaims,
    sub: '$.sub | $.id',
    email_verified: '$.email_verified | $.verified_email',
  },
});
