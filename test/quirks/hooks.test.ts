import { setTimeout as sleep } from 'node:timers/promises';
import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { plainClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { login, rejection } from '../support/login.js';

let provider: FakeProvider;
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);

beforeAll(async () => {
  provider = await startProvider({ openid: false });
});
afterAll(() => provider.close());
beforeEach(() => {
  process.on('unhandledRejection', note);
});
afterEach(() => {
  process.off('unhandledRejection', note);
  provider.reset();
  provider.settings.tokenEndpointAuthMethod = 'client_secret_basic';
});

function clientWith(options: RegisterOptions) {
  return new OAuth({ config: {} }).register('plain', plainClient(provider, options)).plain;
}

type Client = ReturnType<typeof clientWith>;
type Hook = () => Promise<never>;

/** Where an application can hook in, and how the hook is reached. */
const places: [string, (hook: Hook) => RegisterOptions, (client: Client) => Promise<unknown>][] = [
  [
    'complianceFix.accessTokenRequest',
    (accessTokenRequest) => ({ complianceFix: { accessTokenRequest } }),
    login,
  ],
  [
    'complianceFix.accessTokenResponse',
    (accessTokenResponse) => ({ complianceFix: { accessTokenResponse } }),
    login,
  ],
  [
    'complianceFix.refreshTokenRequest',
    (refreshTokenRequest) => ({ complianceFix: { refreshTokenRequest } }),
    async (client) => client.refreshToken(await login(client)),
  ],
  [
    'complianceFix.refreshTokenResponse',
    (refreshTokenResponse) => ({ complianceFix: { refreshTokenResponse } }),
    async (client) => client.refreshToken(await login(client)),
  ],
  [
    'complianceFix.protectedRequest',
    (protectedRequest) => ({ complianceFix: { protectedRequest } }),
    async (client) => client.get('me', { token: await login(client) }),
  ],
  [
    'complianceFix.protectedRequest of userinfo()',
    (protectedRequest) => ({ complianceFix: { protectedRequest } }),
    async (client) => client.userinfo({ token: await login(client) }),
  ],
  [
    'clientAuthMethods',
    (mine) => ({ tokenEndpointAuthMethod: 'mine', clientAuthMethods: { mine } }),
    login,
  ],
  [
    'userinfoComplianceFix',
    (userinfoComplianceFix) => ({ userinfoComplianceFix }),
    async (client) => client.userinfo({ token: await login(client) }),
  ],
];

class OwnError extends Error {
  readonly code = 'E_OWN';
}

describe.each(places)('what %s throws', (_name, optionsOf, reach) => {
  it.each([
    ['an Error', new Error('mine')],
    ['a TypeError', new TypeError('mine')],
    ['an Error with a code of its own', new OwnError('mine')],
    ['an Error with a cause', new Error('mine', { cause: new OwnError('inner') })],
  ])('[A18] comes out as it was thrown, at once or later: %s', async (_what, mine) => {
    const hooks: Hook[] = [
      () => {
        throw mine;
      },
      async () => {
        throw mine;
      },
      async () => {
        await sleep(1);
        throw mine;
      },
    ];
    for (const hook of hooks)
      expect(await rejection(reach(clientWith(optionsOf(hook))))).toBe(mine);
    await sleep(1);
    expect(unhandled).toEqual([]);
  });
});

describe('a hook that takes its time', () => {
  it('[A18] is waited for, in the order of the login', async () => {
    provider.settings.tokenEndpointAuthMethod = 'client_secret_post';
    const seen: string[] = [];
    const later = async (name: string): Promise<void> => {
      await sleep(5);
      seen.push(name);
    };
    const client = clientWith({
      tokenEndpointAuthMethod: 'mine',
      clientAuthMethods: {
        mine: async ({ body }, { clientId, clientSecret }) => {
          await later('clientAuth');
          body.set('client_id', clientId);
          body.set('client_secret', clientSecret ?? '');
        },
      },
      complianceFix: {
        accessTokenRequest: async ({ headers, body }) => {
          await later('accessTokenRequest');
          headers.set('x-late', String(body.has('client_secret')));
        },
        accessTokenResponse: async (body) => {
          await later('accessTokenResponse');
          return { ...body, mended: true };
        },
        protectedRequest: async ({ headers, url }) => {
          await later('protectedRequest');
          headers.set('x-late', 'yes');
          url.searchParams.set('late', 'yes');
        },
      },
      userinfoComplianceFix: async (profile) => {
        await later('userinfoComplianceFix');
        return { sub: `mended ${String(profile['sub'])}` };
      },
    });
    const token = await login(client);
    expect(token['mended']).toBe(true);
    expect(provider.last('token').headers['x-late']).toBe('true');
    const user = await client.userinfo({ token });
    expect(user.sub).toBe('mended user-1');
    const { headers, query } = provider.last('userinfo');
    expect([headers['x-late'], query.get('late')]).toEqual(['yes', 'yes']);
    expect(seen).toEqual([
      'clientAuth',
      'accessTokenRequest',
      'accessTokenResponse',
      'protectedRequest',
      'userinfoComplianceFix',
    ]);
  });
});

describe('a mended response', () => {
  it('[A18] may turn out to be an error response, also of a hook that takes its time', async () => {
    const client = clientWith({
      complianceFix: {
        accessTokenResponse: async () => {
          await sleep(1);
          return { error: 'invalid_grant' };
        },
      },
    });
    expect(await rejection(login(client))).toMatchObject({ code: 'invalid_grant' });
  });
});

describe('userinfo()', () => {
  it.each([
    ['header', 'GET'],
    ['uri', 'GET'],
    ['body', 'POST'],
  ] as const)(
    '[A19] sends the token in the %s, and through the hook',
    async (placement, method) => {
      const client = clientWith({
        tokenPlacement: placement,
        complianceFix: { protectedRequest: ({ headers }) => headers.set('x-hook', 'yes') },
      });
      const token = await login(client);
      expect((await client.userinfo({ token })).sub).toBe('user-1');
      const request = provider.last('userinfo');
      expect([request.method, request.headers['x-hook']]).toEqual([method, 'yes']);
      expect({
        header: request.headers['authorization'],
        uri: request.query.get('access_token'),
        body: request.form.get('access_token'),
      }).toEqual({
        header: undefined,
        uri: null,
        body: null,
        [placement]: `${placement === 'header' ? 'Bearer ' : ''}${token.access_token}`,
      });
    },
  );
});
