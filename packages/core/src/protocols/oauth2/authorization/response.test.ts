import { expect, it } from 'vitest';
import type { ResponseType } from '../../../model/types.js';
import {
  checkErrorResponse,
  checkResponseIssuer,
  checkResponseMode,
  readState,
  rememberedType,
  validateResponse,
  withScope,
} from './response.js';

const params = (text: string) => new URLSearchParams(text);
const fails = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string });

it.each([
  ['state=s', 's'],
  ['state=', undefined],
  ['state=s&state=s', undefined],
  ['', undefined],
])('reads the state of "%s" as %j', (text, state) => {
  expect(readState(params(text))).toBe(state);
});

it('stores a response type that is not the default', () => {
  expect(rememberedType(undefined, false)).toStrictEqual({});
  expect(rememberedType('code', false)).toStrictEqual({});
  expect(rememberedType('code id_token', true)).toEqual({ responseType: 'code id_token' });
  expect(rememberedType('code token', false)).toEqual({ responseType: 'code token' });
  expect(() => rememberedType('code id_token', false)).toThrow(fails('invalid_options'));
});

it.each([
  ['form_post', true],
  ['fragment', true],
  ['form_post.jwt', true],
  ['fragment.jwt', true],
  ['query', false],
  ['jwt', false],
  ['xform_post', false],
  ['fragment.jwtx', false],
  [undefined, false],
])('accepts tokens with the response mode %j: %j', (mode, accepted) => {
  const check = () => checkResponseMode('code id_token', mode);
  if (accepted) expect(check).not.toThrow();
  else expect(check).toThrow(fails('invalid_options'));
  expect(() => checkResponseMode('code', mode)).not.toThrow();
});

const validate = async (
  text: string,
  responseType?: ResponseType,
  options: Parameters<typeof validateResponse>[2]['options'] = {},
) =>
  await validateResponse(params(text), { responseType, state: 's', redirectUri: '' } as never, {
    options,
    metadata: {},
  });

it.each([
  'code',
  'state',
  'iss',
  'error',
  'error_description',
  'error_uri',
  'id_token',
  'access_token',
  'token_type',
  'expires_in',
  'scope',
])('rejects "%s" twice (RFC 6749 §3.1)', async (name) => {
  const all = 'code id_token token';
  await expect(validate(`${name}=a&${name}=a`, all)).rejects.toEqual(
    fails('invalid_callback', `"${name}" more than once`),
  );
});

it.each([
  [undefined, 'id_token', 'a code response'],
  [undefined, 'access_token', 'a code response'],
  [undefined, 'response', 'a code response'],
  ['code id_token', 'access_token', 'a code id_token response'],
  ['id_token', 'code', 'a id_token response'],
  ['code id_token token', 'response', 'a code id_token token response'],
] as const)('rejects in a response of type %j "%s"', async (type, name, message) => {
  await expect(validate(`${name}=a`, type)).rejects.toEqual(fails('invalid_callback', message));
});

it('accepts every requested part', async () => {
  await validate('code=a&id_token=a&access_token=a', 'code id_token token');
  await validate('code=a&other=a&other=b');
});

it('rejects a response if the hook returns false, and gives it a copy', async () => {
  await expect(
    validate('code=a', undefined, { validateCallback: () => false as never }),
  ).rejects.toEqual(fails('invalid_callback', '"validateCallback" returned false'));
  const received = params('code=a&error=access_denied');
  const metadata = {};
  const options = {
    validateCallback: (given: URLSearchParams) => void given.delete('error'),
  } as never;
  const data = { state: 's', redirectUri: '' } as never;
  await expect(validateResponse(received, data, { options, metadata })).rejects.toEqual(
    fails('access_denied'),
  );
});

const one = 'https://one.example';
const announced = { issuer: one, authorization_response_iss_parameter_supported: true };

