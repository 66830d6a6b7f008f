import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { postgresStore } from '@oauth-registry/core/stores/postgres';
import { redisStore } from '@oauth-registry/core/stores/redis';
import { OAuth as ExpressOAuth } from '@oauth-registry/express';
import { createSession, OAuth as NextOAuth } from '@oauth-registry/next';
import { describe, expect, it } from 'vitest';
import { rejection } from '../support/login.js';

const corp = {
  clientId: 'a',
  clientSecret: 'b',
  authorizeUrl: 'https://id.example/authorize',
  accessTokenUrl: 'https://id.example/token',
  apiBaseUrl: 'https://api.example/',
};
const oauth = new OAuth({ config: {} }).register('corp', corp);
type Anyhow = Record<string, (...given: unknown[]) => Promise<unknown>>;
const client = oauth.corp as unknown as Anyhow;
const token = { access_token: 'a', token_type: 'Bearer' };

describe('a verb', () => {
  it.each([
    ['get', ['/', { token }, { headers: {} }]],
    ['head', ['/', { token }, 'x']],
    ['post', ['/', { token }, { json: {} }]],
    ['delete', ['/', undefined, { token }]],
    ['request', ['GET', '/', { token }, { headers: {} }]],
    ['userinfo', [{ token }, { signal: undefined }]],
    ['listTokens', [{ userId: '1' }, { userId: '2' }]],
    ['createAuthorizationUrl', ['https://app.example/cb', {}, { scope: 'x' }]],
    ['fetchAccessToken', ['?code=x', { state: 'x' }, {}, { params: {} }]],
    ['refreshToken', [token, {}, {}, {}]],
  ] as const)('refuses arguments after those it takes: %s()', async (verb, given) => {
    expect(await rejection(client[verb]?.(...given) as Promise<unknown>)).toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining('too many arguments') as string,
    });
  });

  it('refuses more than a token that it names an identity of', () => {
    expect(() =>
      (client['identity'] as unknown as (...given: unknown[]) => string)(token, 'x'),
    ).toThrow(expect.objectContaining({ code: 'invalid_options' }));
  });
});

describe('options that nothing reads', () => {
  const redis = { eval: async () => null };
  const database = { query: async () => ({ rows: [] }) };
  const secret = 'a secret of thirty-two characters';

  it.each([
    ['redisStore()', () => redisStore(redis, { prefx: 'x:' } as never), 'prefix'],
    ['postgresStore()', () => postgresStore(database, { tabel: 'x' } as never), 'table'],
    ['createSession()', () => createSession({ secret, maxage: 5 } as never), 'maxAge'],
    ['new OAuth()', () => new ExpressOAuth({ baseURL: 'https://app.example' } as never), 'baseUrl'],
    ['new OAuth()', () => new NextOAuth({ secrets: secret } as never), 'secret'],
  ] as const)('are refused by %s, with the nearest name', (where, make, meant) => {
    expect(make).toThrow(
      expect.objectContaining({
        code: 'invalid_options',
        message: expect.stringMatching(
          new RegExp(`${where.replace(/[()]/g, '\\$&')}.*Did you mean "${meant}"`),
        ) as string,
      }),
    );
  });

  it('are refused if they are no options at all', () => {
    for (const make of [
      () => redisStore(redis, 'oauth:' as never),
      () => postgresStore(database, null as never),
    ]) {
      expect(make).toThrow(expect.objectContaining({ code: 'invalid_options' }));
    }
    expect(memoryStore()).toBeTypeOf('object');
  });
});

it('options that do nothing beside one another compile for no client', () => {
  const challenge = { ...corp, pkce: 'off', codeChallengeMethod: 'S256' } as const;
  const claims = { ...corp, idToken: 'ignore', claimsOptions: { hd: { value: 'x' } } } as const;
  // @ts-expect-error there is no challenge
  expect(() => new OAuth().register('x', challenge)).toThrow(/"codeChallengeMethod" has no effect/);
  const inline = (): unknown =>
    // @ts-expect-error there is no challenge
    new OAuth().register('x', { ...corp, pkce: 'off', codeChallengeMethod: 'S256' });
  expect(inline).toThrow(/"codeChallengeMethod" has no effect/);
  // @ts-expect-error there are no claims
  expect(() => new OAuth().register('x', claims)).toThrow(/"claimsOptions" has no effect/);
  // @ts-expect-error there is no challenge
  expect(() => new OAuth().registerAll({ x: challenge })).toThrow(/"codeChallengeMethod"/);

  const off = new OAuth({ config: {} }).register('one', { ...corp, pkce: 'off' });
  const on = off.register('two', { ...corp, pkce: 'S256', codeChallengeMethod: 'S256' });
  const some: RegisterOptions = corp;
  expect(on.register('three', some).register('four', { ...corp, pkce: some.pkce }).two.kind).toBe(
    'oauth2',
  );
});
