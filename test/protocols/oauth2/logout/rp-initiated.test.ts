import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OAuth } from '@oauth-registry/core';
import { OAuth as ExpressOAuth } from '@oauth-registry/express';
import express from 'express';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../support/browser.js';
import { rejection } from '../../../support/login.js';
import { oauth1Client, openidClient, plainClient } from '../../../support/apps/express.js';
import {
  rsaKey,
  signJws,
  startProvider,
  type FakeProvider,
} from '../../../support/provider/index.js';
import { frameworks, type LogoutApp } from './apps.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(() => provider.reset());

/** An id_token of the provider's own, which it may have issued long ago. */
function hint(): string {
  const claims = { iss: provider.issuer, aud: provider.settings.clientId, sub: 'user-1', exp: 1 };
  return signJws(claims, { alg: 'RS256', kid: rsaKey().kid }, rsaKey());
}

describe('createLogoutUrl() (RP-Initiated Logout 1.0 §2)', () => {
  const corp = () => new OAuth({ config: {} }).register('corp', openidClient(provider)).corp;

  it('[A24] names the client, the id_token, the post-logout redirect URI, and a state', async () => {
    const { url, state } = await corp().createLogoutUrl('https://app.example/bye?x=1', {
      id_token_hint: 'a.b.c',
      ui_locales: 'de',
    });
    const { origin, pathname, searchParams } = new URL(url);
    expect(origin + pathname).toBe(`${provider.base}/end_session`);
    expect(Object.fromEntries(searchParams)).toEqual({
      client_id: provider.settings.clientId,
      id_token_hint: 'a.b.c',
      ui_locales: 'de',
      post_logout_redirect_uri: 'https://app.example/bye?x=1',
      state,
    });
    expect(state?.length).toBeGreaterThan(40);
    expect((await corp().createLogoutUrl('https://a.example/', { state: 'mine' })).state).toBe(
      'mine',
    );
  });

  it('[A24] creates no state without a redirect URI', async () => {
    const request = await corp().createLogoutUrl();
    expect(Object.keys(request)).toEqual(['url']);
    expect(request.url).not.toContain('state');
  });

  it('[A24] takes the endpoint by hand, and misses one', async () => {
    const endSessionEndpoint = 'https://id.example/logout?tenant=1';
    const oauth = new OAuth({ config: {} })
      .register('told', plainClient(provider, { endSessionEndpoint }))
      .register('untold', plainClient(provider))
      .register('one', oauth1Client(provider));
    const { url } = await oauth.told.createLogoutUrl();
    expect(url.startsWith(`${endSessionEndpoint}&client_id=`)).toBe(true);
    expect(await rejection(oauth.untold.createLogoutUrl())).toMatchObject({
      code: 'invalid_options',
      phase: 'logout',
    });
    expect(oauth.one).not.toHaveProperty('createLogoutUrl');
  });

  it.each(['client_id', 'post_logout_redirect_uri'])(
    '[A24] rejects a parameter that replaces %s',
    async (name) => {
      expect(await rejection(corp().createLogoutUrl(undefined, { [name]: 'x' }))).toMatchObject({
        code: 'invalid_options',
      });
    },
  );
});

