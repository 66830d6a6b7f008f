import { describe, expect, it } from 'vitest';
import { OAuthError } from '../../model/errors.js';
import { refreshOutcome } from './refresh-outcome.js';

describe('refreshOutcome()', () => {
  it.each([
    ['ended', 'invalid_grant', { providerStatus: 200, error: 'bad_refresh_token' }],
    ['unspent', 'provider_refused', { providerStatus: 400 }],
    ['unspent', 'provider_refused', { providerStatus: 200, error: 'ratelimited' }],
    ['unknown', 'invalid_response', { providerStatus: 200 }],
    ['unknown', 'provider_unavailable', { providerStatus: 503, error: 'server_error' }],
    ['unknown', 'timeout', {}],
  ] as const)('[X3] a refresh token is %s after %s %j', (outcome, code, details) => {
    expect(refreshOutcome(new OAuthError(code, 'It failed.', details))).toBe(outcome);
  });
});
