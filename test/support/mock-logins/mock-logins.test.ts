import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { github, google, steam, twitter } from '@oauth-registry/core/providers';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import * as web from '@oauth-registry/web';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startExpress } from '../apps/express.js';
import { startFastify } from '../apps/fastify.js';
import { frameworks } from '../apps/routes.js';
import { Browser } from '../browser.js';
import { rejection } from '../login.js';
import {
  mockLogins,
  type MockedLogin,
  type MockedLogins,
  type MockOptions,
} from './mock-logins.js';

const id = { clientId: 'app', clientSecret: 'secret' };
/** A client of every protocol. */
const clients = {
  github: github(id),
  google: google(id),
  corp: { ...id, issuer: 'https://id.corp.example', scope: 'openid email' },
  posted: { ...id, issuer: 'https://id.corp.example', scope: 'openid', responseMode: 'form_post' },
  plain: { ...id, authorizeUrl: 'https://p.example/a', accessTokenUrl: 'https://p.example/t' },
  twitter: twitter(id),
  steam: steam(),
} satisfies Record<string, RegisterOptions>;
const names = Object.keys(clients);
const ada = {
  sub: '76561197960287930',
  name: 'Ada',
  email: 'ada@example.com',
  email_verified: true,
};

const redirectUri = 'http://localhost:3000/callback';

function registry(options: ConstructorParameters<typeof OAuth>[0] = {}) {
  return new OAuth({ config: {}, clients, ...options });
}

type Registry = ReturnType<typeof registry>;

/** Mocks the logins of a registry until the end of the test. */
function mock(
  oauth: object,
  logins: Record<string, MockedLogin> = { '*': ada },
  options: MockOptions<Registry> = {},
) {
  const mocked = mockLogins(oauth as Registry, logins as MockedLogins<Registry>, options);
  onTestFinished(() => mocked.restore());
  return mocked;
}

