import { standardClaims } from '../definition/claims.js';
import { slackErrors as errors } from '../hooks/token-errors.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Slack (OpenID Connect). Every response has status 200, including error responses. */
export const slack: OAuth2Preset = oauth2Preset({
  provider: 'slack',
  displayName: 'Slack',
  brandColor: '#4a154b',
  issuer: 'https://slack.com',
  serverMetadataUrl: 'https://slack.com/.well-known/openid-configuration',
  authorizeUrl: 'https://slack.com/openid/connect/authorize',
  accessTokenUrl: 'https://slack.com/api/openid.connect.token',
  userinfoEndpoint: 'https://slack.com/api/openid.connect.userInfo',
  apiBaseUrl: 'https://slack.com/api/',
  revocationEndpoint: 'https://slack.com/api/auth.revoke',
  scope: 'openid profile email',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  errors,
  revocation: { auth: 'bearer', token: '', only: 'access_token' },
  profile: {
    ...standardClaims,
    picture: '$.picture | $["https://slack.com/user_image_512"]',
  },
});
