import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import type { ClientAuthMethod } from '@oauth-registry/core/types';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openidClient } from '../support/apps/express.js';
import { json } from '../support/provider/response.js';
import { startProvider, type Endpoint, type FakeProvider } from '../support/provider/index.js';
import { login, redirectUri, rejection } from '../support/login.js';

let provider: FakeProvider;
/** Another server, which must never see anything. */
let other: FakeProvider;

beforeAll(async () => {
  [provider, other] = await Promise.all([
    startProvider({ tokenEndpointAuthMethod: 'none' }),
    startProvider(),
  ]);
});
beforeEach(() => {
  provider.on('unknown', () => json({ request_uri: 'urn:r:1', expires_in: 60 }, 201));
  provider.on('introspect', () => ({ body: { active: true } }));
});
afterAll(async () => {
  await Promise.all([provider.close(), other.close()]);
});
afterEach(() => {
  expect(other.requests).toEqual([]);
  provider.reset();
  provider.settings.tokenEndpointAuthMethod = 'none';
});

function clientWith(options: RegisterOptions) {
  return new OAuth({ config: {} }).register('corp', openidClient(provider, options)).corp;
}

type Client = ReturnType<typeof clientWith>;
interface Edited {
  url: string | URL;
  headers: Headers;
}
type Edit = (request: Edited) => unknown;

const token = { access_token: 'at', token_type: 'Bearer', refresh_token: 'rt' };

/** The hooks that edit a request, how each is reached, and the endpoint it edits requests to. */
const hooks: [
  name: string,
  options: (edit: Edit) => RegisterOptions,
  reach: (client: Client) => Promise<unknown>,
  endpoint: Endpoint,
][] = [
  ['accessTokenRequest', fixing('accessTokenRequest'), login, 'token'],
  [
    'refreshTokenRequest',
    fixing('refreshTokenRequest'),
    async (client) => client.refreshToken(await login(client)),
    'token',
  ],
  ['revokeTokenRequest', fixing('revokeTokenRequest'), (one) => one.revokeToken(token), 'revoke'],
  [
    'revokeTokenRequest',
    (edit) => ({ revocation: { auth: 'client' }, ...fixing('revokeTokenRequest')(edit) }),
    (one) => one.revokeToken(token),
    'revoke',
  ],
  [
    'introspectTokenRequest',
    fixing('introspectTokenRequest'),
    (one) => one.introspectToken(token),
    'introspect',
  ],
  ['protectedRequest', fixing('protectedRequest'), (one) => one.get('me', { token }), 'api'],
  [
    'protectedRequest',
    fixing('protectedRequest'),
    (one) => one.userinfo({ token }).catch(unlessOurs),
    'userinfo',
  ],
  ['mine', authenticating, login, 'token'],
  ['mine', authenticating, (one) => one.revokeToken(token), 'revoke'],
  ['mine', authenticating, (one) => one.introspectToken(token), 'introspect'],
  [
    'mine',
    (edit) => ({
      ...authenticating(edit),
      requirePushedAuthorizationRequests: true,
      pushedAuthorizationRequestEndpoint: `${provider.base}/par`,
    }),
    (one) => one.createAuthorizationUrl(redirectUri),
    'unknown',
  ],
];

function fixing(name: string) {
  return (edit: Edit): RegisterOptions => ({
    scope: 'openid offline_access',
    tokenEndpointAuthMethod: 'none',
    complianceFix: { [name]: edit },
  });
}

function authenticating(edit: Edit): RegisterOptions {
  const mine: ClientAuthMethod = (request, { clientId }) => {
    request.body.set('client_id', clientId);
    return edit(request) as undefined;
  };
  return { tokenEndpointAuthMethod: 'mine', clientAuthMethods: { mine } };
}

/** The fake userinfo endpoint knows no such token; what matters is what it was sent. */
function unlessOurs(error: { code?: string }): void {
  if (error.code !== 'invalid_token') throw error;
}

describe.each(hooks)('the hook %s', (name, optionsOf, reach, endpoint) => {
  it.each<[string, Edit]>([
    [
      'as text',
      (request) => (request.url = `${String(request.url).replace(/[?].*/, '')}?hooked=1&x=%20`),
    ],
    [
      'as a URL',
      (request) => {
        const url = new URL(request.url);
        url.searchParams.set('hooked', '1');
        request.url = url;
      },
    ],
  ])(
    'sends the request to the URL that it has changed on its own origin, %s',
    async (_as, edit) => {
      await reach(clientWith(optionsOf(edit)));
      expect(provider.last(endpoint).query.get('hooked')).toBe('1');
    },
  );

  it.each<[string, () => string | URL]>([
    ['another host', () => `${other.base}/token`],
    ['another host as a URL', () => new URL(`${other.base}/token`)],
    ['another port without a scheme', () => other.base.replace('http:', '') + '/token'],
    ['https on the same port', () => provider.base.replace('http:', 'https:')],
    ['no URL at all', () => 'https://'],
  ])('sends nothing to %s, for the origin is checked after it', async (_where, target) => {
    let hooked = 0;
    const client = clientWith(
      optionsOf((request) => {
        hooked = provider.requests.filter((one) => one.endpoint === endpoint).length;
        request.url = target();
      }),
    );
    const error = await rejection(reach(client));
    expect(error).toMatchObject({ code: 'foreign_origin' });
    expect(error.message).toContain(name);
    expect(error.message).not.toContain(new URL(other.base).host);
    expect(provider.requests.filter((one) => one.endpoint === endpoint)).toHaveLength(hooked);
  });

  it('is told by name that what it returns is not used', async () => {
    const client = clientWith(optionsOf(({ url, headers }) => ({ url, headers })));
    const error = await rejection(reach(client));
    expect(error).toMatchObject({ code: 'invalid_options' });
    expect(error.message).toContain(name);
  });
});

