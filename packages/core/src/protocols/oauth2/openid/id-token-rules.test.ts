import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClaimsOptions } from '../../../model/types.js';
import { checkClaims, type ClaimsPolicy } from './id-token.js';

type Members = Record<string, unknown>;

const issuer = 'https://op.example';
const sub = 'a user';

const verify = async (claims: Members, claimsOptions: ClaimsOptions = {}) => {
  const iat = Math.floor(Date.now() / 1000);
  const standard = { iss: issuer, sub, aud: 'client', iat, exp: iat + 300 };
  const policy = { issuer, clientId: 'client', leeway: 30, claimsOptions: [claimsOptions] };
  return await checkClaims({ ...standard, ...claims }, 'RS256', policy);
};

describe('claimsOptions', () => {
  it.each([
    ['a claim that must be there', {}, { hd: { essential: true } }],
    ['null for a claim that must be there', { hd: null }, { hd: { essential: true } }],
    ['a name that every object has', {}, { constructor: { essential: true } }],
    ['another value', { hd: 'a' }, { hd: { value: 'b' } }],
    ['no value at all', {}, { hd: { value: 'b' } }],
    ['none of the values', { hd: 'a' }, { hd: { values: ['b', 'c'] } }],
    ['a value when no value is allowed', { hd: 'a' }, { hd: { values: [] } }],
    ['an empty text for a claim that must be there', { hd: '' }, { hd: { essential: true } }],
    ['an empty list for a claim that must be there', { amr: [] }, { amr: { essential: true } }],
    ['an empty object for one that must be there', { a: {} }, { a: { essential: true } }],
    ['another type', { level: '1' }, { level: { value: 1 } }],
    ['a validator that returns false', { hd: 'a' }, { hd: { validate: () => false } }],
    [
      'a validator that returns false for a missing claim',
      {},
      { hd: { validate: (v: unknown) => v === 'a' } },
    ],
    ['an asynchronous no', { hd: 'a' }, { hd: { validate: (async () => false) as never } }],
  ])('refuses %s', async (_title, claims, options) => {
    await expect(verify(claims, options)).rejects.toThrow(/claimsOptions/);
  });

  it.each([
    ['the value', { hd: 'a' }, { hd: { essential: true, value: 'a' } }],
    ['one of the values', { hd: 'a' }, { hd: { values: ['b', 'a'] } }],
    ['a list with the value', { groups: ['x', 'a'] }, { groups: { value: 'a' } }],
    ['an equal list', { amr: ['pwd', 'otp'] }, { amr: { value: ['pwd', 'otp'] } }],
    ['a zero for a claim that must be there', { level: 0 }, { level: { essential: true } }],
    ['false for a claim that must be there', { ok: false }, { ok: { essential: true } }],
    ['a list with an item', { amr: ['pwd'] }, { amr: { essential: true } }],
    ['an object with a member', { a: { b: 1 } }, { a: { essential: true } }],
    ['an absent claim that may be absent', {}, { hd: { essential: false } }],
    [
      'a validator that sees all claims',
      { hd: 'a' },
      { hd: { validate: (hd: unknown, all: Members) => hd === 'a' && all['sub'] === sub } },
    ],
  ])('accepts %s', async (_title, claims, options) => {
    await expect(verify(claims, options)).resolves.toMatchObject(claims);
  });

  it('is a configuration error if a validator returns nothing', async () => {
    const options = { hd: { validate: (() => {}) as never } };
    await expect(verify({ hd: 'a' }, options)).rejects.toMatchObject({ code: 'invalid_options' });
  });

  it('adds to the standard checks and replaces none', async () => {
    const iss = 'https://other.example';
    await expect(verify({ iss }, { iss: { value: iss } })).rejects.toThrow('"iss"');
    const again = { hd: { validate: () => false } };
    await expect(verify({ hd: 'a' }, again)).rejects.toThrow('"hd"');
    await expect(verify({ hd: 'a' }, again)).rejects.toThrow('"hd"');
  });
});

describe('at_hash', () => {
  it('[X4] N68 is refused when the hash of the algorithm is not known', async () => {
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, sub, aud: 'client', iat, exp: iat + 300, at_hash: 'x' };
    const policy = { issuer, clientId: 'client', leeway: 30, accessToken: 'x' };
    await expect(checkClaims(claims, 'ES256K', policy)).rejects.toThrow('"at_hash"');
  });
});

const now = 1_800_000_000;
const limits = { idTokenLifetime: 2 * 86_400, idTokenAge: 100 };

/** Checks claims at a fixed time. */
const check = (claims: Members, policy: Partial<ClaimsPolicy> = {}) => {
  const standard = { iss: issuer, sub, aud: 'client', iat: now, exp: now + 300 };
  const all = { issuer, clientId: 'client', leeway: 30, limits, ...policy };
  return checkClaims({ ...standard, ...claims }, 'RS256', all);
};

const refused = (claim: string, message = '') =>
  expect.objectContaining({
    code: 'invalid_id_token',
    message: expect.stringMatching(`"${claim}" .*${message}`) as string,
  });

