import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import type { Token } from '@oauth-registry/core';
import express from 'express';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { oauth1Client, openidClient, plainClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import {
  frameworks,
  onExpress,
  type Open,
  type RoutesApp,
  type RoutesAppOptions,
} from '../support/apps/routes.js';

let provider: FakeProvider;
let app: RoutesApp;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(async () => {
  await app.close();
  provider.reset();
});

const access = {
  openid: ['/me?page', 'POST /notes', 'PATCH /notes/*', 'DELETE /notes/*', '/files/**'],
  one: ['/me?page', 'POST /notes'],
  machine: ['/me'],
};

/** Opens an application that keeps its people's tokens in a store, by their account. */
async function start(open: Open, options: Partial<RoutesAppOptions> = {}): Promise<void> {
  app = await open({
    clients: {
      openid: openidClient(provider),
      one: oauth1Client(provider),
      plain: plainClient(provider),
      machine: openidClient(provider, { grantType: 'client_credentials' }),
    },
    onLogin: async ({ client, token, user }) => {
      const userId = user?.sub ?? 'somebody';
      await app.oauth.createClient(client).saveToken(token, { userId });
    },
    ...options,
    oauth: { tokenStore: memoryStore(), ...options.oauth },
    routes: { access, ...options.routes },
  });
}

async function logIn(client = 'openid'): Promise<Browser> {
  const browser = new Browser();
  await browser.get(`${app.url}/`);
  await browser.follow(`${app.url}/auth/login/${client}`);
  return browser;
}

interface Asked {
  client?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: BodyInit;
}

/** Asks for a call as the module for pages does. */
function ask(browser: Browser, line: string | undefined, asked: Asked = {}): Promise<Response> {
  const { client = 'openid', method = 'POST', headers = {}, body = null } = asked;
  const url = new URL(`${app.url}/auth/access/${client}`);
  const cookie = browser.jar.header({ url, method, crossSite: false });
  return fetch(url, {
    method,
    redirect: 'manual',
    body,
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
    headers: {
      'content-type': 'application/octet-stream',
      'sec-fetch-site': 'same-origin',
      ...(line === undefined ? {} : { 'oauth-request': line }),
      ...(cookie === undefined ? {} : { cookie }),
      ...headers,
    },
  });
}

const calls = (): number => provider.count('api') + provider.count('oauth1_api');

describe.each(Object.entries(frameworks))('calls from pages on %s', (_name, open) => {
  it('[M9] are made with the token of who is signed in, which the page never sees', async () => {
    await start(open);
    const answer = await ask(await logIn(), 'GET /me?page=2');
    const text = await answer.text();

    expect(answer.status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      method: 'GET',
      search: 'page=2',
      placement: 'header',
      sub: 'user-1',
    });
    expect((JSON.parse(text) as { path: string }).path).toMatch(/\/api\/me$/);
    const sent = JSON.stringify([...answer.headers]);
    expect(sent).not.toContain(String(app.logins[0]?.token['access_token']));
  });

  it('[M9] are signed on the server with OAuth 1.0a, their forms too (RFC 5849 §3.4.1.3)', async () => {
    await start(open);
    const browser = await logIn('one');
    const query = await ask(browser, 'GET /me?page=2', { client: 'one' });
    const form = await ask(browser, 'POST /notes', {
      client: 'one',
      body: 'text=a+b%26c',
      headers: { 'oauth-content-type': 'application/x-www-form-urlencoded' },
    });

    expect([query.status, form.status]).toEqual([200, 200]);
    expect(await form.json()).toMatchObject({ body: 'text=a+b%26c' });
  });

  it('[M9] send any body as it is, with its own type, and headers that say nothing', async () => {
    await start(open);
    let seen: { headers: Record<string, string | undefined>; body: string } | undefined;
    provider.on('api', (request) => {
      seen = request as never;
      return undefined;
    });
    const body = '{ "big": 12345678901234567890 }';
    const answer = await ask(await logIn(), 'PATCH /notes/7', {
      body,
      headers: {
        'oauth-content-type': 'application/merge-patch+json',
        'if-match': '"v1"',
        authorization: 'Bearer forged',
        'x-forwarded-for': '10.0.0.1',
        'x-http-method-override': 'DELETE',
      },
    });

    expect(answer.status).toBe(200);
    expect(seen).toMatchObject({ method: 'PATCH', body });
    expect(seen?.headers).toMatchObject({
      'content-type': 'application/merge-patch+json',
      'if-match': '"v1"',
    });
    expect(seen?.headers['authorization']).not.toContain('forged');
    for (const name of ['cookie', 'x-forwarded-for', 'x-http-method-override', 'oauth-request']) {
      expect(seen?.headers, name).not.toHaveProperty(name);
    }
  });

  it.each(['GET', 'HEAD'])(
    'are refused as %s with a body, which the method does not have',
    async (method) => {
      await start(open);
      const before = calls();
      const answer = await ask(await logIn(), `${method} /me`, { body: 'x' });
      expect([answer.status, calls()]).toEqual([400, before]);
      expect(await answer.json()).toMatchObject({ error: 'invalid_request' });
    },
  );

  it('[M9] send bytes as bytes, through parsers that make text of them', async () => {
    const seen: Buffer[] = [];
    const api = createServer((req, res) => {
      req.on('data', (chunk: Buffer) => seen.push(chunk)).on('end', () => res.end());
    });
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
    const apiBaseUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
    await start(open, { clients: { openid: openidClient(provider, { apiBaseUrl }) } });
    const body = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const answer = await ask(await logIn(), 'POST /notes', {
      body,
      headers: {
        'content-type': 'application/octet-stream; charset=latin1',
        'oauth-content-type': 'image/png',
      },
    });
    await new Promise((resolve) => api.close(resolve));

    expect(answer.status).toBe(200);
    expect(Buffer.concat(seen)).toEqual(Buffer.from(body));
  });

  it('tell the page what a login must ask for, and a start may ask for it (RFC 9470 §3)', async () => {
    await start(open, {
      routes: { scopes: { openid: ['notes'] }, allowParams: { openid: ['max_age', 'acr_values'] } },
    });
    const browser = await logIn();
    const challenge =
      'Negotiate, Basic realm="a <b>", Bearer realm="x", error="insufficient_user_authentication", ' +
      'error_description="secret words", acr_values="phr", max_age="60", scope="notes"';
    provider.on('api', () => ({ status: 401, headers: { 'www-authenticate': challenge } }));
    const answer = await ask(browser, 'GET /me');
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer error="insufficient_user_authentication", scope="notes", acr_values="phr", max_age="60"',
    ]);
    const login = `${app.url}/auth/login/openid?acr_values=phr&max_age=60&scope=notes`;
    const { location } = await browser.get(login);
    const asked = location?.searchParams ?? new URLSearchParams();
    expect([asked.get('acr_values'), asked.get('max_age')]).toEqual(['phr', '60']);
    expect(asked.get('scope')?.split(' ')).toContain('notes');

    provider.on('api', () => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }));
    expect((await ask(browser, 'GET /me')).headers.get('www-authenticate')).toBe(null);
  });

  it('[M9] are refused if no rule allows them, and nothing is called', async () => {
    await start(open);
    const browser = await logIn();
    for (const line of [
      'POST /me',
      'GET /admin',
      'GET /me?page=1&admin=1',
      'GET /files/../admin',
      'GET /files/%2e%2e/admin',
      'GET //evil.example/files/a',
      'GET https://evil.example/files/a',
      `GET ${provider.base}/api/../userinfo`,
      'GET',
      '/me',
    ]) {
      const answer = await ask(browser, line);
      expect([line, answer.status]).toEqual([line, 403]);
      expect(await answer.json()).toMatchObject({ error: 'not_allowed' });
    }
    expect((await ask(browser, 'GET /me', { client: 'plain' })).status).toBe(403);
    expect(calls()).toBe(0);
  });

  it('[M9] may name a URL below the API’s in full, as its links do', async () => {
    await start(open);
    const browser = await logIn();

    expect((await ask(browser, `GET ${provider.base}/api/me?page=3`)).status).toBe(200);
    expect((await ask(browser, `GET ${provider.base}/apix/me`)).status).toBe(403);
  });

  it('[M9] result in 401 if no user is signed in, and in 404 if there is no client', async () => {
    await start(open);
    const nobody = await ask(new Browser(), 'GET /me');
    const nosuch = await ask(await logIn(), 'GET /me', { client: 'nosuch' });

    expect([nobody.status, nosuch.status]).toEqual([401, 404]);
    expect(await nobody.json()).toMatchObject({ error: 'missing_token' });
    expect(calls()).toBe(0);
  });

  it('[M9] are never made with a token of another user or of the client itself', async () => {
    await start(open);
    await logIn();
    const stranger = new Browser();
    const other = await ask(stranger, 'GET /me', {
      headers: { userId: 'user-1', 'oauth-owner': 'user-1' },
    });
    const machine = await ask(await logIn(), 'GET /me', { client: 'machine' });

    expect(other.status).toBe(401);
    expect(machine.status).toBe(500);
    expect(await machine.json()).toMatchObject({ error: 'invalid_options' });
    expect(calls()).toBe(0);
  });

  it('[M9] are refused from other sites, and without the header that only pages of ours send', async () => {
    await start(open);
    const browser = await logIn();
    const refused = [
      await ask(browser, 'GET /me', { headers: { 'sec-fetch-site': 'cross-site' } }),
      await ask(browser, 'GET /me', { headers: { 'sec-fetch-site': 'same-site' } }),
      await ask(browser, undefined),
    ];

    for (const answer of refused) {
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ error: 'cross_site_request' });
    }
    const got = await ask(browser, 'GET /me', { method: 'GET' });
    if (got.status !== 404) expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    expect(calls()).toBe(0);
  });

  it('[M9] hand back status and body, and of the headers only what is harmless', async () => {
    await start(open);
    provider.on('api', () => ({
      status: 422,
      headers: {
        'content-type': 'text/html',
        'set-cookie': 'session=stolen',
        'access-control-allow-origin': '*',
        'clear-site-data': '"*"',
        'www-authenticate': 'Basic',
        link: '</me?page=2>; rel="next"',
        'x-ratelimit-remaining': '9',
      },
      body: '<script>alert(1)</script>',
    }));
    const browser = await logIn();
    const answer = await ask(browser, 'GET /me');

    expect([answer.status, await answer.text()]).toEqual([422, '<script>alert(1)</script>']);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/html',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
      'cache-control': 'private, no-store',
      link: '</me?page=2>; rel="next"',
      'x-ratelimit-remaining': '9',
    });
    expect(answer.headers.getSetCookie().join()).not.toContain('stolen');
    for (const name of ['access-control-allow-origin', 'clear-site-data', 'www-authenticate']) {
      expect(answer.headers.has(name), name).toBe(false);
    }
  });

  it('[M9] follow no redirect of the API, and do not tell its target', async () => {
    await start(open);
    provider.on('api', () => ({ status: 302, headers: { location: 'https://evil.example/?t=1' } }));
    const answer = await ask(await logIn(), 'GET /me');

    expect([answer.status, answer.headers.get('location')]).toEqual([502, null]);
    expect(await answer.text()).not.toContain('evil');
  });

  it('[M9] are bounded in size, both ways', async () => {
    await start(open, { oauth: { limits: { accessBytes: 1000 } } });
    const browser = await logIn();
    const answers = [
      await ask(browser, 'POST /notes', { body: 'x'.repeat(100) }),
      await ask(browser, 'POST /notes', { body: 'x'.repeat(1001) }),
    ];
    provider.on('api', () => ({ body: 'x'.repeat(1001) }));
    answers.push(await ask(browser, 'GET /me'));

    expect(answers.map(({ status }) => status)).toEqual([200, 413, 502]);
    expect(await answers[2]?.json()).toMatchObject({ error: 'response_too_large' });
  });

  it('[M9] do not exist if the application does not want them', async () => {
    await start(open, { routes: { access: undefined } });
    const answer = await ask(await logIn(), 'GET /me');

    expect(answer.status).toBe(404);
  });
});

