import type { ErrorRule } from '../../option-types.js';

// How providers say in words of their own that a code or a refresh token is spent: log in again.

/** GitHub: with status 200. */
export const githubErrors: readonly ErrorRule[] = [
  saying('error', ['bad_verification_code', 'bad_refresh_token'], 'invalid_grant'),
  saying('error', 'incorrect_client_credentials', 'invalid_client'),
];

/** Slack: every answer has status 200, and `ok`. */
export const slackErrors: readonly ErrorRule[] = [
  saying('error', ['invalid_code', 'code_already_used', 'invalid_refresh_token'], 'invalid_grant'),
  saying('error', ['invalid_client_id', 'bad_client_secret'], 'invalid_client'),
  { when: 'ok', is: false, error: 'error' },
];

/** Twitch: a status and a sentence. */
export const twitchErrors: readonly ErrorRule[] = [
  {
    ...saying('message', ['Invalid authorization code', 'Invalid refresh token'], 'invalid_grant'),
    error: 'error',
    message: 'message',
  },
];

/** Strava: what was wrong with what. */
export const stravaErrors: readonly ErrorRule[] = [
  {
    ...saying('errors[0].resource', ['AuthorizationCode', 'RefreshToken'], 'invalid_grant'),
    message: 'message',
  },
  { ...saying('errors[0].resource', 'Application', 'invalid_client'), message: 'message' },
];

/** HubSpot: a status in capitals. */
export const hubspotErrors: readonly ErrorRule[] = [
  {
    ...saying('status', ['BAD_AUTH_CODE', 'BAD_REFRESH_TOKEN'], 'invalid_grant'),
    message: 'message',
  },
];

function saying(when: string, is: string | readonly string[], code: string): ErrorRule {
  return { leg: 'token', when, is, code };
}