it('[A24] is not ended by a return to another client, or by one of a login', async () => {
  const made: ExpressOAuth[] = [];
  const app = express();
  app.get('/:verb/:client', async (req, res) => {
    const { verb, client: name } = req.params;
    const client = made[0]?.createClient(name);
    try {
      if (verb === 'login') await client?.authorizeRedirect(req, res);
      else if (verb === 'logout') await client?.logoutRedirect(req, res, `/back/${name}`);
      else if (verb === 'callback') res.json(await client?.authorizeAccessToken(req, res));
      else res.json(await client?.validateLogoutResponse(req, res));
    } catch (error) {
      res.status(400).json(error);
    }
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const secret = 'a secret of thirty-two characters';
  const oauth = new ExpressOAuth({ config: {}, baseUrl, secret, stateStorage: 'cookie' });
  made.push(oauth);
  for (const name of ['corp', 'club']) oauth.register(name, openidClient(provider));

  const until = (url: URL): boolean => /^\/(back|callback)\//.test(url.pathname);
  for (const [start, from, to] of [
    ['logout/corp', '/back/corp', '/back/club'],
    ['logout/corp', '/back/corp', '/callback/corp'],
    ['login/corp', '/callback/corp', '/back/corp'],
  ] as const) {
    const browser = new Browser();
    const { pending } = await browser.follow(`${baseUrl}/${start}`, { until });
    expect(pending?.url.pathname).toBe(from);
    const answer = await browser.get(String(pending?.url).replace(from, to));
    expect([to, answer.status, answer.json()]).toMatchObject([
      to,
      400,
      { code: 'mismatching_state' },
    ]);
  }
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe.each(frameworks)('logging out on %s', (_, start, canRead) => {
  let app: LogoutApp;
  beforeAll(async () => {
    const args = { '/logout': ['/logged-out', { id_token_hint: hint() }] };
    app = await start({ client: openidClient(provider), args });
  });
  afterAll(() => app.close());

  it('[A24] goes to the provider and comes back', async () => {
    const browser = new Browser();
    const until = (url: URL): boolean => url.pathname === '/logged-out';
    const { pending } = await browser.follow(`${app.url}/logout`, { until });
    const sent = provider.last('end_session').query;
    expect(sent.get('post_logout_redirect_uri')).toBe(`${app.url}/logged-out`);
    expect(sent.get('id_token_hint')).toBe(hint());
    expect(pending?.url.searchParams.get('state')).toBe(sent.get('state'));
    if (!canRead || !pending) return;
    const back = await browser.follow(pending.url);
    expect(back.status).toBe(200);
    expect(JSON.parse(back.text())).toEqual({
      state: sent.get('state'),
      postLogoutRedirectUri: `${app.url}/logged-out`,
    });
    expect((await browser.follow(pending.url)).status).toBe(400);
  });

  it('[A24] is started by no prefetch and no HEAD', async () => {
    const prefetch = { redirect: 'manual', headers: { 'sec-purpose': 'prefetch' } } as const;
    expect((await fetch(`${app.url}/logout`, prefetch)).status).toBe(204);
    expect((await fetch(`${app.url}/logout`, { method: 'HEAD' })).status).toBe(405);
  });
});

/** Where the answer can be read without the production build of an application. */
const readable = frameworks.filter(([, , canRead]) => canRead);

describe.each(readable)('coming back from a logout on %s', (_, start) => {
  let app: LogoutApp;
  beforeAll(async () => {
    const args = { '/logout': ['/logged-out', { id_token_hint: 'hint' }] };
    app = await start({ client: openidClient(provider), args });
  });
  afterAll(() => app.close());

  it.each([
    ['another state', '?state=other'],
    ['no state', ''],
    ['a state twice', '?state=a&state=a'],
  ])('[A24] with %s is an error, and logs no user in', async (_name, query) => {
    const browser = new Browser();
    const until = (url: URL): boolean => url.pathname === '/logged-out';
    await browser.follow(`${app.url}/logout`, { until });
    const back = await browser.follow(`${app.url}/logged-out${query}`);
    expect(back.status).toBe(400);
    expect(JSON.parse(back.text())).toMatchObject({ code: 'mismatching_state' });
    expect(provider.count('token')).toBe(0);
  });

  it('[A24] takes the state of a login for no logout', async () => {
    const browser = new Browser();
    const until = (url: URL): boolean => url.origin !== app.url;
    const { pending } = await browser.follow(`${app.url}/login`, { until });
    const state = pending?.url.searchParams.get('state');
    expect((await browser.follow(`${app.url}/logged-out?state=${state}`)).status).toBe(400);
  });
});