async function login(oauth: OAuth | Registry, name: string) {
  const client = (oauth as OAuth).createClient(name);
  const request = await client.createAuthorizationUrl(redirectUri);
  const token = await client.fetchAccessToken(request.url, request);
  return { client, token };
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('mocked logins', () => {
  it.each(names)(
    'redirect straight to the callback and return the given claims: %s',
    async (name) => {
      const oauth = registry();
      mock(oauth);
      const { client, token } = await login(oauth, name);
      const user = await client.userinfo({ token });
      expect(user).toMatchObject(ada);
      const isRead = name !== 'plain' && token.userinfo !== undefined;
      expect(isRead ? token.userinfo : ada).toMatchObject(ada);
    },
  );

  it.each(names)('fail with an error code as a login at the provider does: %s', async (name) => {
    const oauth = registry();
    mock(oauth, { '*': 'access_denied' });
    const failed = vi.fn();
    oauth.events.on('login:failed', failed);
    expect(await rejection(login(oauth, name))).toMatchObject({
      code: 'access_denied',
      client: name,
      statusCode: 403,
    });
    expect(failed).toHaveBeenCalledOnce();
  });

  it.each([
    ['google', 'server_error', 'server_error'],
    ['google', 'of_its_own', 'provider_refused'],
    ['twitter', 'server_error', 'server_error'],
    ['steam', 'interaction_required', 'interaction_required'],
    ['steam', 'server_error', 'provider_refused'],
  ])('of %s fail with any other error code: %s', async (name, error, code) => {
    const oauth = registry();
    mock(oauth, { [name]: error });
    expect(await rejection(login(oauth, name))).toMatchObject({ code });
  });

  it.each(names)('are chosen by a function of the authorization URL: %s', async (name) => {
    const oauth = registry();
    const hint = name === 'steam' ? 'openid.ext1.hint' : 'login_hint';
    mock(oauth, { [name]: (url: URL) => ({ sub: url.searchParams.get(hint) ?? 'none' }) });
    const client = (oauth as OAuth).createClient(name);
    const users = ['1', '11', 'a/b?c=ä'].map(async (sub) => {
      const request = await client.createAuthorizationUrl(redirectUri, { [hint]: sub });
      const token = await client.fetchAccessToken(request.url, request);
      return [sub, (await client.userinfo({ token })).sub];
    });
    for (const [sub, found] of await Promise.all(users)) expect(found).toBe(sub);
  });

  it('end with restore(), and at the end of a block with "using"', async () => {
    const oauth = registry();
    const starts = async () => (await oauth.github.createAuthorizationUrl(redirectUri)).url;
    {
      using outer = mockLogins(oauth, { github: ada });
      expect(await starts()).toMatch(redirectUri);
      using inner = mockLogins(oauth, { github: 'access_denied' });
      expect(await starts()).toMatch('error=access_denied');
      inner.restore();
      expect(await starts()).toMatch('code=');
      expect(outer.requests('github')).toEqual([]);
    }
    expect(await starts()).toMatch('https://github.com/');
  });

  it('reject an entry without a client', () => {
    const oauth = new OAuth({ config: {} }).register('github', clients.github);
    // @ts-expect-error There is no such client.
    expect(() => mockLogins(oauth, { githib: ada })).toThrow(
      expect.objectContaining({ code: 'unknown_client' }),
    );
    expect(() => mockLogins({})).toThrow(expect.objectContaining({ code: 'invalid_options' }));
  });

  it('check the state of the callback, and accept a callback once', async () => {
    const oauth = registry();
    mock(oauth);
    const { github: client } = oauth;
    const [one, two] = [
      await client.createAuthorizationUrl(redirectUri),
      await client.createAuthorizationUrl(redirectUri),
    ];
    expect(await rejection(client.fetchAccessToken(one.url, two))).toMatchObject({
      code: 'mismatching_state',
    });
    await client.fetchAccessToken(one.url, one);
    expect(await rejection(client.fetchAccessToken(one.url, one))).toMatchObject({
      code: 'invalid_grant',
    });
  });

  it('apply to clients that are loaded by name', async () => {
    const oauth = new OAuth({ config: {}, loadClient: () => clients.corp });
    mock(oauth, { '*': ada });
    const client = (await oauth.loadClient('tenant one')) as Registry['corp'];
    const request = await client.createAuthorizationUrl(redirectUri);
    expect(await client.fetchAccessToken(request.url, request)).toMatchObject({ userinfo: ada });
  });

  it('validate the claims that the application demands', async () => {
    const claimsOptions = { hd: { essential: true, value: 'corp.example' } };
    const oauth = new OAuth({ config: {} }).register('google', {
      ...clients.google,
      claimsOptions,
    });
    mock(oauth, { google: ada });
    expect(await rejection(login(oauth, 'google'))).toMatchObject({ code: 'invalid_id_token' });
    mock(oauth, { google: { ...ada, hd: 'corp.example' } });
    expect((await login(oauth, 'google')).token.userinfo).toMatchObject({ hd: 'corp.example' });
  });

  it('run token stores: refreshed tokens are stored, concurrent calls refresh once', async () => {
    const oauth = registry({ tokenStore: memoryStore() });
    const mocked = mock(oauth, { '*': ada }, { api: { corp: { '/me': { ok: true } } } });
    const corp = oauth.corp;
    const { token } = await login(oauth, 'corp');
    await corp.saveToken({ ...token, expires_at: 1 } as never, { userId: 'u1' });
    const call = () => corp.get('https://id.corp.example/me', { userId: 'u1' });
    for (const response of await Promise.all([call(), call()]))
      expect(await response.json()).toEqual({ ok: true });
    const [stored] = await corp.listTokens({ userId: 'u1' });
    expect(stored?.token).not.toMatchObject({ refresh_token: token['refresh_token'] });
    expect(mocked.requests('corp')).toHaveLength(2);
  });

  it('revoke, introspect, and request tokens of the client itself', async () => {
    const oauth = registry();
    mock(oauth);
    const { corp } = oauth;
    const { token } = await login(oauth, 'corp');
    expect(await corp.introspectToken(token as never)).toMatchObject({ active: true });
    await corp.revokeToken(token as never);
    expect(await corp.clientCredentialsToken()).toMatchObject({ token_type: 'Bearer' });
  });

  it('return to the post-logout redirect URI', async () => {
    const oauth = registry();
    mock(oauth);
    const { url, state } = await oauth.corp.createLogoutUrl('http://localhost:3000/bye');
    expect(url).toBe(`http://localhost:3000/bye?state=${state}`);
  });
});

describe('a mocked API', () => {
  it.each(['github', 'twitter'])('responds by path below apiBaseUrl: %s', async (name) => {
    const oauth = registry();
    const api = {
      '/user/repos': [{ name: 'one' }],
      'POST /user/repos': new Response('no', { status: 422 }),
    };
    const mocked = mock(oauth, { '*': ada }, { api: { '*': api } });
    const { client, token } = await login(oauth, name);
    const repos = () => client.get('user/repos', { token });
    expect(await (await repos()).json()).toEqual([{ name: 'one' }]);
    expect((await client.post('user/repos', { token, json: {} })).status).toBe(422);
    expect((await client.post('user/repos', { token, json: {} })).status).toBe(422);
    const unknown = await client.get('other', { token });
    expect([unknown.status, await unknown.text()]).toEqual([
      404,
      expect.stringContaining('set \\"api\\"'),
    ]);
    expect(mocked.requests(name).at(-1)?.headers.get('authorization')).toMatch(
      /^Bearer mock-|^OAuth /,
    );
  });

  it('responds by a function, which sees the request', async () => {
    const oauth = registry();
    const api = ({ url, method }: { url: URL; method: string }) =>
      url.pathname.endsWith('/echo') ? { method, q: url.searchParams.get('q') } : undefined;
    mock(oauth, { github: ada }, { api: { github: api } });
    const { client, token } = await login(oauth, 'github');
    expect(await (await client.get('echo', { token, query: { q: '1' } })).json()).toEqual({
      method: 'GET',
      q: '1',
    });
    expect(await client.userinfo({ token })).toMatchObject(ada);
  });

  it('rejects a token that no mocked login issued, unless the user is always the same', async () => {
    const oauth = registry();
    const token = { access_token: 'from a database', token_type: 'Bearer' };
    mock(oauth, { github: ada, google: () => ada });
    expect(await oauth.github.userinfo({ token })).toMatchObject(ada);
    expect(await rejection(oauth.google.userinfo({ token }))).toMatchObject({
      code: 'invalid_token',
    });
  });
});

describe.each(Object.entries(frameworks))(
  'mocked logins with the drop-in routes on %s',
  (framework, open) => {
    async function start() {
      const app = await open({ clients });
      onTestFinished(() => app.close());
      return app;
    }

    it.each(names)('log in with the real session and onLogin: %s', async (name) => {
      const app = await start();
      mock(app.oauth);
      const browser = new Browser();
      const visit = await browser.follow(`${app.url}/auth/login/${name}?returnTo=/shop`);
      expect(visit.url.pathname).toBe('/shop');
      expect(app.logins).toMatchObject([{ client: name, user: ada }]);
      // The application on Next.js stores no session at its first response.
      const user = framework.startsWith('Next.js') ? null : ada.sub;
      expect((await browser.get(`${app.url}/`)).json()).toMatchObject({ user });
    });

    it('report an error as one of the provider', async () => {
      const app = await start();
      mock(app.oauth, { google: 'access_denied' });
      const visit = await new Browser().follow(`${app.url}/auth/login/google`);
      expect([visit.status, app.logins]).toEqual([403, []]);
      expect(app.failures).toMatchObject([{ client: 'google', error: { code: 'access_denied' } }]);
    });

    it('refuse a callback in another browser', async () => {
      const app = await start();
      mock(app.oauth);
      const { pending } = await new Browser().follow(`${app.url}/auth/login/google`, {
        until: (url) => url.pathname.startsWith('/auth/callback'),
      });
      await new Browser().follow(String(pending?.url));
      expect(app.failures).toMatchObject([{ error: { code: 'mismatching_state' } }]);
    });
  },
);

describe.each([
  ['Express', async () => await startExpress({ clients })],
  ['Fastify', async () => await startFastify({ clients })],
] as const)('mocked logins with the methods on %s', (_name, open) => {
  it.each(names)('log in: %s', async (name) => {
    const app = await open();
    onTestFinished(() => app.close());
    mock(app.oauth);
    const visit = await new Browser().follow(`${app.url}/login/${name}`);
    expect([visit.status, app.errors]).toEqual([200, []]);
    expect(await app.client(name).userinfo({ token: app.tokens[0] as never })).toMatchObject(ada);
  });
});

it.each(names)('mocked logins with the methods on standard requests log in: %s', async (name) => {
  const baseUrl = 'http://localhost:3000';
  const oauth = new web.OAuth({
    config: {},
    clients,
    baseUrl,
    secret: 'a secret of thirty-two characters',
  });
  mock(oauth);
  const client = oauth.createClient(name) as web.WebClient;
  const start = await client.authorizeRedirect(new Request(`${baseUrl}/login`));
  const cookie = start.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  const request = new Request(start.headers.get('location') ?? '', { headers: { cookie } });
  const token = await client.authorizeAccessToken({ request, headers: new Headers() });
  expect(await client.userinfo({ token: token as never })).toMatchObject(ada);
});
