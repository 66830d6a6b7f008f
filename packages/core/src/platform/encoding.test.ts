import { describe, expect, it } from 'vitest';
import {
  fromBase64Url,
  jsonTokens,
  parseJson,
  toBase64,
  toBase64Url,
  tryJson,
} from './encoding.js';

describe('JSON from outside', () => {
  it('reads integers beyond 2^53 as text of the same digits, and leaves text and other numbers alone', () => {
    const json =
      '{"id":12345678901234567890,"list":[-9007199254740993,9007199254740991],' +
      '"text":"1111111111111111111 \\" 2222222222222222222","real":1.2345678901234567890,"e":1e300}';

    expect(parseJson(json)).toEqual({
      id: '12345678901234567890',
      list: ['-9007199254740993', 9007199254740991],
      text: '1111111111111111111 " 2222222222222222222',
      real: 1.2345678901234567,
      e: 1e300,
    });
  });

  const name = '__proto__';
  const escaped = [...name].map((character, at) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return `{"${name.slice(0, at)}\\u${code}${name.slice(at + 1)}":1}`;
  });

  it.each([`{"${name}":{"a":1}}`, '{"\\u005F\\u005fproto__":1}', ...escaped])(
    'drops a member %s, however it is written',
    (json) => {
      expect(Object.getOwnPropertyNames(parseJson(json))).toEqual([]);
      expect(Object.getOwnPropertyNames(parseJson(`{"b":${json}}`))).toEqual(['b']);
    },
  );

  it.each([
    `{"a":1111111111111111,"b":"${'\\"'.repeat(1000)}`,
    `{"a":1111111111111111,"b":${'['.repeat(1000)}`,
    '{"a":11111111111111111"b"}',
    '{"a":1111111111111111x}',
    '',
  ])('refuses text that is not JSON before it looks for integers in it', (text) => {
    expect(tryJson(text)).toBeUndefined();
  });

  it('splits valid JSON into tokens that make up the whole text', () => {
    const json = '{"a\\"}":[1,-2.5e+3,true,null,{"b":"\\\\"}] , "c" : 12345678901234567890 }';
    expect([...jsonTokens(json)].join('')).toBe(json);
    expect([...jsonTokens(json)].filter((token) => token.startsWith('"'))).toEqual([
      '"a\\"}"',
      '"b"',
      '"\\\\"',
      '"c"',
    ]);
  });
});

describe('JSON that nests deeply', () => {
  const nested = (depth: number) =>
    `{"a":"[","b":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
  const wide = `[${'{"a":[]},'.repeat(2000)}1]`;

  it('is parsed up to 500 levels', () => {
    expect(parseJson(nested(500))).toMatchObject({ a: '[' });
    expect(parseJson(wide)).toHaveLength(2001);
    expect(parseJson(`["${'['.repeat(2000)}","\\\\","\\"${'['.repeat(2000)}"]`)).toHaveLength(3);
  });

  it.each([501, 100_000])('is rejected at %i levels, before it is parsed', (depth) => {
    expect(() => parseJson(nested(depth))).toThrow('nests deeper than 500 levels');
    expect(tryJson('['.repeat(depth))).toBeUndefined();
  });
});

describe('base64url', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);

  it('encodes bytes, the part of a buffer that a view is of, and buffers', () => {
    expect(toBase64Url(bytes.subarray(250))).toBe('-vv8_f7_');
    expect(toBase64(bytes.subarray(250, 254))).toBe('+vv8/Q==');
    expect(toBase64Url(bytes.slice(0, 3).buffer)).toBe('AAEC');
    expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
  });

  it.each(['', 'A', 'AAAAA', 'AA==', 'A+/A', 'AA A', 'AA\n'])('rejects "%s"', (text) => {
    expect(fromBase64Url(text)).toBeUndefined();
  });
});
