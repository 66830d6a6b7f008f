import type { ErrorRule } from '../../options/register-options.js';

// Error rules of providers whose errors for an invalid code or token do not follow RFC 6749. The
// functions that create rules are marked for bundlers, so that a bundle contains only the rules of
// its providers.

/** GitHub: errors with status 200. */
export const githubErrors: readonly ErrorRule[] = [
  {
    endpoint: 'token',
    when: 'error',
    is: ['bad_verification_code', 'bad_refresh_token'],
    code: 'invalid_grant',
  },
  { endpoint: 'token', when: 'error', is: 'incorrect_client_credentials', code: 'invalid_client' },
];

/** Atlassian: `access_denied` for an unknown client, and a client error for an invalid token. */
export const atlassianErrors: readonly ErrorRule[] = [
  saying('error', 'access_denied', { code: 'invalid_client' }),
  saying('error_description', 'refresh_token is invalid', {
    code: 'invalid_grant',
    error: 'error',
  }),
];

/** Slack: status 200 for all responses, with `ok`. */
export const slackErrors: readonly ErrorRule[] = [
  saying('error', ['invalid_code', 'code_already_used', 'invalid_refresh_token'], {
    code: 'invalid_grant',
  }),
  saying('error', ['invalid_client_id', 'bad_client_secret'], { code: 'invalid_client' }),
  deadSlackToken('userinfo'),
  deadSlackToken('resource'),
  deadSlackToken('revocation'),
  { endpoint: 'userinfo', when: 'error', is: 'missing_scope', code: 'insufficient_scope' },
  { when: 'ok', is: false, error: 'error' },
];

/** Twitch: a status and a message. */
export const twitchErrors: readonly ErrorRule[] = [
  saying('message', ['Invalid authorization code', 'Invalid refresh token'], {
    code: 'invalid_grant',
    error: 'error',
    message: 'message',
  }),
  saying('message', ['invalid client', 'invalid client secret'], {
    code: 'invalid_client',
    error: 'error',
    message: 'message',
  }),
];

/** Strava: a list of invalid fields. */
export const stravaErrors: readonly ErrorRule[] = [
  saying('errors[0].resource', ['AuthorizationCode', 'RefreshToken'], {
    code: 'invalid_grant',
    message: 'message',
  }),
  saying('errors[0].resource', 'Application', { code: 'invalid_client', message: 'message' }),
];

/** HubSpot: a status in capitals. */
export const hubspotErrors: readonly ErrorRule[] = [
  saying('status', ['BAD_AUTH_CODE', 'BAD_REFRESH_TOKEN'], {
    code: 'invalid_grant',
    message: 'message',
  }),
];

/** GraphQL: errors with status 200. */
export const graphqlErrors: readonly ErrorRule[] = [
  {
    endpoint: 'userinfo',
    when: 'errors[0].message',
    error: 'errors[0].extensions.code',
    message: 'errors[0].message',
  },
];

/** Withings: status 200, with a numeric code of several meanings. */
export const withingsErrors: readonly ErrorRule[] = [
  saying('error', ['Invalid Params: invalid code', 'Invalid Params: invalid refresh_token'], {
    code: 'invalid_grant',
    error: 'status',
    message: 'error',
  }),
  { endpoint: 'token', when: 'status', not: 0, message: 'error' },
];

/** Stack Exchange: an error name that means an invalid token. */
export const stackexchangeErrors: readonly ErrorRule[] = [
  {
    endpoint: 'userinfo',
    when: 'error_name',
    is: ['access_token_required', 'invalid_access_token', 'access_denied'],
    code: 'invalid_token',
    message: 'error_message',
  },
  { endpoint: 'resource', when: 'error_name', is: 'invalid_access_token', code: 'invalid_token' },
  { endpoint: 'userinfo', when: 'error_id', error: 'error_name', message: 'error_message' },
];

/* @__NO_SIDE_EFFECTS__ */
function saying(
  when: string,
  is: string | readonly string[],
  meaning: Pick<ErrorRule, 'code' | 'error' | 'message'>,
): ErrorRule {
  return { endpoint: 'token', when, is, ...meaning };
}

/* @__NO_SIDE_EFFECTS__ */
function deadSlackToken(endpoint: ErrorRule['endpoint']): ErrorRule {
  const is = ['token_revoked', 'token_expired', 'invalid_auth', 'account_inactive'];
  return { endpoint: endpoint, when: 'error', is, code: 'invalid_token' };
}