describe('calls from pages', () => {
  it('[M9] take the token that the fetchToken hook finds for this request', async () => {
    const asked: unknown[] = [];
    const fetchToken = (name: string, request: unknown): Token | undefined => {
      const { user } = (request as { session: { user?: string } }).session;
      asked.push([name, user]);
      return app.logins.find((login) => login.user?.sub === user)?.token;
    };
    await start(onExpress, { oauth: { fetchToken } });
    const answer = await ask(await logIn(), 'GET /me');

    expect(await answer.json()).toMatchObject({ sub: 'user-1' });
    expect(asked).toEqual([['openid', 'user-1']]);
  });

  it('[M9] result in 401 if the user has to log in again', async () => {
    await start(onExpress);
    const browser = await logIn();
    await app.oauth.createClient('openid').deleteToken({ userId: 'user-1' });

    expect((await ask(browser, 'GET /me')).status).toBe(401);
  });

  it.each([
    ['leaves their bodies alone', 'application/json', 200],
    ['hands them on as bytes', undefined, 200],
    ['takes them for its own', '*/*', 500],
  ])('[M9] know what to do with a body parser that %s', async (_what, type, status) => {
    const before = type === undefined ? express.raw() : express.json({ type });
    await start(onExpress, { before });
    const answer = await ask(await logIn(), 'POST /notes', {
      body: '{"a":1}',
      headers: { 'oauth-content-type': 'application/json' },
    });

    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject(
      status === 200 ? { body: '{"a":1}' } : { error: 'invalid_options' },
    );
  });

  it('[M9] know that of a body without a length, too (RFC 9112 §7.1)', async () => {
    await start(onExpress, { before: express.json({ type: '*/*' }) });
    const body = new Blob(['{"a":1}']).stream();
    const answer = await ask(await logIn(), 'POST /notes', { body });

    expect([answer.status, calls()]).toEqual([500, 0]);
  });

  it('[M9] give up on an API that stops in the middle of its response', async () => {
    await start(onExpress, { oauth: { timeout: 300 } });
    provider.on('api', () => ({
      body: (async function* () {
        yield 'a beginning';
        await new Promise(() => undefined);
      })(),
    }));
    const answer = await ask(await logIn(), 'GET /me');

    expect(answer.status).toBe(504);
    expect(await answer.json()).toMatchObject({ error: 'timeout' });
  });

  it('[M9] need rules that can be understood', async () => {
    await expect(
      start(onExpress, { routes: { access: { openid: ['everything'] } } }),
    ).rejects.toThrow('"access" of "openid" has the rule "everything"');
    await start(onExpress);
  });
});
