import { describe, expect, it } from 'vitest';
import { vectors } from '../../../../../test/data/oauth1-vectors.js';
import { isOAuthError } from '../../model/errors.js';
import {
  checkErrorResponse,
  validateCallback,
  readRequestToken,
  readVerifier,
} from './callback.js';

/** Runs the checks of a callback in their order; the code of the first that fails. */
function verdict(query: string, state: string): string {
  const params = new URLSearchParams(query);
  try {
    if (readRequestToken(params) === undefined) return 'no request token';
    validateCallback(params, { state, redirectUri: 'https://app.example/cb' });
    checkErrorResponse(params);
    readVerifier(params);
    return 'accept';
  } catch (error) {
    return isOAuthError(error) ? error.code : String(error);
  }
}

const expected: Record<string, string> = {
  'cb-225': 'accept',
  'cb-227': 'mismatching_state',
  'cb-229': 'invalid_callback',
  'cb-232': 'access_denied',
  'cb-234': 'mismatching_state',
};

describe('[A5] callbacks (RFC 5849 §2.2)', () => {
  it.each(vectors<{ url: string; stored_request_token: string }>('callback'))(
    'judges %s',
    (id, { url, stored_request_token: token }) => {
      expect(verdict(new URL(url).search, token)).toBe(expected[id]);
    },
  );

  it.each([
    ['', 'no request token'],
    ['oauth_token=&oauth_verifier=v', 'no request token'],
    ['oauth_token=rt&oauth_token=rt&oauth_verifier=v', 'no request token'],
    ['oauth_token=rt&oauth_token=other&oauth_verifier=v', 'no request token'],
    ['denied=rt&denied=rt', 'no request token'],
    ['denied=', 'no request token'],
    ['oauth_token=rt&oauth_verifier=v&oauth_verifier=w', 'invalid_callback'],
    ['oauth_token=rt&denied=rt&denied=rt', 'invalid_callback'],
    ['oauth_token=rt&oauth_problem=a&oauth_problem=b', 'invalid_callback'],
    ['oauth_token=rt', 'invalid_callback'],
    ['oauth_token=RT&oauth_verifier=v', 'mismatching_state'],
    ['denied=other', 'mismatching_state'],
    ['oauth_token=other&denied=rt', 'mismatching_state'],
    ['oauth_token=other&oauth_problem=user_refused', 'mismatching_state'],
    ['oauth_token=rt&oauth_problem=user_refused', 'access_denied'],
    ['oauth_token=rt&oauth_problem=permission_denied', 'access_denied'],
    ['oauth_token=rt&oauth_problem=additional_authorization_required', 'provider_refused'],
    ['oauth_token=rt&oauth_verifier=v&denied=&oauth_problem=', 'accept'],
  ])('judges "%s": %s', (query, code) => {
    expect(verdict(query, 'rt')).toBe(code);
  });

  it('never matches a login without a request token', () => {
    expect(verdict('oauth_token=x', '')).toBe('mismatching_state');
    const none = new URLSearchParams();
    const data = { state: '', redirectUri: 'https://app.example/cb' };
    expect(() => validateCallback(none, data)).toThrow('Start the login again.');
  });

  it('has the provider\'s word as "error", and not in the message', () => {
    const params = new URLSearchParams('oauth_token=rt&oauth_problem=<script>');
    let error: unknown;
    try {
      checkErrorResponse(params);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ error: '<script>' });
    expect(String(error)).not.toContain('<script>');
  });
});