describe('a time', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: now * 1000 }));
  afterEach(() => void vi.useRealTimers());

  it.each<[string, number, number, Partial<ClaimsPolicy>?]>([
    ['exp', now - 29, now - 30],
    ['exp', now + limits.idTokenLifetime, now + limits.idTokenLifetime + 1],
    ['iat', now + 30, now + 31],
    ['iat', now - 130, now - 131],
    ['nbf', now + 30, now + 31],
    ['auth_time', now + 30, now + 31, { maxAge: 60 }],
    ['auth_time', now - 90, now - 91, { maxAge: 60 }],
  ])(
    'is accepted at its limit, and rejected one second later: %s',
    async (claim, good, bad, policy) => {
      await expect(check({ [claim]: good }, policy)).resolves.toMatchObject({ [claim]: good });
      await expect(check({ [claim]: bad }, policy)).rejects.toEqual(refused(claim));
    },
  );

  it.each(['exp', 'iat', 'nbf', 'auth_time'])('must be a number: %s', async (claim) => {
    await expect(check({ [claim]: 'soon' })).rejects.toEqual(refused(claim, 'number of seconds'));
  });

  it('must prove that the user authenticated within "max_age" (OpenID Connect Core §3.1.2.1)', async () => {
    await expect(check({}, { maxAge: 60 })).rejects.toEqual(refused('auth_time', 'max_age'));
    await expect(check({ auth_time: now - 1000 })).resolves.toBeDefined();
  });

  it('is named with its limit', async () => {
    const late = { exp: now + 1_000_000 };
    await expect(check(late)).rejects.toEqual(refused('exp', 'more than 2 days in'));
    await expect(check({ iat: now - 500 })).rejects.toEqual(refused('iat', 'than 100 seconds in'));
  });

  it('has default limits', async () => {
    await expect(check({}, { limits: undefined })).resolves.toBeDefined();
  });
});

describe('the issuer, nonce and acr', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: now * 1000 }));
  afterEach(() => void vi.useRealTimers());

  it('may be compared by a function', async () => {
    const among = (iss: unknown): boolean => iss === issuer;
    await expect(check({}, { issuer: among })).resolves.toBeDefined();
    await expect(check({ iss: 'other' }, { issuer: among })).rejects.toEqual(refused('iss'));
  });

  it('must be the nonce of the login; it may be absent only if the client says so', async () => {
    await expect(check({ nonce: 'n' }, { nonce: 'n' })).resolves.toBeDefined();
    for (const nonce of ['N', '', undefined, 7]) {
      await expect(check({ nonce }, { nonce: 'n' })).rejects.toEqual(refused('nonce'));
    }
    const optional = { nonce: 'n', nonceOptional: true };
    await expect(check({}, optional)).resolves.toBeDefined();
    await expect(check({ nonce: 'N' }, optional)).rejects.toEqual(refused('nonce'));
  });

  it('must be one of the requested acr values; an empty one accepts none', async () => {
    const acrValues = ['high', 'higher'];
    await expect(check({ acr: 'higher' }, { acrValues })).resolves.toBeDefined();
    await expect(check({ acr: 'low' }, { acrValues })).rejects.toEqual(refused('acr'));
    await expect(check({}, { acrValues })).rejects.toEqual(refused('acr'));
    await expect(check({}, { acrValues: [...acrValues, ''] })).resolves.toBeDefined();
  });
});

describe('the hashes of an id_token', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: now * 1000 }));
  afterEach(() => void vi.useRealTimers());

  const hash = (text: string): string =>
    createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');
  const sent = { code: 'c', state: 's' };
  const all = { at_hash: hash('t'), c_hash: hash('c'), s_hash: hash('s') };

  it('of the token endpoint: at_hash may be absent, but not wrong (OpenID Connect Core §3.1.3.8)', async () => {
    await expect(check({}, { accessToken: 't' })).resolves.toBeDefined();
    await expect(check({ at_hash: hash('t') }, { accessToken: 't' })).resolves.toBeDefined();
    for (const wrong of [hash('c'), '', 7]) {
      const checked = check({ at_hash: wrong }, { accessToken: 't' });
      await expect(checked).rejects.toEqual(refused('at_hash'));
    }
    await expect(check({ c_hash: 'x', s_hash: 'x' })).resolves.toBeDefined();
  });

  it('of the authorization endpoint: at_hash and c_hash are required (§3.3.2.11)', async () => {
    const policy = { accessToken: 't', authorizationResponse: sent };
    await expect(check(all, policy)).resolves.toBeDefined();
    await expect(check({ ...all, s_hash: undefined }, policy)).resolves.toBeDefined();
    for (const claim of ['at_hash', 'c_hash']) {
      const without = check({ ...all, [claim]: undefined }, policy);
      await expect(without).rejects.toEqual(refused(claim));
    }
    const wrong = check({ ...all, s_hash: hash('c') }, policy);
    await expect(wrong).rejects.toEqual(refused('s_hash'));
    await expect(check({}, { authorizationResponse: {} })).resolves.toBeDefined();
  });

  it('as a detached signature: of code and state, which must exist (FAPI 1.0 Advanced §5.2.2.1)', async () => {
    const policy = { detachedSignature: true, authorizationResponse: sent };
    await expect(check(all, policy)).resolves.toBeDefined();
    for (const claim of ['c_hash', 's_hash']) {
      const without = check({ ...all, [claim]: undefined }, policy);
      await expect(without).rejects.toEqual(refused(claim));
    }
    for (const [claim, more] of [
      ['c_hash', { code: undefined }],
      ['s_hash', { state: undefined }],
    ] as const) {
      const checked = check(all, { ...policy, authorizationResponse: { ...sent, ...more } });
      await expect(checked).rejects.toEqual(refused(claim));
    }
    await expect(check({}, { detachedSignature: true })).resolves.toBeDefined();
  });
});
