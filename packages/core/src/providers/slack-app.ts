import { slackErrors as errors } from './hooks/token-errors.js';
import { oauth2Preset, type OAuth2Preset } from './preset.js';

/**
 * Slack (OAuth 2). The token is the person’s; the one of the bot is lost unless `tokenResponse`
 * says otherwise.
 */
export const slack_app: OAuth2Preset = oauth2Preset({
  provider: 'slack_app',
  displayName: 'Slack',
  brandColor: '#4a154b',
  authorizeUrl: 'https://slack.com/oauth/v2/authorize',
  accessTokenUrl: 'https://slack.com/api/oauth.v2.access',
  userinfoEndpoint: 'https://slack.com/api/users.identity',
  apiBaseUrl: 'https://slack.com/api/',
  revocationEndpoint: 'https://slack.com/api/auth.revoke',
  scopeSeparator: ',',
  tokenEndpointAuthMethod: 'client_secret_post',
  authorizeParams: { user_scope: 'identity.basic,identity.email,identity.avatar' },
  tokenResponse: { path: 'authed_user', tokenType: 'Bearer', scopeSeparator: ',' },
  errors,
  revocation: { auth: 'bearer', token: '', only: 'access_token' },
  profile: {
    sub: '$.user.id',
    name: '$.user.name',
    email: '$.user.email',
    picture: '$.user.image_512',
  },
});
