import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { oauth1Client } from '../protocols/oauth1/world.js';
import { openidClient, plainClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { login, rejection } from '../support/login.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(() => {
  provider.reset();
  provider.settings.openid = true;
});

function plain(options: RegisterOptions) {
  provider.settings.openid = false;
  return new OAuth({ config: {} }).register('plain', plainClient(provider, options)).plain;
}

function corp(options: RegisterOptions) {
  return new OAuth({ config: {} }).register('corp', openidClient(provider, options)).corp;
}

type Hook = () => never;

/** The hooks that return what a response is read as, and how each is reached. */
const hooks: [name: string, reach: (hook: Hook) => Promise<unknown>][] = [
  [
    'complianceFix.accessTokenResponse',
    (accessTokenResponse) => login(plain({ complianceFix: { accessTokenResponse } })),
  ],
  [
    'complianceFix.accessTokenResponse',
    (accessTokenResponse) =>
      plain({
        complianceFix: { accessTokenResponse },
        allowLegacyGrants: ['password'],
      }).grants.passwordToken({ username: 'u', password: 'p' }),
  ],
  [
    'complianceFix.refreshTokenResponse',
    async (refreshTokenResponse) => {
      const client = plain({ complianceFix: { refreshTokenResponse } });
      return client.refreshToken(await login(client));
    },
  ],
  [
    'userinfoComplianceFix',
    async (userinfoComplianceFix) => {
      const client = corp({ userinfoComplianceFix });
      return client.userinfo({ token: await login(client) });
    },
  ],
  [
    'userinfoComplianceFix',
    async (userinfoComplianceFix) => {
      const client = oauth1Client(provider, { userinfoComplianceFix });
      return client.userinfo({ token: await login(client) });
    },
  ],
];

describe.each(hooks)('the hook %s', (name, reach) => {
  it.each<[string, unknown]>([
    ['nothing', () => undefined],
    ['nothing, later', async () => undefined],
    ['null', () => null],
    ['a text', () => 'text'],
    ['a list', () => [{}]],
  ])('is named if it returns %s, and the provider is not blamed', async (_what, hook) => {
    const error = await rejection(reach(hook as Hook));
    expect(error.message).toContain(`"${name}" returned`);
    expect(error.message).not.toMatch(/endpoint|RFC/);
  });
});

describe('the hook transformResponse', () => {
  const nothing = (): undefined => undefined;

  it.each([
    ['a text', () => 'text'],
    ['a list', () => []],
  ])('is named if it returns %s', async (_what, transformResponse) => {
    const client = plain({ transformResponse: transformResponse as never });
    expect((await rejection(login(client))).message).toContain('"transformResponse" returned');
  });

  it('is named if it returns nothing for a token response that cannot be read without it', async () => {
    provider.on('token', () => ({ body: '<xml/>' }));
    const error = await rejection(login(plain({ transformResponse: nothing })));
    expect(error.message).toContain('"transformResponse" returned nothing');
  });

  it('is named if it returns nothing for a profile that cannot be read without it', async () => {
    const client = plain({ transformResponse: nothing });
    const token = await login(client);
    provider.on('userinfo', () => ({ body: '<xml/>' }));
    const error = await rejection(client.userinfo({ token }));
    expect(error.message).toContain('"transformResponse" returned nothing');
  });

  it('is named if it returns nothing for a profile of OAuth 1 that cannot be read without it', async () => {
    const client = oauth1Client(provider, { transformResponse: nothing });
    const token = await login(client);
    provider.on('oauth1_api', () => ({ body: '<xml/>' }));
    const error = await rejection(client.userinfo({ token }));
    expect(error.message).toContain('"transformResponse" returned nothing');
  });

  it('may return nothing for what the ordinary reader reads', async () => {
    expect(await login(plain({ transformResponse: nothing }))).toHaveProperty('access_token');
  });
});

describe('a "validate" of "claimsOptions"', () => {
  it('is named if it returns nothing, and the claim is not blamed', async () => {
    const validate = (() => undefined) as never;
    const error = await rejection(login(corp({ claimsOptions: { email: { validate } } })));
    expect(error).toMatchObject({ code: 'invalid_options' });
    expect(error.message).toContain('"validate" of "claimsOptions" returned undefined');
  });
});

describe('the subject of userinfo()', () => {
  it('stays the one of the verified id_token, whatever "userinfoComplianceFix" returns', async () => {
    const userinfoComplianceFix = () => ({ sub: 'somebody else', name: 'N' });
    const client = corp({ userinfoComplianceFix });
    const token = await login(client);
    expect(await client.userinfo({ token })).toMatchObject({ sub: token.userinfo?.sub, name: 'N' });
  });
});
