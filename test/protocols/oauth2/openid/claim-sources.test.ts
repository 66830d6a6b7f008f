import { OAuth, type RegisterOptions, type UserInfo } from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openidClient } from '../../../support/apps/express.js';
import {
  attackerKey,
  rsaKey,
  signJws,
  startProvider,
  type FakeProvider,
} from '../../../support/provider/index.js';
import { login, rejection } from '../../../support/login.js';

let provider: FakeProvider;
/** A claims provider; its keys are found by discovery. */
let bank: FakeProvider;
/** Whom nobody has vouched for. */
let stranger: FakeProvider;

beforeAll(async () => {
  [provider, bank, stranger] = await Promise.all([
    startProvider(),
    startProvider(),
    startProvider(),
  ]);
});
afterAll(() => Promise.all([provider, bank, stranger].map((one) => one.close())));
afterEach(() => {
  for (const one of [provider, bank, stranger]) one.reset();
});

function client(more: RegisterOptions = {}) {
  const options = openidClient(provider, { claimSources: { [bank.issuer]: {} }, ...more });
  return new OAuth({ config: {} }).register('corp', options).corp;
}

const says = (claims: object, header: object = {}): string =>
  signJws(
    { iss: bank.issuer, credit_score: 650, ...claims },
    { alg: 'RS256', kid: 'k1', ...header },
    rsaKey(),
  );

const person = (JWT: unknown, names: object = { credit_score: 'src1' }): UserInfo => ({
  sub: 'user-1',
  _claim_names: names,
  _claim_sources: { src1: { JWT } },
});

const soon = (): number => Math.floor(Date.now() / 1000) + 600;

describe('aggregated claims (OpenID Connect Core §5.6.2.1)', () => {
  it('[A19] are verified with the keys of their issuer', async () => {
    provider.quirks.userinfo = {
      ...person(says({ exp: soon(), aud: provider.settings.clientId })),
    };
    const corp = client();
    const token = await login(corp);
    const user = await corp.userinfo({ token });
    expect(user['credit_score']).toBeUndefined();
    expect(await corp.metadata.aggregatedClaims(user)).toEqual([
      { iss: bank.issuer, claims: { credit_score: 650 } },
    ]);
    await corp.metadata.aggregatedClaims(user);
    expect([bank.count('metadata'), bank.count('jwks')]).toEqual([1, 1]);
  });

  it('[A19] are none if the provider names none', async () => {
    const corp = client();
    for (const user of [{}, { _claim_names: 'x', _claim_sources: [] }, person({ no: 'text' })]) {
      expect(await corp.metadata.aggregatedClaims(user as UserInfo)).toEqual([]);
    }
    expect(
      await corp.metadata.aggregatedClaims({ ...person(7), _claim_sources: { src1: 'x' } }),
    ).toEqual([]);
  });

  it('[A19] are those that the source is named for, and never about the login itself', async () => {
    const all = { sub: 'at-the-bank', credit_score: 1, admin: true, auth_time: 7, email: 'a@b' };
    const names = {
      credit_score: 'src1',
      sub: 'src1',
      iss: 'src1',
      auth_time: 'src1',
      email: 's2',
    };
    expect(await client().metadata.aggregatedClaims(person(says(all), names))).toEqual([
      { iss: bank.issuer, sub: 'at-the-bank', claims: { credit_score: 1 } },
    ]);
  });

  it('[A19] are read from the raw profile if the rest is mapped', async () => {
    const user = { sub: 'x', raw: person(says({})) } as UserInfo;
    expect(await client().metadata.aggregatedClaims(user)).toHaveLength(1);
  });

  it.each([
    ['an issuer that is not trusted', () => says({ iss: 'https://stranger.example' })],
    ['no issuer', () => says({ iss: undefined })],
    ['no JWT', () => 'x.y.z'],
  ])('[A19] of %s are left out, and no keys are requested', async (_title, jwt) => {
    expect(await client().metadata.aggregatedClaims(person(jwt()))).toEqual([]);
    expect(bank.count() + stranger.count()).toBe(0);
  });

  it.each([
    [
      'another signature',
      () => signJws({ iss: bank.issuer }, { alg: 'RS256', kid: 'k1' }, attackerKey()),
    ],
    ['no signature', () => says({}).replace(/[^.]*$/, '')],
    ['the algorithm none', () => `${says({}, { alg: 'none' }).replace(/[^.]*$/, '')}`],
    ['another client', () => says({ aud: 'another' })],
    ['a time that is over', () => says({ exp: 1 })],
    ['a time that is none', () => says({ exp: 'soon' })],
    ['a time to come', () => says({ nbf: soon() })],
    ['a nonce, as id_tokens have', () => says({ nonce: 'n' })],
    ['events, as logout tokens have', () => says({ events: {} })],
    ['another type', () => says({}, { typ: 'at+jwt' })],
  ])('[A19] with %s are refused', async (_title, jwt) => {
    const error = await rejection(client().metadata.aggregatedClaims(person(jwt())));
    expect(error).toMatchObject({ code: 'invalid_userinfo', client: 'corp', phase: 'userinfo' });
    expect(error.message).not.toContain(jwt());
  });

  it('[A19] may have another algorithm only if none was named', async () => {
    const jwt = says({});
    const at = (alg: string) => client({ claimSources: { [bank.issuer]: { alg } } });
    expect(await at('RS256').metadata.aggregatedClaims(person(jwt))).toHaveLength(1);
    await rejection(at('ES256').metadata.aggregatedClaims(person(jwt)));
  });

  it('[A19] are verified with the keys that are given, without a request', async () => {
    const jwks = { keys: [rsaKey().jwk] } as never;
    const given = client({ claimSources: { [bank.issuer]: { jwks } } });
    expect(await given.metadata.aggregatedClaims(person(says({})))).toHaveLength(1);
    expect(bank.count()).toBe(0);
    const jwksUri = `${bank.base}/jwks`;
    const found = client({ claimSources: { [bank.issuer]: { jwksUri } } });
    expect(await found.metadata.aggregatedClaims(person(says({})))).toHaveLength(1);
    expect([bank.count('metadata'), bank.count('jwks')]).toEqual([0, 1]);
  });

  it('[X4] have ten sources at most', async () => {
    const many = Array.from({ length: 11 }, (_, index) => [`src${index}`, { JWT: says({}) }]);
    const of = (count: number) => ({
      _claim_names: { credit_score: 'src0' },
      _claim_sources: Object.fromEntries(many.slice(0, count)),
    });
    expect(await client().metadata.aggregatedClaims(of(10))).toHaveLength(10);
    await rejection(client().metadata.aggregatedClaims(of(11)));
    expect(bank.count('jwks')).toBe(1);
  });
});

