import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import type { AuthorizeParams } from '@oauth-registry/core/types';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Browser } from '../../support/browser.js';
import { comeBack, login, redirectUri, rejection } from '../../support/login.js';
import { openid2Client, startExpress, type TestApp } from '../../support/apps/express.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';

const namespace = 'http://specs.openid.net/auth/2.0';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

function client(more: RegisterOptions = {}) {
  return new OAuth({ config: {} }).register('old', openid2Client(provider, more)).old;
}

describe('an OpenID 2.0 login', () => {
  it('[M11] asks for any identifier, and returns to a URL with the state in it (§9.1)', async () => {
    const request = await client().createAuthorizationUrl(redirectUri);
    const { origin, pathname, searchParams } = new URL(request.url);
    expect(origin + pathname).toBe(provider.openid2.endpoint);
    expect(Object.fromEntries(searchParams)).toEqual({
      'openid.ns': namespace,
      'openid.mode': 'checkid_setup',
      'openid.claimed_id': `${namespace}/identifier_select`,
      'openid.identity': `${namespace}/identifier_select`,
      'openid.return_to': `${redirectUri}?state=${request.state}`,
      'openid.realm': 'http://127.0.0.1:9/',
    });
    expect(request.state).toMatch(/^[\w-]{43}$/);
    expect(provider.requests).toEqual([]);
  });

  it('[M11] says who it is once the provider has confirmed the assertion (§11.4.2)', async () => {
    const old = client();
    const token = await login(old);
    const id = `${provider.base}/openid2/id/user-1`;
    expect(token).toEqual({ claimed_id: id, userinfo: { sub: 'user-1', claimed_id: id } });
    expect(await old.userinfo({ token })).toMatchObject({ sub: 'user-1', claimed_id: id });
    expect(old.identity(token)).toBe('old$user-1');
  });

  it('[M11] sends every field back as it came, but for the mode (§11.4.2.1)', async () => {
    provider.quirks.openid2Assertion = ({ params }) => {
      params.set('openid.ns.sreg', 'http://openid.net/extensions/sreg/1.1');
      params.set('openid.sreg.nickname', 'Ädä & co+');
      params.set('openid.invalidate_handle', 'an-old-one');
    };
    const old = client();
    const request = await old.createAuthorizationUrl(redirectUri);
    const back = await comeBack(request);
    await old.fetchAccessToken(back.href, request);
    const { method, form, search, headers } = provider.last('openid2_check');
    const came = [...back.searchParams].filter(([name]) => name !== 'state');
    expect([method, search]).toEqual(['POST', '']);
    expect(headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
    expect([...form]).toEqual(
      came.map(([name, value]) => [name, name === 'openid.mode' ? 'check_authentication' : value]),
    );
  });

  it('[M11] preserves the query of the redirect URI, byte for byte', async () => {
    const uri = 'http://127.0.0.1:9/callback?a=%7e+b&c';
    const old = client();
    const request = await old.createAuthorizationUrl(uri);
    const returnTo = new URL(request.url).searchParams.get('openid.return_to');
    expect(returnTo).toBe(`${uri}&state=${request.state}`);
    const back = await comeBack(request);
    expect(await old.fetchAccessToken(back.href, request)).toHaveProperty('claimed_id');
    back.searchParams.delete('a');
    const error = await rejection(old.fetchAccessToken(back.href, request));
    expect(error).toMatchObject({ code: 'mismatching_state' });
  });

  it('[A9] takes more parameters, of extensions for example', async () => {
    const authorizeParams = { 'openid.ns.ui': 'http://specs.openid.net/extensions/ui/1.0' };
    const params = { 'openid.ui.mode': 'popup', 'openid.mode': 'checkid_immediate' };
    const { url } = await client({ authorizeParams }).createAuthorizationUrl(redirectUri, params);
    const { searchParams } = new URL(url);
    expect(searchParams.get('openid.ns.ui')).toBe(authorizeParams['openid.ns.ui']);
    expect(searchParams.getAll('openid.mode')).toEqual(['checkid_immediate']);
    expect(searchParams.get('openid.ui.mode')).toBe('popup');
  });

  it.each(['openid.return_to', 'openid.realm', 'openid.claimed_id', 'openid.ns'])(
    'refuses %s as a parameter',
    async (name) => {
      const params: AuthorizeParams = { [name]: 'https://evil.example/' };
      const error = await rejection(client().createAuthorizationUrl(redirectUri, params));
      expect(error).toMatchObject({ code: 'invalid_options', phase: 'authorize' });
      expect(() => client({ authorizeParams: params })).toThrow(/must not be an authorization/);
    },
  );

  it.each([
    'http://a.example/cb?state=1',
    'http://a.example/cb?openid.mode=id_res',
    'oob',
    'app:/cb',
  ])('refuses the redirect URI %s', async (uri) => {
    const error = await rejection(client().createAuthorizationUrl(uri));
    expect(error).toMatchObject({ code: 'invalid_options' });
  });
});

describe('the realm (OpenID Authentication 2.0 §9.2)', () => {
  const at = (realm: string, uri: string) => client({ realm }).createAuthorizationUrl(uri);

  it.each([
    ['https://app.example/', 'https://app.example/cb'],
    ['https://app.example', 'https://app.example/cb'],
    ['https://app.example/auth', 'https://app.example/auth/cb'],
    ['https://app.example/auth', 'https://app.example/auth?x=1'],
    ['https://*.example/', 'https://app.example/cb'],
    ['https://*.app.example/', 'https://app.example/cb'],
    ['https://app.example:8443/', 'https://app.example:8443/cb'],
  ])('[M11] %s is sent if the redirect URI is %s', async (realm, uri) => {
    const { url } = await at(realm, uri);
    expect(new URL(url).searchParams.get('openid.realm')).toBe(realm);
  });

  it.each([
    ['https://app.example/', 'http://app.example/cb'],
    ['https://app.example/', 'https://app.example:8443/cb'],
    ['https://app.example/', 'https://app.example.evil/cb'],
    ['https://app.example/auth', 'https://app.example/authority'],
    ['https://*.app.example/', 'https://evilapp.example/cb'],
    ['https://app.example/#a', 'https://app.example/cb'],
    ['nonsense', 'https://app.example/cb'],
  ])('[M11] %s is refused if the redirect URI is %s', async (realm, uri) => {
    expect(await rejection(at(realm, uri))).toMatchObject({ code: 'invalid_options' });
  });
});

describe('what an OpenID 2.0 client does not have', () => {
  it('[M11] is a token to call with; it says so', async () => {
    const old = client({ apiBaseUrl: `${provider.base}/api` });
    const token = await login(old);
    for (const call of [old.get('/me', { token }), old.get('/me'), old.post('/me', { token })]) {
      expect(await rejection(call)).toMatchObject({
        code: 'missing_token',
        message: expect.stringContaining('issues no access token') as string,
      });
    }
    expect(provider.count('api')).toBe(0);
    const free = await old.get('/me', { withholdToken: true });
    expect(free.status).toBe(401);
  });

  it('[M11] calls with the API key, if the API has one', async () => {
    const headers = { api: { 'x-key': '{api_key}' } };
    const options = { apiBaseUrl: `${provider.base}/api`, headers };
    await client({ ...options, apiKey: 'k3y' }).get('/x', { twoLegged: true });
    expect(provider.last('api').headers['x-key']).toBe('k3y');
    expect(await rejection(client(options).get('/x', { twoLegged: true }))).toMatchObject({
      code: 'invalid_options',
    });
  });

  it('[M11] is an id: register() asks for the endpoint and the identifiers only', () => {
    const openid2Endpoint = 'https://id.example/openid';
    const claimedIdPattern = 'https://id\\.example/\\w+';
    const register = (options: RegisterOptions) => () =>
      new OAuth({ config: {} }).register('old', options);
    expect(register({ openid2Endpoint, claimedIdPattern })).not.toThrow();
    expect(register({ openid2Endpoint })).toThrow(/"claimedIdPattern" is missing/);
    expect(register({ openid2Endpoint, claimedIdPattern: '(' })).toThrow(/regular expression/);
    expect(register({ openid2Endpoint: 'http://id.example/', claimedIdPattern })).toThrow(
      expect.objectContaining({ code: 'insecure_transport' }),
    );
    const both = { openid2Endpoint, claimedIdPattern, issuer: 'https://id.example' };
    expect(register(both)).toThrow(/"issuer" is an option of OAuth 2/);
    const jwt = { openid2Endpoint, claimedIdPattern, responseMode: 'jwt' as const };
    expect(register(jwt)).toThrow(/must be query, or form_post/);
  });

  it('[A4] is found in the configuration', async () => {
    const config = {
      OLD_OPENID2_ENDPOINT: 'https://id.example/openid',
      OLD_CLAIMED_ID_PATTERN: 'not read',
    };
    const oauth = new OAuth({ config }).register('old', {
      claimedIdPattern: 'x',
    } as RegisterOptions);
    const { url } = await oauth.old.createAuthorizationUrl(redirectUri);
    expect(url).toMatch(/^https:\/\/id\.example\/openid\?openid\.ns=/);
  });
});

describe('an OpenID 2.0 login in a browser', () => {
  let app: TestApp;

  async function start(more: RegisterOptions = {}, express: 4 | 5 = 5): Promise<TestApp> {
    const clients = { old: openid2Client(provider, more), other: openid2Client(provider) };
    app = await startExpress({ clients, express });
    return app;
  }
  afterEach(() => app.close());

  it.each([4, 5] as const)('[M11] works with Express %s', async (express) => {
    await start({}, express);
    const visit = await new Browser().follow(`${app.url}/login/old`);
    expect(visit.status).toBe(200);
    expect(app.tokens).toMatchObject([{ userinfo: { sub: 'user-1' } }]);
  });

  it.each(['query', 'form_post'] as const)(
    '[M11] takes a response by %s, which the provider chooses (§5.2)',
    async (responseMode) => {
      provider.quirks.responseMode = responseMode;
      await start({ responseMode: 'form_post' });
      const visit = await new Browser().follow(`${app.url}/login/old`);
      expect([visit.status, visit.request.method]).toEqual([
        200,
        responseMode === 'query' ? 'GET' : 'POST',
      ]);
    },
  );

  it('[M11] takes a posted error response, whose state is in the URL alone', async () => {
    provider.quirks.responseMode = 'form_post';
    provider.quirks.openid2Callback = 'cancel';
    await start({ responseMode: 'form_post' });
    const visit = await new Browser().follow(`${app.url}/login/old`);
    expect(visit.json()).toMatchObject({ code: 'access_denied', client: 'old' });
  });

  it('[M11] belongs to the browser and the client that started it, and ends once', async () => {
    await start();
    const browser = new Browser();
    const until = (url: URL) => url.pathname.startsWith('/callback');
    const { pending } = await browser.follow(`${app.url}/login/old`, { until });
    const back = pending?.url ?? new URL(app.url);
    const stranger = await new Browser().get(back);
    expect(stranger.json()).toMatchObject({ code: 'mismatching_state' });
    const elsewhere = new URL(back.href.replace('/callback/old', '/callback/other'));
    expect((await browser.clone().get(back)).status).toBe(200);
    expect((await browser.get(back)).json()).toMatchObject({ code: 'mismatching_state' });
    expect((await browser.get(elsewhere)).json()).toMatchObject({ code: 'mismatching_state' });
    expect(provider.count('openid2_check')).toBe(1);
  });

  it('[X2] goes on in any number of tabs at once', async () => {
    await start();
    const browser = new Browser();
    const until = (url: URL) => url.pathname.startsWith('/callback');
    const tabs = await Promise.all(
      [1, 2, 3].map(() => browser.follow(`${app.url}/login/old`, { until })),
    );
    const done = await Promise.all(tabs.map((tab) => browser.get(tab.pending?.url ?? '')));
    expect(done.map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});
