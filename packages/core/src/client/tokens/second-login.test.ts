import { describe, expect, it } from 'vitest';
import type { Token } from '../../model/types.js';
import type { TokenRecord } from './records.js';
import { continued, lacksRefreshToken } from './second-login.js';

const idToken = (claims: object): string =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;
const ada = { iss: 'https://id.example', sub: 'ada' };

const fresh = (more: object = {}): Token => ({
  token_type: 'Bearer',
  access_token: 'new',
  id_token: idToken(ada),
  scope: 'a b',
  ...more,
});
const before = (more: object = {}, record: object = {}): TokenRecord<Token> => ({
  token: {
    token_type: 'Bearer',
    access_token: 'old',
    refresh_token: 'rt',
    id_token: idToken(ada),
    scope: 'a b',
    ...more,
  },
  ...record,
});

describe('a login without a refresh token', () => {
  it('continues the stored one of the same user and issuer, with its metadata', () => {
    const record = { sentAt: 1, waitUntil: 2, createdAt: 3 };
    expect(continued(fresh(), before({}, record))).toEqual({
      ...record,
      token: { ...fresh(), refresh_token: 'rt' },
    });
  });

  it.each<[string, object, object, object?]>([
    ['one has a refresh token of its own', { refresh_token: 'own' }, {}],
    ['the stored one has none', {}, { refresh_token: undefined }],
    ['the stored one has an empty one', {}, { refresh_token: '' }],
    ['the user is another', { id_token: idToken({ ...ada, sub: 'eve' }) }, {}],
    ['the issuer is another', { id_token: idToken({ ...ada, iss: 'https://other.example' }) }, {}],
    ['neither user is known', { id_token: undefined }, { id_token: undefined }],
    [
      'neither subject is known',
      { id_token: idToken({ iss: 'i' }) },
      { id_token: idToken({ iss: 'i' }) },
    ],
    [
      'neither issuer is known',
      { id_token: idToken({ sub: 's' }) },
      { id_token: idToken({ sub: 's' }) },
    ],
    ['the stored user is not known', {}, { id_token: undefined }],
    ['the scope is narrower', { scope: 'a' }, {}],
    ['the stored scope is not known', {}, { scope: undefined }],
    ['the new scope is not known', { scope: undefined }, {}],
    [
      'the DPoP key is another',
      { dpop_key: { kty: 'EC', x: '1' } },
      { dpop_key: { kty: 'EC', x: '2' } },
    ],
    ['the authorization has ended', {}, {}, { dead: 'refused' }],
  ])('does not continue it if %s', (_, one, other, record) => {
    expect(continued(fresh(one), before(other, record))).toStrictEqual({ token: fresh(one) });
  });

  it('continues it with a wider scope, without any, and with the same DPoP key (RFC 9449 §5)', () => {
    const continues = (one: object, other: object) =>
      continued(fresh(one), before(other)).token['refresh_token'] === 'rt';
    expect(continues({ scope: 'b  c a' }, {})).toBe(true);
    expect(continues({ scope: undefined }, { scope: undefined })).toBe(true);
    const dpop_key = { kty: 'EC', x: '1' };
    expect(continues({ dpop_key }, { dpop_key: { ...dpop_key } })).toBe(true);
  });

  it('has nothing to continue without a record', () => {
    expect(continued(fresh(), undefined)).toStrictEqual({ token: fresh() });
  });
});

it('looks for a stored refresh token only with a known user', () => {
  expect(lacksRefreshToken(fresh())).toBe(true);
  expect(lacksRefreshToken(fresh({ refresh_token: '' }))).toBe(true);
  expect(lacksRefreshToken(fresh({ refresh_token: 'rt' }))).toBe(false);
  expect(lacksRefreshToken(fresh({ id_token: 'x' }))).toBe(false);
});
