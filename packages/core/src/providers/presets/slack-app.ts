import { userHandle, readUserToken } from '../hooks/slack.js';
import { slackErrors as errors } from '../hooks/token-errors.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Slack (OAuth 2). The token is the bot’s, and the one of the user who installs it stands in `authed_user`. An id of
 * Slack is unique within a workspace only, so that `sub` has both.
 */
export const slack_app: OAuth2Preset = oauth2Preset({
  provider: 'slack_app',
  displayName: 'Slack',
  brandColor: '#4a154b',
  authorizeUrl: 'https://slack.com/oauth/v2/authorize',
  accessTokenUrl: 'https://slack.com/api/oauth.v2.access',
  userinfoEndpoint: 'https://slack.com/api/auth.test',
  apiBaseUrl: 'https://slack.com/api/',
  apiOrigins: ['https://files.slack.com'],
  revocationEndpoint: 'https://slack.com/api/auth.revoke',
  scopeSeparator: ',',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  tokenResponse: { tokenType: 'Bearer', scopeSeparator: ',' },
  transformResponse: readUserToken,
  errors,
  revocation: { auth: 'bearer', token: '', only: 'access_token' },
  profile: {
    sub: 'template:{team_id}_{token.authed_user.id} | template:{team_id}_{user_id}',
    nickname: userHandle,
    preferred_username: userHandle,
  },
});
