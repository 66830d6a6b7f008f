import { describe, expect, it } from 'vitest';
import { inspect } from 'node:util';
import { vectors } from '../../../../../test/data/oauth1-vectors.js';
import type { HttpResponse } from '../../platform/http/http.js';
import { readCredentials } from './credentials.js';
import { signRequest } from './signing/sign-request.js';

interface TokenResponse {
  status: number;
  body: string;
  expected: string | Record<string, string>;
}

function httpResponse(
  text: string,
  status = 200,
  headers: Record<string, string> = {},
): HttpResponse {
  return { status, headers: new Headers(headers), text };
}

const fine = 'oauth_token=t&oauth_token_secret=s';

function errorResponseOf(given: HttpResponse): unknown {
  try {
    return readCredentials(given, 'access token endpoint');
  } catch (error) {
    return error;
  }
}

describe('[F3] token responses (RFC 5849 §2.1, §2.3)', () => {
  const all = vectors<TokenResponse>('token_response');

  it.each(all.filter(([, v]) => typeof v.expected === 'object'))('reads %s', (_, vector) => {
    expect(readCredentials(httpResponse(vector.body, vector.status), 'x')).toEqual(vector.expected);
  });

  it.each(all.filter(([, v]) => v.expected === 'reject'))('refuses %s', (_, vector) => {
    expect(errorResponseOf(httpResponse(vector.body, vector.status))).toMatchObject({
      code: 'invalid_response',
      providerStatus: 200,
    });
  });

  it.each(all.filter(([id]) => id === 'resp-224'))(
    'preserves %s to the byte, and encodes it again when it signs',
    async (_, { body }) => {
      const { oauth_token: token } = readCredentials(httpResponse(body), 'x');
      expect(token).toBe('a\0b');
      const request = { method: 'GET', url: 'https://api.example/' };
      const { headers } = await signRequest(request, { clientId: 'ck', token });
      expect(headers['Authorization']).toContain('oauth_token="a%00b"');
    },
  );

  it.each([
    [
      'form',
      'oauth_token=t%26%3D%2B%25%C3%A9&oauth_token_secret=s+1&user_id=38895958&screen_name=a',
    ],
    [
      'form with a line break after it',
      'oauth_token=t%26%3D%2B%25%C3%A9&oauth_token_secret=s%201&user_id=38895958&screen_name=a\r\n',
    ],
    [
      'JSON',
      '{"oauth_token":"t&=+%é","oauth_token_secret":"s 1","user_id":38895958,"screen_name":"a","x":{"y":1}}',
    ],
  ])('reads %s, with the fields beyond the protocol as text', (_, text) => {
    expect(readCredentials(httpResponse(text), 'x')).toEqual({
      oauth_token: 't&=+%é',
      oauth_token_secret: 's 1',
      user_id: '38895958',
      screen_name: 'a',
    });
  });

  it('accepts an empty secret, which is legal', () => {
    const token = readCredentials(httpResponse('oauth_token=a&oauth_token_secret='), 'x');
    expect(token.oauth_token_secret).toBe('');
  });

  it.each([
    'oauth_token=&oauth_token_secret=b',
    'oauth_token=a&oauth_token_secret=b&oauth_token_secret=c',
    'oauth_token=a&oauth_token_secret=b&oauth_expires_in=1&oauth_expires_in=2',
    '{"oauth_token":"a"}',
    '{"oauth_token":{"a":1},"oauth_token_secret":"b"}',
    '["oauth_token"]',
    '{',
    '<!doctype html><title>oauth_token=leak-me</title>',
  ])('refuses %s, and quotes nothing of it', (text) => {
    const error = errorResponseOf(httpResponse(text));
    expect(error).toMatchObject({ code: 'invalid_response' });
    expect(inspect(error)).not.toContain('leak-me');
  });

  it('takes neither a userinfo nor a prototype from a response', () => {
    const body = 'oauth_token=a&oauth_token_secret=b&userinfo=admin&__proto__=x';
    expect(Object.keys(readCredentials(httpResponse(body), 'x')).toSorted()).toEqual([
      'oauth_token',
      'oauth_token_secret',
    ]);
  });
});

describe('error responses', () => {
  it.each([
    [
      401,
      'Invalid signature: secret=leak-me',
      'provider_refused',
      'Check "clientId" and "clientSecret"',
    ],
    [401, 'oauth_problem=timestamp_refused', 'provider_refused', 'clock'],
    [401, 'oauth_problem=signature_invalid&debug=leak-me', 'provider_refused', '"signatureMethod"'],
    [401, 'oauth_problem=token_expired', 'provider_refused', 'Start the login again.'],
    [401, 'oauth_problem=permission_denied', 'access_denied', 'The user denied access.'],
    [403, '{"oauth_problem":"user_refused"}', 'access_denied', 'The user denied access.'],
    [400, 'oauth_problem=leak-me', 'provider_refused', 'Check the URL'],
    [400, 'oauth_problem=toString', 'provider_refused', 'Check the URL'],
    [200, 'oauth_problem=nonce_used', 'provider_refused', 'Try again'],
  ])('turns status %i with "%s" into %s', (status, text, code, advice) => {
    const error = errorResponseOf(httpResponse(text, status));
    expect(error).toMatchObject({
      code,
      providerStatus: status,
      message: expect.stringContaining(advice),
    });
    expect(inspect(error)).not.toContain('leak-me');
  });

  it('has the provider\'s word as "error", from the body or from the challenge', () => {
    const header = { 'www-authenticate': 'OAuth realm="x", oauth_problem="nonce_used"' };
    expect(errorResponseOf(httpResponse('oauth_problem=odd', 400))).toMatchObject({ error: 'odd' });
    expect(errorResponseOf(httpResponse('', 401, header))).toMatchObject({ error: 'nonce_used' });
    expect(errorResponseOf(httpResponse('no', 401))).toMatchObject({ error: undefined });
  });

  it.each([500, 502, 503, 429])(
    'calls status %i unavailable, with the wait asked for',
    (status) => {
      const error = errorResponseOf(httpResponse('<html>leak-me', status, { 'retry-after': '7' }));
      expect(error).toMatchObject({
        code: 'provider_unavailable',
        providerStatus: status,
        retryAfter: 7,
      });
      expect(inspect(error)).not.toContain('leak-me');
    },
  );
});

describe('[F3] the size of a response', () => {
  it('may be a megabyte of small fields, which cost no more than their number', () => {
    const many = Array.from({ length: 50_000 }, (_, i) => `oauth_${i}=x`).join('&');
    for (let i = 0; i < 10; i++) {
      expect(Object.keys(readCredentials(httpResponse(`${fine}&${many}`), 'x'))).toHaveLength(
        50_002,
      );
      const repeated = errorResponseOf(httpResponse(`${fine}&${many}&oauth_49999=y`));
      expect(repeated).toMatchObject({ code: 'invalid_response' });
    }
  }, 15_000);

  it.each([
    [4096, undefined],
    [4097, 'invalid_response'],
  ])('a token of %i characters: %s', (length, code) => {
    const text = `oauth_token=${'t'.repeat(length)}&oauth_token_secret=s`;
    if (code === undefined)
      expect(readCredentials(httpResponse(text), 'x').oauth_token).toHaveLength(length);
    else expect(errorResponseOf(httpResponse(text))).toMatchObject({ code });
  });
});