describe('the URL of a resource call', () => {
  it('stays on its origin if a hook changes only its href', async () => {
    const protectedRequest = ({ url }: { url: URL }): void => {
      url.href = `${other.base}/steal`;
    };
    const client = clientWith({ complianceFix: { protectedRequest } });
    expect(await rejection(client.get('me', { token }))).toMatchObject({ code: 'foreign_origin' });
  });
});

describe('a proof of possession (RFC 9449 §4.2)', () => {
  it('is for the URL that the hooks have left', async () => {
    const accessTokenRequest = (request: { url: string }): void => {
      request.url = request.url.replace(/token$/, 'elsewhere');
    };
    const client = clientWith({
      dpop: true,
      tokenEndpointAuthMethod: 'none',
      complianceFix: { accessTokenRequest },
    });
    await rejection(login(client));
    const { headers, path } = provider.requests.at(-1) ?? provider.last('token');
    expect(path).toBe('/elsewhere');
    expect(decodeJwt(headers['dpop'] ?? '')).toMatchObject({ htu: `${provider.base}/elsewhere` });
  });
});

describe('a client secret in the URL, as Authlib documents it', () => {
  it('is sent there by a method of the application', async () => {
    const { clientId, clientSecret } = provider.settings;
    const in_uri: ClientAuthMethod = (request, client) => {
      const query = new URLSearchParams({
        client_id: client.clientId,
        client_secret: client.clientSecret ?? '',
      });
      request.url += `?${query}`;
      request.body.set('client_id', client.clientId);
    };
    const options = { tokenEndpointAuthMethod: 'in_uri', clientAuthMethods: { in_uri } };
    // The fake provider takes no secrets there.
    provider.on('token', () => ({ body: token }));
    await clientWith(options).clientCredentialsToken();
    expect(Object.fromEntries(provider.last('token').query)).toEqual({
      client_id: clientId,
      client_secret: clientSecret,
    });
  });
});

describe('what was checked of a callback', () => {
  it('stays as it was, whatever "validateCallback" does to its parameters', async () => {
    const validateCallback = (params: URLSearchParams): void => {
      for (const name of ['code', 'state', 'iss']) params.set(name, 'changed');
    };
    expect(
      await login(clientWith({ validateCallback, tokenEndpointAuthMethod: 'none' })),
    ).toHaveProperty('access_token');
  });

  it('is not used if "validateCallback" returns false, which is no other way to accept it', async () => {
    const validateCallback = (async () => false) as never;
    const error = await rejection(
      login(clientWith({ validateCallback, tokenEndpointAuthMethod: 'none' })),
    );
    expect(error).toMatchObject({ code: 'invalid_callback' });
    expect(error.message).toContain('validateCallback');
    expect(provider.requests.map(({ endpoint }) => endpoint)).not.toContain('token');
  });
});

describe('the "get" of userinfoComplianceFix', () => {
  const asking = (url: () => string | URL) =>
    clientWith({
      tokenEndpointAuthMethod: 'none',
      userinfoComplianceFix: async (_profile, { get }) => {
        const { status } = await get(url());
        return { sub: 'user-1', status };
      },
    });

  it.each<[string, () => string | URL]>([
    ['as text', () => `${other.base}/api/me`],
    ['as a URL', () => new URL(`${other.base}/api/me`)],
    ['without a scheme', () => other.base.replace('http:', '')],
  ])('sends no token to another origin, which a profile may have named, %s', async (_as, url) => {
    const client = asking(url);
    const bearer = await login(client);
    expect(await rejection(client.userinfo({ token: bearer }))).toMatchObject({
      code: 'foreign_origin',
    });
  });

  it.each<[string, () => string | URL]>([
    ['a path below "apiBaseUrl"', () => 'me'],
    ['a URL of the API', () => `${provider.base}/api/me`],
  ])('asks the API: %s', async (_what, url) => {
    const client = asking(url);
    const bearer = await login(client);
    expect(await client.userinfo({ token: bearer })).toMatchObject({ status: 200 });
  });
});
