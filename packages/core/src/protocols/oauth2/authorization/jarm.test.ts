import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../options/limits.js';
import { createJwks } from '../../../platform/jwt/jwks.js';
import type { JwtContext } from '../jwt/policy.js';
import { openResponse, peekState } from './jarm.js';

const issuer = 'https://id.example';
const data = { state: 's', redirectUri: 'https://app.example/cb', jarm: true };
const seconds = (): number => Math.floor(Date.now() / 1000);

let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let context: JwtContext;

beforeAll(async () => {
  keys = await generateKeyPair('ES256', { extractable: true });
  const jwks = createJwks({ keys: [await exportJWK(keys.publicKey)], limits: defaultLimits });
  context = {
    options: { clientId: 'app' },
    metadata: { issuer },
    jwks,
    limits: defaultLimits,
  };
});

async function sign(claims: JWTPayload): Promise<string> {
  const all = { iss: issuer, aud: 'app', exp: seconds() + 60, state: 's', code: 'c', ...claims };
  return await new SignJWT(all).setProtectedHeader({ alg: 'ES256' }).sign(keys.privateKey);
}

const open = async (params: URLSearchParams): Promise<Record<string, string>> =>
  Object.fromEntries(await openResponse(params, data, context));
const opened = async (claims: JWTPayload): Promise<Record<string, string>> =>
  await open(new URLSearchParams({ response: await sign(claims) }));
const peek = async (params: URLSearchParams): Promise<string | undefined> =>
  await peekState(params, { options: {}, maxBytes: defaultLimits.jwtBytes });

describe('the parameters of a signed response', () => {
  it('are its claims that are text or numbers, without aud and exp', async () => {
    const claims = { expires_in: 5, list: ['a'], object: { a: 1 }, flag: true, none: null };
    expect(await opened(claims)).toEqual({ iss: issuer, state: 's', code: 'c', expires_in: '5' });
  });

  it('do not include parameters beside it', async () => {
    const response = await sign({});
    const params = new URLSearchParams({ response, code: 'other', state: 'other', error: 'x' });
    expect(await open(params)).toEqual({ iss: issuer, state: 's', code: 'c' });
  });

  it.each([
    ['no response', async () => new URLSearchParams({ code: 'c', state: 's' })],
    [
      'two responses',
      async () =>
        new URLSearchParams([
          ['response', await sign({})],
          ['response', await sign({})],
        ]),
    ],
  ])('are rejected with %s', async (_, make) => {
    await expect(open(await make())).rejects.toMatchObject({
      code: 'invalid_callback',
      message: expect.stringContaining('exactly one "response"') as string,
    });
  });

  it.each([
    ['another state', { state: 'other' }],
    ['no state', { state: undefined }],
    ['an empty state', { state: '' }],
    ['a state that is a number', { state: 5 }],
  ])('are rejected with %s', async (_, claims) => {
    await expect(opened(claims as JWTPayload)).rejects.toMatchObject({ code: 'mismatching_state' });
  });

  it('are rejected with an empty state, even for a login without one', async () => {
    const params = new URLSearchParams({ response: await sign({ state: '' }) });
    const login = { ...data, state: '' };
    await expect(openResponse(params, login, context)).rejects.toMatchObject({
      code: 'mismatching_state',
    });
  });

  it.each([
    ['another issuer', { iss: 'https://other.example' }],
    ['another audience', { aud: 'other' }],
    ['an expiry in the past', { exp: seconds() - 60 }],
    ['no expiry', { exp: undefined }],
  ])('are rejected with %s', async (_, claims) => {
    await expect(opened(claims as JWTPayload)).rejects.toMatchObject({
      code: 'invalid_callback',
      reason: 'claim',
    });
  });

  it('accept a clock difference up to "leeway"', async () => {
    await expect(opened({ exp: seconds() - 20 })).resolves.toMatchObject({ code: 'c' });
  });
});

describe('the state of a response', () => {
  it('is read from a signed one, unverified', async () => {
    const response = await sign({ state: 'signed', aud: 'other' });
    expect(await peek(new URLSearchParams({ response }))).toBe('signed');
  });

  it.each([
    ['is empty', ''],
    ['is no text', 5],
    ['is missing', undefined],
  ])('is undefined if it %s', async (_, state) => {
    const response = await sign({ state } as JWTPayload);
    expect(await peek(new URLSearchParams({ response }))).toBeUndefined();
  });

  it('is the parameter, if there is one beside the response', async () => {
    const params = new URLSearchParams({
      response: await sign({ state: 'signed' }),
      state: 'plain',
    });
    expect(await peek(params)).toBe('plain');
  });

  it('is undefined without a response and without the parameter', async () => {
    expect(await peek(new URLSearchParams({ code: 'c' }))).toBeUndefined();
  });

  it('is undefined with two responses', async () => {
    const response = await sign({});
    const params = new URLSearchParams([
      ['response', response],
      ['response', response],
    ]);
    expect(await peek(params)).toBeUndefined();
  });

  it.each([
    ['no JWT', 'nothing', 'is not a JWT'],
    ['an encrypted JWT without a key for it', 'a.b.c.d.e', 'is not a JWT'],
  ])('is an error with its reason if the response is %s', async (_, response, message) => {
    await expect(peek(new URLSearchParams({ response }))).rejects.toMatchObject({
      code: 'mismatching_state',
      reason: 'form',
      message: expect.stringContaining(message) as string,
    });
  });
});
