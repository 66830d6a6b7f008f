import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OAuth } from '@oauth-registry/express';
import express from 'express';
import session from 'express-session';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { launchChromium } from './browser.js';

let browser: Browser;
let provider: FakeProvider;
let server: Server;
let url: string;
/** The methods and the session cookies' presence of the callbacks, as they arrived. */
const callbacks: [method: string, session: boolean][] = [];

beforeAll(async () => {
  browser = await launchChromium();
  provider = await startProvider();
  const app = express();
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const { clientId, clientSecret } = provider.settings;
  const oauth = new OAuth({ config: {}, baseUrl: url }).register('posted', {
    clientId,
    clientSecret,
    serverMetadataUrl: provider.metadataUrl,
    scope: 'openid',
    responseMode: 'form_post',
  });
  const cookie = { sameSite: 'lax' } as const;
  const secret = 'a secret of thirty-two characters';
  app.use(session({ name: 'sid', secret, resave: false, saveUninitialized: true, cookie }));
  app.get('/', (_req, res) => res.send('<a href="/login">Log in</a>'));
  app.get('/login', (req, res) => oauth.posted.authorizeRedirect(req, res));
  app.all('/callback/posted', async (req, res) => {
    callbacks.push([req.method, /\bsid=/.test(req.headers.cookie ?? '')]);
    const token = await oauth.posted.authorizeAccessToken(req, res);
    res.send(`<h1>${token.userinfo?.sub}</h1>`);
  });
});

afterAll(async () => {
  await browser?.close();
  await provider?.close();
  server?.closeAllConnections();
  server?.close();
});

test('[A22] a provider of another site posts its response over http, and the session cookie stays Lax (Form Post Response Mode)', async () => {
  expect(new URL(provider.base).hostname).not.toBe(new URL(url).hostname);
  const page = await browser.newPage();
  await page.goto(url);
  await page.getByRole('link', { name: 'Log in' }).click();

  expect(await page.getByRole('heading').innerText()).toBe('user-1');
  expect(callbacks).toEqual([['POST', false]]);
});
