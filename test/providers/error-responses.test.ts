import { OAuth } from '@oauth-registry/core';
import { describe, expect, it } from 'vitest';
import { json, startWire, type WireAnswer } from '../support/wire.js';
import { described } from '../support/preset-login.js';

const token = { access_token: 'at', refresh_token: 'rt', token_type: 'Bearer' };
const ended = { code: 'invalid_grant' };
const mistaken = { code: 'invalid_client' };

/** What providers answer to a token request, in words of their own, and what that means. */
const refusals: [name: string, status: number, body: object, meaning: object][] = [
  ['github', 200, { error: 'bad_refresh_token', error_description: 'It has expired.' }, ended],
  ['github', 200, { error: 'bad_verification_code' }, { ...ended, error: 'bad_verification_code' }],
  ['github', 200, { error: 'incorrect_client_credentials' }, mistaken],
  ['slack', 200, { ok: false, error: 'invalid_refresh_token' }, ended],
  ['slack', 200, { ok: false, error: 'bad_client_secret' }, mistaken],
  ['slack_app', 200, { ok: false, error: 'invalid_code' }, { ...ended, error: 'invalid_code' }],
  ['slack_app', 200, { ok: false, error: 'fatal_error' }, { code: 'provider_refused' }],
  [
    'twitch',
    400,
    { error: 'Bad Request', status: 400, message: 'Invalid refresh token' },
    { ...ended, error: 'Bad Request', error_description: 'Invalid refresh token' },
  ],
  [
    'twitch',
    403,
    { status: 403, message: 'invalid client secret' },
    { ...mistaken, error_description: 'invalid client secret' },
  ],
  [
    'strava',
    400,
    { message: 'Bad Request', errors: [{ resource: 'RefreshToken', field: '', code: 'invalid' }] },
    { ...ended, error_description: 'Bad Request' },
  ],
  [
    'strava',
    401,
    { message: 'Authorization Error', errors: [{ resource: 'Application', code: 'invalid' }] },
    mistaken,
  ],
  ['hubspot', 400, { status: 'BAD_REFRESH_TOKEN', message: 'missing or unknown' }, ended],
  [
    'hubspot',
    400,
    { status: 'MISSING_SCOPES', message: 'not allowed' },
    { code: 'provider_refused', error: 'MISSING_SCOPES', error_description: 'not allowed' },
  ],
  [
    'withings',
    200,
    { status: 503, body: {}, error: 'Invalid Params: invalid refresh_token' },
    { ...ended, error: '503', error_description: 'Invalid Params: invalid refresh_token' },
  ],
  [
    'disqus',
    400,
    { code: 22, response: 'Invalid parameter: code' },
    { code: 'provider_refused', error: '22', error_description: 'Invalid parameter: code' },
  ],
  [
    'figma',
    400,
    { status: 400, err: 'Invalid refresh token' },
    { code: 'provider_refused', error_description: 'Invalid refresh token' },
  ],
  [
    'atlassian',
    403,
    { error: 'unauthorized_client', error_description: 'refresh_token is invalid' },
    { ...ended, error: 'unauthorized_client' },
  ],
  ['atlassian', 401, { error: 'access_denied', error_description: 'Unauthorized' }, mistaken],
  ['hubspot', 429, { status: 'error', message: 'limit' }, { code: 'provider_unavailable' }],
  [
    'zoom',
    400,
    { error: 'invalid_grant', reason: 'Invalid Token!' },
    { ...ended, error_description: 'Invalid Token!' },
  ],
  [
    'threads',
    400,
    { error_type: 'OAuthException', code: 400, error_message: 'No matching code' },
    {
      code: 'provider_refused',
      error: 'OAuthException',
      error_description: 'No matching code',
    },
  ],
];

/** Refreshes a token of a provider, which answers that. */
async function refresh(name: string, answer: WireAnswer): Promise<unknown> {
  const options = described(name);
  const tokensUrl = options.refreshTokenUrl ?? options.accessTokenUrl;
  const tokens = `POST ${tokensUrl?.replace('{host}', 'github.com')}`;
  const wire = await startWire({
    [tokens]: answer,
    [`GET ${options.serverMetadataUrl}`]: json({
      issuer: options.issuer,
      token_endpoint: options.accessTokenUrl,
      authorization_endpoint: options.authorizeUrl,
    }),
  });
  const oauth = new OAuth({ config: {}, fetch: wire.fetch }).register('it', options);
  try {
    return await oauth.it.refreshToken(token).catch((error: unknown) => error);
  } finally {
    await wire.close();
  }
}

describe('what token endpoints say in words of their own', () => {
  it.each(refusals)('[X5][R6] of %s, HTTP %i %j', async (name, status, body, meaning) => {
    const error = await refresh(name, json(body, status));
    expect(error).toMatchObject(meaning);
  });
});