describe('distributed claims (OpenID Connect Core §5.6.2.2)', () => {
  const at = (one: FakeProvider, more: object = {}): UserInfo => ({
    _claim_names: { credit_score: 'src2' },
    _claim_sources: {
      src2: { endpoint: `${one.base}/api/claims`, access_token: 'canary-ct', ...more },
    },
  });
  const jwt = (): { headers: Record<string, string>; body: string } => ({
    headers: { 'content-type': 'application/jwt' },
    body: says({}),
  });

  it('[A19] asks with the token that came along', async () => {
    bank.on('api', jwt);
    expect(await client().metadata.distributedClaims(at(bank))).toEqual([
      { iss: bank.issuer, claims: { credit_score: 650 } },
    ]);
    expect(bank.last('api').headers).toMatchObject({
      authorization: 'Bearer canary-ct',
      accept: 'application/jwt',
    });
    expect(bank.last('api').url).not.toContain('canary');
  });

  it('[A19] asks without a token if none came along, or none that can travel', async () => {
    bank.on('api', jwt);
    for (const token of [undefined, '', 7, 'a\r\nb']) {
      await client().metadata.distributedClaims(at(bank, { access_token: token }));
      expect(bank.last('api').headers['authorization']).toBeUndefined();
    }
  });

  it('[X4] asks no host that the application has not named', async () => {
    for (const endpoint of [`${stranger.base}/api`, 'file:///etc/passwd', 'x', 7, undefined]) {
      expect(await client().metadata.distributedClaims(at(stranger, { endpoint }))).toEqual([]);
    }
    expect(stranger.count()).toBe(0);
    const elsewhere = { [bank.issuer]: { endpoint: `${stranger.base}/anywhere` } };
    stranger.on('api', jwt);
    const corp = client({ claimSources: elsewhere });
    expect(await corp.metadata.distributedClaims(at(stranger))).toHaveLength(1);
    expect(await corp.metadata.distributedClaims(at(bank))).toEqual([]);
  });

  it('[A19] refuses what is signed for another issuer, or not at all', async () => {
    bank.on('api', () => ({ body: says({ iss: provider.issuer }) }));
    expect(await rejection(client().metadata.distributedClaims(at(bank)))).toMatchObject({
      code: 'invalid_userinfo',
    });
    bank.on('api', () => ({ body: { credit_score: 800 } }));
    expect(await rejection(client().metadata.distributedClaims(at(bank)))).toMatchObject({
      code: 'invalid_userinfo',
    });
  });

  it.each([
    [401, 'provider_refused'],
    [503, 'provider_unavailable'],
    [302, 'invalid_response'],
  ])('[A19] says of a status %s: %s', async (status, code) => {
    bank.on('api', () => ({ status, headers: { location: stranger.base } }));
    const error = await rejection(client().metadata.distributedClaims(at(bank)));
    expect(error).toMatchObject({ code, providerStatus: status });
    expect(stranger.count()).toBe(0);
  });

  it('[X4] are refused if the response is endless', async () => {
    bank.quirks.fault.api = 'endless';
    expect(await rejection(client().metadata.distributedClaims(at(bank)))).toMatchObject({
      code: 'response_too_large',
    });
  });
});

describe('the option claimSources', () => {
  it.each([
    [{ 'not-a-url': {} }],
    [{ 'https://bank.example': { jwksUri: 'x' } }],
    [{ 'https://bank.example': { alg: 'none' } }],
    [{ 'https://bank.example': { keys: [] } }],
    [{ 'https://bank.example': { jwks: [] } }],
    [['https://bank.example']],
    [{ 'https://bank.example': true }],
  ])('[A1] refuses %j', (claimSources) => {
    expect(() => client({ claimSources } as unknown as RegisterOptions)).toThrow('"claimSources"');
  });
});
