import { expect, it } from 'vitest';
import { toBase64Url, toBytes } from '../encoding.js';
import { isEncrypted, readCompactJws, readHeader, readJsonObject, type JwtForm } from './jws.js';

const form: JwtForm = {
  what: 'test token',
  code: 'invalid_token',
  maxBytes: 20,
  types: [undefined, 'at+jwt'],
  algorithms: ['RS256'],
};

const read = (text: string, part: 'header' | 'payload' = 'payload') =>
  readJsonObject(toBytes(text), part, form);
const header = (members: object, more: Partial<JwtForm> = {}) =>
  readHeader(`${toBase64Url(toBytes(JSON.stringify(members)))}.e30.e30`, { ...form, ...more });
const rejected = (reason: string, message = '') =>
  expect.objectContaining({
    code: 'invalid_token',
    reason,
    message: expect.stringContaining(message) as string,
  });

it.each([
  '{"iss":1,"iss":2}',
  '{"a":{"x":1},"iss":1,"iss":2}',
  '{"a":[1,[2]],"iss":1,"iss":2}',
  '{"a":{},"b":[],"iss":1,"iss":2}',
  '{"iss":[1],"a":{"b":[{}]},"iss":[2]}',
  '{"iss":"a,b","iss":"a,c"}',
  '{"iss":"}","a":1,"iss":"{"}',
  '{"\\u0069ss":1,"iss":2}',
])('rejects a payload with two values of a member: %s (RFC 7519 §4)', (text) => {
  expect(() => read(text)).toThrow(rejected('claim', '"iss"'));
});

it.each([
  '{"a":{"iss":1,"iss":2}}',
  '{"a":[{"iss":1},{"iss":2}]}',
  '{"a":{"iss":1},"iss":2}',
  '{"iss": 1 ,"iss":1}',
  '{"iss":{"a":1,"b":2},"iss":{"b":2,"a":1}}',
  '{"a":"\\"iss\\":1,","iss":2}',
])('accepts a payload with one value of each member: %s', (text) => {
  expect(read(text)).toEqual(JSON.parse(text));
});

it('rejects a header with a member twice, whatever its values (RFC 7515 §4)', () => {
  expect(() => read('{"alg":"RS256","alg":"RS256"}', 'header')).toThrow(
    rejected('header', '"alg"'),
  );
  expect(() => read('{"secret":1,"secret":2}')).toThrow(rejected('claim', 'an unregistered claim'));
});

it.each(['[]', '7', 'null', '', '{"a":1', '\uFEFF{}'])(
  'rejects %j as not a JSON object',
  (text) => {
    expect(() => read(text)).toThrow(rejected('form'));
    expect(() => read(text, 'header')).toThrow(rejected('header'));
  },
);

it('rejects bytes that are not UTF-8', () => {
  const bytes = new Uint8Array([...toBytes('{"a":"'), 0xff, ...toBytes('"}')]);
  expect(() => readJsonObject(bytes, 'payload', form)).toThrow(rejected('form'));
  expect(() => readJsonObject(undefined, 'payload', form)).toThrow(rejected('form'));
});

it('accepts a JWT of the maximum length, and none that is longer', () => {
  expect(readCompactJws('aaaaaa.aaaaaa.aaaaaa', form)).toBe('aaaaaa.aaaaaa.aaaaaa');
  expect(() => readCompactJws('aaaaaa.aaaaaa.aaaaaaa', form)).toThrow(rejected('form', '20 bytes'));
});

it.each([undefined, 7, '', 'a.b', 'a.b.c.d', 'a..c', 'a.b.c ', ' a.b.c', ['a.b.c']])(
  'rejects %j as not a signed JWT',
  (jwt) => {
    expect(() => readCompactJws(jwt, form)).toThrow(rejected('form'));
  },
);

it('names the remedy for an encrypted JWT', () => {
  expect(isEncrypted('a.b.c.d.e')).toBe(true);
  expect(isEncrypted(['a.b.c.d.e'])).toBe(false);
  expect(() => readCompactJws('a.b.c.d.e', form)).toThrow(rejected('form', '"decryptionKeys"'));
});

it.each([
  [undefined, true],
  ['at+jwt', true],
  ['application/AT+JWT', true],
  ['xapplication/at+jwt', false],
  ['jwt', false],
  [7, false],
])('accepts a token of the type %j: %j (RFC 8725 §3.11)', (typ, accepted) => {
  if (accepted) expect(header({ alg: 'RS256', typ })).toEqual({ alg: 'RS256' });
  else
    expect(() => header({ alg: 'RS256', typ })).toThrow(rejected('header', 'absent or "at+jwt"'));
});

it('names the algorithms it accepts, and the option only for tokens of a login or logout', () => {
  const option = 'set "idTokenSignedResponseAlg"';
  const message = (more: Partial<JwtForm>) => {
    try {
      return header({ alg: ['RS256'] }, more);
    } catch (error) {
      return String(error);
    }
  };
  expect(message({})).toContain('it accepts RS256.');
  expect(message({})).not.toContain(option);
  expect(message({ algorithms: [] })).toContain('none that the provider lists');
  for (const code of ['invalid_id_token', 'invalid_logout_token'] as const)
    expect(message({ code })).toContain(option);
});

it('names the phase only of an id_token', () => {
  expect(() => header({}, { code: 'invalid_id_token' })).toThrow(
    expect.objectContaining({ phase: 'id_token' }),
  );
  expect(() => header({})).toThrow(expect.objectContaining({ phase: undefined }));
});
