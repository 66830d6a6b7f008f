import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import type { LoginEvent, LoginFailedEvent, UserLogoutEvent } from '@oauth-registry/core/types';
import { OAuth } from '@oauth-registry/core';
import { OAuth as ExpressOAuth } from '@oauth-registry/express';
import express from 'express';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../support/browser.js';
import { comeBack, redirectUri } from '../../support/login.js';
import { openidClient, startExpress } from '../../support/apps/express.js';
import { signJws, startProvider, type FakeProvider } from '../../support/provider/index.js';
import { frameworks, type RoutesApp } from '../../support/apps/routes.js';

let provider: FakeProvider;
let close: () => Promise<void> = async () => undefined;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(async () => {
  await close();
  close = async () => undefined;
  provider.reset();
});

interface Heard {
  login: LoginEvent[];
  failed: LoginFailedEvent[];
  logout: UserLogoutEvent[];
}

const head = (): Record<string, unknown> => ({ alg: 'RS256', kid: provider.keys.rsa.kid });

const logout = (): Record<string, unknown> => {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: provider.issuer,
    sub: 'user-1',
    aud: provider.settings.clientId,
    jti: randomUUID(),
    sid: 'session-1',
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    iat: now,
    exp: now + 120,
  };
};

function listen({ events }: Pick<OAuth, 'events'>): Heard {
  const heard: Heard = { login: [], failed: [], logout: [] };
  events.on('login', (event) => void heard.login.push(event));
  events.on('login:failed', (event) => void heard.failed.push(event));
  events.on('logout', (event) => void heard.logout.push(event));
  return heard;
}

describe.each(Object.entries(frameworks))(
  'the events of the drop-in routes on %s',
  (name, open) => {
    let app: RoutesApp;
    const start = async (more = {}): Promise<Heard> => {
      app = await open({ clients: { corp: openidClient(provider) }, ...more });
      close = () => app.close();
      return listen(app.oauth);
    };

    it('tell of a login with client and sub, once, and of the logout', async () => {
      const heard = await start();
      const browser = new Browser();
      await browser.follow(`${app.url}/auth/login/corp`);
      expect(heard.login).toEqual([{ client: 'corp', sub: 'user-1' }]);
      expect(heard.login[0]?.request).toBeDefined();
      expect(heard.failed).toEqual([]);
      const out = await browser.post(`${app.url}/auth/logout`, {}, { from: app.url });
      const ended = name.startsWith('Next') ? [] : [{ client: 'corp', sub: 'user-1' }];
      expect(heard.logout).toEqual(ended);
      if (ended.length > 0) expect(out.status).toBe(303);
    });

    it('tell of failures with client and code, and of nothing secret', async () => {
      const heard = await start();
      provider.quirks.callback = 'error';
      await new Browser().follow(`${app.url}/auth/login/corp`);
      provider.reset();
      provider.once('token', () => ({ status: 401, body: { error: 'invalid_client' } }));
      await new Browser().follow(`${app.url}/auth/login/corp`);
      expect(heard.failed).toMatchObject([
        { client: 'corp', code: 'access_denied', phase: 'callback', declined: true },
        { client: 'corp', code: 'invalid_client', phase: 'exchange', declined: false },
      ]);
      expect(heard.login).toEqual([]);
      const text = inspect(heard, { depth: 9 }) + JSON.stringify(heard);
      expect(text).not.toContain(provider.settings.clientSecret);
      expect(text).not.toMatch(/code=|state=|cookie/i);
    });

    it('tell of no login, but of a failed one of a known user, if onLogin throws', async () => {
      const heard = await start({
        onLogin: () => {
          throw new Error('no such account');
        },
      });
      await new Browser().follow(`${app.url}/auth/login/corp`).catch(() => undefined);
      expect(heard.login).toEqual([]);
      expect(heard.failed).toMatchObject([
        { client: 'corp', sub: 'user-1', error: { name: 'Error' } },
      ]);
      expect(heard.failed[0]?.code).toBeUndefined();
      expect(inspect(heard.failed)).not.toContain('no such account');
    });
  },
);

