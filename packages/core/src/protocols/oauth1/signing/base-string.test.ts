import { describe, expect, it } from 'vitest';
import { vectors } from '../../../../../../test/data/oauth1-vectors.js';
import { OAuthError } from '../../../model/errors.js';
import {
  baseStringUri,
  normalizeParameters,
  signatureBaseString,
} from '../../../../../../test/support/oauth1-base-string.js';
import { formDecode, percentEncode, type Pair } from './base-string.js';
import { signRequest } from './sign-request.js';

type Pairs = { params: Pair[]; expected: string };
type Url = { url: string; expected: string };
type Text = { input: string; expected: string };

describe('percent encoding (RFC 5849 §3.6)', () => {
  it.each(vectors<Text>('percent_encoding'))('encodes %s', (_, { input, expected }) => {
    expect(percentEncode(input)).toBe(expected);
  });

  it.each(vectors<{ input_utf16: string[] }>('percent_encoding_errors'))(
    'refuses half a surrogate pair with a typed error: %s',
    (_, { input_utf16: units }) => {
      const text = String.fromCharCode(...units.map((unit) => Number.parseInt(unit, 16)));
      expect(() => percentEncode(text)).toThrow(OAuthError);
    },
  );
});

describe('form decoding (RFC 5849 §3.4.1.3.1)', () => {
  it.each(vectors<{ input: string; expected: Pair[] }>('form_decode'))(
    'decodes %s',
    (_, { input, expected }) => {
      expect(formDecode(input)).toEqual(expected);
    },
  );

  it.each([
    ['a=%', [['a', '%']]],
    ['a=%zz&b=%4', [['a', '%zz'], ['b', '%4']]], // prettier-ignore
    ['a=1+2', [['a', '1 2']]],
    ['?a=1', [['?a', '1']]],
    ['&&a=1&', [['a', '1']]],
    ['', []],
  ])('preserves malformed escapes and odd delimiters: %s', (input, expected) => {
    expect(formDecode(input)).toEqual(expected);
  });
});

describe('parameter normalization (RFC 5849 §3.4.1.3.2)', () => {
  it.each(vectors<Pairs>('normalize'))('normalizes %s', (_, { params, expected }) => {
    expect(normalizeParameters(params)).toBe(expected);
  });

  it.each(vectors<Pairs & { query?: string }>('normalize').filter(([, v]) => v.query))(
    'normalizes the query of %s',
    (_, { query = '', expected }) => {
      expect(normalizeParameters(formDecode(query))).toBe(expected);
    },
  );

  it('signs names that only begin like oauth_signature, which a request must not have', async () => {
    expect(normalizeParameters([['oauth_signature_other', '1']])).toBe('oauth_signature_other=1');
    const request = (query: string) => ({ method: 'GET', url: `https://api.example/?${query}` });
    const { headers } = await signRequest(request('oauth_signature_other=1'), { clientId: 'ck' });
    expect(headers).toHaveProperty('Authorization');
    await expect(signRequest(request('oauth_signature=x'), { clientId: 'ck' })).rejects.toThrow(
      'already has "oauth_signature"',
    );
  });

  it('does not reorder the list it was given', () => {
    const params: readonly Pair[] = Object.freeze([['b', '1'], ['a', '2']] as Pair[]); // prettier-ignore
    expect(normalizeParameters(params)).toBe('a=2&b=1');
  });
});

describe('base string URI (RFC 5849 §3.4.1.2)', () => {
  it.each(vectors<Url>('base_string_uri'))('of %s', (_, { url, expected }) => {
    expect(baseStringUri(url)).toBe(expected);
  });

  it.each(vectors<Url>('base_string_uri_errors'))('refuses %s', async (_, { url }) => {
    const signing = signRequest({ method: 'GET', url }, { clientId: 'ck' });
    await expect(signing).rejects.toThrow(OAuthError);
  });

  it.each([
    ['http://example.com:443/', 'http://example.com:443/'],
    ['https://example.com:443/', 'https://example.com/'],
    ['https://example.com:80/', 'https://example.com:80/'],
    ['https://bücher.example/straße', 'https://xn--bcher-kva.example/stra%C3%9Fe'],
  ])(
    'preserves a port that is not the default one, and writes hosts in ASCII: %s',
    (url, expected) => {
      expect(baseStringUri(url)).toBe(expected);
    },
  );

  it.each(['ftp://example.com/', 'file:///etc/passwd', 'javascript:alert(1)'])(
    'refuses a URL that is not http: %s',
    async (url) => {
      const signing = signRequest({ method: 'GET', url }, { clientId: 'ck' });
      await expect(signing).rejects.toThrow(OAuthError);
    },
  );
});

describe('signature base string (RFC 5849 §3.4.1.1)', () => {
  it.each(vectors<Pairs & { method: string; url: string }>('base_string'))(
    'of %s',
    (_, { method, url, params, expected }) => {
      expect(signatureBaseString({ method: method.toLowerCase(), url, params })).toBe(expected);
    },
  );
});
