import { describe, expect, it } from 'vitest';
import type { ClaimsOptions } from '../../../model/types.js';
import { checkClaims } from './id-token.js';

type Members = Record<string, unknown>;

const issuer = 'https://op.example';
const sub = 'a user';

const verify = (claims: Members, claimsOptions: ClaimsOptions = {}) => {
  const iat = Math.floor(Date.now() / 1000);
  const standard = { iss: issuer, sub, aud: 'client', iat, exp: iat + 300 };
  const policy = { issuer, clientId: 'client', leeway: 30, claimsOptions: [claimsOptions] };
  return checkClaims({ ...standard, ...claims }, 'RS256', policy);
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
    ['an absent claim that may be absent', {}, { hd: { essential: false } }],
    [
      'a validator that sees all claims',
      { hd: 'a' },
      { hd: { validate: (hd: unknown, all: Members) => hd === 'a' && all['sub'] === sub } },
    ],
  ])('accepts %s', async (_title, claims, options) => {
    await expect(verify(claims, options)).resolves.toMatchObject(claims);
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