describe('the events of the verbs', () => {
  it('tell of logins that authorizeAccessToken finishes or refuses, and of starts that fail', async () => {
    const app = await startExpress({
      clients: {
        corp: openidClient(provider),
        down: openidClient(provider, { serverMetadataUrl: 'http://127.0.0.1:9/nothing' }),
      },
    });
    close = () => app.close();
    const heard = listen(app.oauth);
    const browser = new Browser();
    const done = await browser.follow(`${app.url}/login/corp`);
    await browser.get(done.url);
    await browser.get(`${app.url}/login/down`);
    await browser.head(`${app.url}/callback/corp?state=x`);
    expect(heard.login).toEqual([{ client: 'corp', sub: 'user-1' }]);
    expect(heard.failed).toMatchObject([
      { client: 'corp', code: 'mismatching_state', phase: 'callback' },
      { client: 'down', code: 'provider_unavailable' },
    ]);
  });

  it('tell of logins without a web framework', async () => {
    const oauth = new OAuth({ config: {} }).register('corp', openidClient(provider));
    const heard = listen(oauth);
    const request = await oauth.corp.createAuthorizationUrl(redirectUri);
    const back = (await comeBack(request)).href;
    await oauth.corp.fetchAccessToken(back, request);
    await oauth.corp.fetchAccessToken(back, request).catch(() => undefined);
    expect(heard.login).toEqual([{ client: 'corp', sub: 'user-1' }]);
    expect(heard.failed).toMatchObject([{ client: 'corp', phase: 'exchange', declined: false }]);
  });

  it('tell of logouts that begin here, and of those that the provider tells of', async () => {
    const ended: unknown[] = [];
    const client = openidClient(provider, {
      onBackchannelLogout: (event) => void ended.push(event),
    });
    const app = express();
    const server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close = () => new Promise((resolve) => server.close(() => resolve()));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const secret = 'a secret of thirty-two characters';
    const oauth = new ExpressOAuth({ config: {}, baseUrl: url, secret }).register('corp', client);
    const heard = listen(oauth);
    const idToken = signJws({ ...logout(), nonce: 'n' }, head(), provider.keys.rsa);
    app.get('/logout', (req, res) =>
      oauth.corp.logoutRedirect(req, res, undefined, { id_token_hint: idToken }),
    );
    app.post('/backchannel', (req, res) => oauth.corp.logout.backchannelLogout(req, res));

    await new Browser().get(`${url}/logout`);
    const body = new URLSearchParams({
      logout_token: signJws(logout(), head(), provider.keys.rsa),
    });
    expect((await fetch(`${url}/backchannel`, { method: 'POST', body })).status).toBe(200);
    const refused = await fetch(`${url}/backchannel`, { method: 'POST', body });
    expect([refused.status, ended.length]).toEqual([400, 1]);
    expect(heard.logout).toEqual([
      { client: 'corp', sub: 'user-1' },
      { client: 'corp', sub: 'user-1', sid: 'session-1' },
    ]);
    expect(inspect(heard.logout)).not.toContain(idToken);
  });

  it('fail the call if a listener fails, and are no more if it was removed', async () => {
    const oauth = new OAuth({ config: {} }).register('corp', openidClient(provider));
    const off = oauth.events.on('login', () => Promise.reject(new Error('audit')));
    const begin = async (): Promise<unknown> => {
      const request = await oauth.corp.createAuthorizationUrl(redirectUri);
      return await oauth.corp.fetchAccessToken((await comeBack(request)).href, request);
    };
    await expect(begin()).rejects.toThrow('audit');
    off();
    await expect(begin()).resolves.toBeDefined();
  });

  it.each(['logn', 'log_in', 'token:updates', 'loggedIn', 'toString', '__proto__', ''])(
    'refuse the unknown name "%s"',
    (name) => {
      const { events } = new OAuth({ config: {} });
      expect(() => events.on(name as 'login', () => undefined)).toThrow(
        expect.objectContaining({ code: 'invalid_options' }),
      );
    },
  );

  it('name the event that was probably meant, and want a function', () => {
    const { events } = new OAuth({ config: {} });
    expect(() => events.on('logn' as 'login', () => undefined)).toThrow('Did you mean "login"?');
    expect(() => events.on('login', undefined as never)).toThrow('needs a function');
  });
});