it('compares the issuer (RFC 9207 §2.4)', () => {
  const iss = params(`iss=${one}`);
  const other = params('iss=https://other.example');
  checkResponseIssuer(iss, announced);
  checkResponseIssuer(other, {});
  checkResponseIssuer(params(''), { issuer: one });
  checkResponseIssuer(params(''), announced, { inIdToken: true });
  expect(() => checkResponseIssuer(params(''), announced)).toThrow(
    fails(
      'mismatching_issuer',
      `has no "iss", although the metadata announces it; expected "${one}"`,
    ),
  );
  expect(() => checkResponseIssuer(other, announced)).toThrow(
    fails('mismatching_issuer', 'another "iss"'),
  );
  expect(() => checkResponseIssuer(other, {}, { options: { issuer: one } })).toThrow(
    fails('mismatching_issuer', `expected "${one}"`),
  );
});

it('requires the announced issuer, unless an id_token was requested and arrived (RFC 9207 §2)', async () => {
  const check = async (text: string, responseType?: ResponseType) =>
    await validateResponse(params(text), { responseType, state: 's', redirectUri: '' } as never, {
      options: {},
      metadata: announced,
    });
  await check('code=a&id_token=a', 'code id_token');
  await expect(check('code=a', 'code id_token')).rejects.toEqual(fails('mismatching_issuer'));
  await expect(check('code=a')).rejects.toEqual(fails('mismatching_issuer'));
});

it('gives the hook what identifies the client', async () => {
  const given: unknown[] = [];
  const options = { clientId: 'c', clientSecret: 's', authorizeUrl: 'https://op.example' };
  const validateCallback = (_params: URLSearchParams, client: object) => void given.push(client);
  await validate('code=a', undefined, { ...options, validateCallback });
  expect(given).toEqual([options]);
});

it('reads the error response without the secrets in it (RFC 6749 §4.1.2.1)', () => {
  checkErrorResponse(params('error='));
  checkErrorResponse(params('code=a&error_description=text'));
  const check = (text: string) => () => checkErrorResponse(params(text));
  expect(check('error=access_denied')).toThrow(fails('access_denied', 'denied access'));
  expect(check('error=login_required')).toThrow(fails('login_required', 'with "login_required"'));
  expect(check('error=a')).toThrow(
    expect.objectContaining({ error_description: undefined, error_uri: undefined }),
  );
  const message = 'The provider rejected the authorization request. See';
  expect(check('error=strange')).toThrow(fails('provider_refused', message));
  expect(check('error=a&error_description=Call+us&error_uri=https://op.example')).toThrow(
    expect.objectContaining({
      error: 'a',
      error_description: 'Call us',
      error_uri: 'https://op.example',
    }),
  );
  const repeated = 'error=access_denied&error_description=state-1+code-1&state=state-1&code=code-1';
  expect(check(repeated)).toThrow(
    expect.objectContaining({
      error_description: expect.not.stringMatching(/state-1|code-1/) as string,
    }),
  );
});

it('applies the error rules of the provider', () => {
  const rules = [{ when: 'reason', is: 'user', code: 'access_denied' }] as never;
  checkErrorResponse(params('reason=other'), rules);
  expect(() => checkErrorResponse(params('reason=user'), rules)).toThrow(fails('access_denied'));
  const status = [{ when: 'status', not: 'ok' }];
  checkErrorResponse(params('status=ok&code=a'), status);
  expect(() => checkErrorResponse(params('status=failed'), status)).toThrow(
    fails('provider_refused'),
  );
  const missing = [{ when: 'code', missing: true, code: 'access_denied' }] as never;
  expect(() => checkErrorResponse(params('state=s'), missing)).toThrow(fails('access_denied'));
});

it('assumes the requested scope if the response has none (RFC 6749 §5.1)', () => {
  const token = { access_token: 'a', token_type: 'Bearer' };
  expect(withScope(token, 'a b')).toEqual({ ...token, scope: 'a b' });
  expect(withScope({ ...token, scope: 'a' }, 'a b')).toEqual({ ...token, scope: 'a' });
  expect(withScope(token, undefined)).toBe(token);
  expect(withScope(token, '')).toBe(token);
  const without = { id_token: 'i' } as never;
  expect(withScope(without, 'a')).toBe(without);
});
