import { describe, expect, it } from 'vitest';
import type { OAuthErrorCode } from '../../model/error-codes.js';
import { OAuthError } from '../../model/errors.js';
import {
  authorizationEnded,
  isMismatch,
  refreshOutcome,
  Survivable,
  survivable,
  tooEarly,
  unwrapped,
  verdictIn,
} from './refresh-outcome.js';

const failure = (code: OAuthErrorCode, details: ConstructorParameters<typeof OAuthError>[2] = {}) =>
  new OAuthError(code, 'It failed.', details);

describe('refreshOutcome()', () => {
  it.each([
    ['ended', 'invalid_grant', { providerStatus: 200, error: 'bad_refresh_token' }],
    ['ended', 'invalid_token', { phase: 'refresh', providerStatus: 400 }],
    ['unspent', 'invalid_token', { phase: 'refresh' }],
    ['unspent', 'invalid_token', { phase: 'userinfo', providerStatus: 200 }],
    ['ended', 'invalid_id_token', { phase: 'refresh' }],
    ['ended', 'mismatching_account', { phase: 'refresh' }],
    ['unknown', 'invalid_id_token', { phase: 'id_token' }],
    ['unspent', 'provider_refused', { providerStatus: 400 }],
    ['unspent', 'provider_refused', { providerStatus: 499 }],
    ['unknown', 'provider_refused', { providerStatus: 399 }],
    ['unspent', 'provider_refused', { providerStatus: 200, error: 'ratelimited' }],
    ['unknown', 'invalid_response', { providerStatus: 200 }],
    ['unknown', 'provider_unavailable', { providerStatus: 503, error: 'server_error' }],
    ['unknown', 'provider_unavailable', { providerStatus: 500, error: 'server_error' }],
    ['unspent', 'provider_unavailable', { phase: 'metadata', providerStatus: 503 }],
    ['unspent', 'invalid_options', {}],
    ['unspent', 'insecure_transport', {}],
    ['unspent', 'foreign_origin', {}],
    ['unspent', 'missing_token', {}],
    ['unknown', 'timeout', {}],
  ] as const)('[X3] a refresh token is %s after %s %j', (outcome, code, details) => {
    expect(refreshOutcome(failure(code, details))).toBe(outcome);
  });

  it('[X3] knows nothing after an error of the application', () => {
    expect(refreshOutcome(new TypeError('bug'))).toBe('unknown');
  });
});

describe('a failure that is ignored while the token is valid', () => {
  it.each(['provider_unavailable', 'timeout', 'invalid_grant'] as const)('is %s', async (code) => {
    const error = failure(code);
    const wrapped = survivable(error);
    expect(wrapped).toBeInstanceOf(Survivable);
    await expect(unwrapped(Promise.reject(wrapped as Error))).rejects.toBe(error);
  });

  it.each([
    'invalid_options',
    'insecure_transport',
    'foreign_origin',
    'missing_token',
    'storage_failed',
  ] as const)('is not %s', async (code) => {
    const error = failure(code);
    expect(survivable(error)).toBe(error);
    await expect(unwrapped(Promise.reject(error))).rejects.toBe(error);
  });

  it('is no error of the application', () => {
    const bug = new TypeError('bug');
    expect(survivable(bug)).toBe(bug);
  });
});

describe('a refresh for another user', () => {
  it.each([
    ['invalid_id_token', 'refresh', true],
    ['mismatching_account', 'refresh', true],
    ['invalid_id_token', 'id_token', false],
    ['invalid_token', 'refresh', false],
  ] as const)('is %s in the phase %s: %s', (code, phase, expected) => {
    expect(isMismatch(failure(code, { phase }))).toBe(expected);
  });

  it('is no other error', () => {
    expect(isMismatch({ code: 'invalid_id_token', phase: 'refresh' })).toBe(false);
  });
});

describe('an error', () => {
  it('of an early refresh says how long to wait', () => {
    expect(tooEarly('corp', 7)).toMatchObject({
      code: 'provider_unavailable',
      client: 'corp',
      phase: 'refresh',
      retryAfter: 7,
      message: expect.stringContaining('in 7 s') as string,
    });
  });

  it('of an ended authorization has the fields of the provider, and no token', () => {
    const words = {
      providerStatus: 400,
      error: 'invalid_grant',
      error_description: 'Revoked.',
      error_uri: 'https://id.example/errors',
    };
    const cause = failure('invalid_grant', words);
    const error = authorizationEnded('corp', 'refused', cause);
    expect(error).toMatchObject({
      code: 'invalid_token',
      client: 'corp',
      phase: 'refresh',
      ...words,
    });
    expect(error.message).toContain('no longer accepts its token');
    expect(authorizationEnded('corp', 'lost').message).toContain('was interrupted');
    expect(authorizationEnded('corp', 'mismatch').message).toContain('for another user');
    expect(authorizationEnded('corp', 'lost').error).toBeUndefined();
  });
});

it.each([
  ['invalid_token', 401, 'refused'],
  ['invalid_token', 200, 'refused'],
  ['invalid_token', undefined, undefined],
  ['provider_refused', 401, 'other'],
  ['provider_refused', 403, undefined],
] as const)(
  'an error %s of the userinfo endpoint with the status %s: %s',
  (code, status, verdict) => {
    const details = status === undefined ? {} : { providerStatus: status };
    expect(verdictIn(failure(code, details))).toBe(verdict);
  },
);
