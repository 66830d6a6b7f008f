import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { OAuth } from '@oauth-registry/express';
import express from 'express';
import session from 'express-session';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openidClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { launchChromium } from './browser.js';

let browser: Browser;
let provider: FakeProvider;
let context: BrowserContext;
let page: Page;
const servers: Server[] = [];
/** The application, on localhost; another site, on 127.0.0.1, which has the provider's page too. */
let url: string;
let elsewhere: string;
/** What the provider's page says of its opener, and what the application's page does. */
let providerPolicy = 'unsafe-none';
let ownPolicy = 'unsafe-none';
/** Requests that reached the application's access route, and whether they were allowed through. */
let callsSeen: number;

const onPage = `
import { access, login, LoginError } from '/oauth.js';
const show = (result) => { document.querySelector('output').textContent = JSON.stringify(result); };
const logIn = (options) =>
  login('corp', options).then(
    (user) => show({ user }),
    (error) => show({ reason: error.reason, code: error.code, ours: error instanceof LoginError }),
  );
Object.assign(window, { access });
document.querySelector('#get').onclick = () => logIn();
document.querySelector('#post').onclick = () => logIn({ method: 'post' });
if (location.search === '?at-once' && document.querySelector('h1').textContent === 'Nobody') logIn();
`;

beforeAll(async () => {
  provider = await startProvider();
  elsewhere = await serveProviderPage();
  url = await serveApplication();
});

afterAll(async () => {
  await provider?.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

beforeEach(() => {
  provider.reset();
  providerPolicy = 'unsafe-none';
  ownPolicy = 'unsafe-none';
  callsSeen = 0;
});

async function listen(app: express.Express, host: string): Promise<string> {
  const server = createServer(app);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}

/** A page on which people say yes or no, as providers have them. */
function serveProviderPage(): Promise<string> {
  const app = express();
  app.get('/authorize', (req, res) => {
    const back = new URL(String(req.query['redirect_uri']));
    const state = String(req.query['state']);
    back.search = `${new URLSearchParams({ error: 'access_denied', state, iss: provider.issuer })}`;
    const allow = `${provider.base}/authorize?${new URL(req.url, 'http://x').searchParams}`;
    res.set('cross-origin-opener-policy', providerPolicy);
    res.send(
      `<h1>Sign in to Corp</h1><a href="${allow.replaceAll('&', '&amp;')}">Allow</a>
       <a href="${back.href.replaceAll('&', '&amp;')}">Decline</a>`,
    );
  });
  app.get('/', (_req, res) => res.send('<h1>Elsewhere</h1>'));
  return listen(app, '127.0.0.1');
}

async function serveApplication(): Promise<string> {
  const app = express();
  const base = await listen(app, 'localhost');
  const oauth = new OAuth({ config: {}, baseUrl: base, tokenStore: memoryStore() }).register(
    'corp',
    openidClient(provider, { authorizeUrl: `${elsewhere}/authorize` }),
  );
  const secret = 'a secret of thirty-two characters';
  const userOf = (request: { session: object }): { user?: string } => request.session;
  app.use(session({ secret, resave: false, saveUninitialized: false }));
  app.use('/auth/access', (_req, _res, next) => {
    callsSeen += 1;
    next();
  });
  app.use(
    '/auth',
    oauth.routes({
      userId: ({ request }) => userOf(request).user,
      access: { corp: ['/me?page', 'POST /notes'] },
      onLogin: async ({ user, token, request }) => {
        const userId = user?.sub ?? '';
        userOf(request).user = userId;
        await oauth.corp.saveToken(token as never, { userId });
      },
    }),
  );
  const module = readFileSync(new URL('../../packages/core/dist/browser.js', import.meta.url));
  app.get('/oauth.js', (_req, res) => res.type('text/javascript').send(module));
  app.get('/page.js', (_req, res) => res.type('text/javascript').send(onPage));
  app.get('/', (req, res) => {
    res.set('content-security-policy', "default-src 'self'");
    res.set('cross-origin-opener-policy', ownPolicy);
    res.send(
      `<h1>${userOf(req).user ?? 'Nobody'}</h1><button id="get">Log in</button>
       <button id="post">Log in by POST</button><output></output>
       <script type="module" src="/page.js"></script>`,
    );
  });
  return base;
}

async function open(options: { blockPopups?: boolean } = {}): Promise<void> {
  browser = await launchChromium(options);
  context = await browser.newContext({ viewport: { width: 1000, height: 700 } });
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
  await page.goto(url);
}

/** Clicks, and returns the window that opens. */
async function popupOf(button = '#get'): Promise<Page> {
  const [popup] = await Promise.all([context.waitForEvent('page'), page.click(button)]);
  await popup.getByRole('heading', { name: 'Sign in to Corp' }).waitFor();
  return popup;
}

/** Playwright has every window say that it has the focus; people's browsers have one that does. */
async function haveFocus(has: boolean): Promise<void> {
  await page.evaluate(`document.hasFocus = () => ${has}`);
}

/** What the page was told, once it was. */
async function told(): Promise<unknown> {
  await page.locator('output:not(:empty)').waitFor();
  return JSON.parse(await page.locator('output').innerText());
}

describe('logging in through a popup', () => {
  beforeEach(() => open());
  afterEach(() => browser?.close());

  test.each(['#get', '#post'])(
    '[M9] resolves with the user, and closes the window (%s)',
    async (button) => {
      const popup = await popupOf(button);
      const closed = popup.waitForEvent('close');
      await popup.getByRole('link', { name: 'Allow' }).click();

      expect(await told()).toMatchObject({ user: { sub: 'user-1' } });
      await closed;
      expect(new URL(page.url()).pathname).toBe('/');
      await page.reload();
      expect(await page.getByRole('heading').innerText()).toBe('user-1');
    },
  );

  test('[M9] rejects as declined when the user denies', async () => {
    const popup = await popupOf();
    const closed = popup.waitForEvent('close');
    await popup.getByRole('link', { name: 'Decline' }).click();

    expect(await told()).toEqual({ reason: 'declined', code: 'access_denied', ours: true });
    await closed;
  });

  test('[M9] rejects as failed when the provider does not play along', async () => {
    provider.on('token', () => ({ status: 500, body: 'secret words' }));
    const popup = await popupOf();
    await popup.getByRole('link', { name: 'Allow' }).click();

    expect(await told()).toEqual({
      reason: 'failed',
      code: 'provider_unavailable',
      ours: true,
    });
  });

  test('[M9] rejects as closed when the user closes the window', async () => {
    const popup = await popupOf();
    await popup.close();

    expect(await told()).toEqual({ reason: 'closed', ours: true });
  });

  test.each([
    ['the provider', 'same-origin', 'unsafe-none'],
    ['the application', 'unsafe-none', 'same-origin'],
    ['both', 'same-origin', 'same-origin'],
  ])(
    '[M9] works if Cross-Origin-Opener-Policy of %s cuts the windows apart',
    async (_whose, theirs, own) => {
      providerPolicy = theirs;
      ownPolicy = own;
      await page.reload();
      await haveFocus(false);
      const popup = await popupOf();
      expect(await popup.evaluate('window.opener')).toBeNull();
      const closed = popup.waitForEvent('close');
      await new Promise((resolve) => setTimeout(resolve, 2500));
      expect(await page.locator('output').innerText()).toBe('');
      await popup.getByRole('link', { name: 'Allow' }).click();

      expect(await told()).toMatchObject({ user: { sub: 'user-1' } });
      await closed;
    },
  );

  test('[M9] rejects as closed when the user comes back to the page from a window that was cut loose', async () => {
    providerPolicy = 'same-origin';
    await haveFocus(false);
    await popupOf();
    await haveFocus(true);

    expect(await told()).toEqual({ reason: 'closed', ours: true });
  });

  test('[M9] believes no message of another origin, nor of another window of its own', async () => {
    const popup = await popupOf();
    const id = await popup.evaluate('window.name');
    const forged = { id, user: { sub: 'forged' } };
    // The provider's page is of another origin, and has the opener.
    await popup.evaluate(`opener.postMessage(${JSON.stringify(forged)}, '*')`);
    await page.evaluate(`window.postMessage(${JSON.stringify(forged)}, location.origin)`);
    await page.evaluate(`new BroadcastChannel('oauth-registry').postMessage({})`);
    await popup.getByRole('link', { name: 'Allow' }).click();

    expect(await told()).toMatchObject({ user: { sub: 'user-1' } });
  });

  test('[M9] says so in the window if the page is gone, with a way back', async () => {
    const popup = await popupOf();
    await page.goto(elsewhere);
    await popup.getByRole('link', { name: 'Allow' }).click();
    await popup.getByRole('heading', { name: 'You are signed in' }).waitFor();
    await popup.getByRole('link', { name: 'Continue' }).click();

    expect(await popup.getByRole('heading').innerText()).toBe('user-1');
  });

  test('[M9] tells nothing to a page of another origin that opened the login', async () => {
    await page.goto(elsewhere);
    await page.evaluate(
      'window.heard = []; addEventListener("message", (e) => window.heard.push(e.data))',
    );
    const login = `${url}/auth/login/corp?popup=${'a'.repeat(32)}`;
    const [popup] = await Promise.all([
      context.waitForEvent('page'),
      page.evaluate(`void open(${JSON.stringify(login)})`),
    ]);
    await popup.getByRole('link', { name: 'Allow' }).click();
    await popup.getByRole('heading', { name: 'You are signed in' }).waitFor();

    expect(await page.evaluate('window.heard')).toEqual([]);
  });
});

test('[M9] a browser that blocks popups goes to the provider with the whole page, and comes back', async () => {
  await open({ blockPopups: true });
  try {
    await page.goto(`${url}/?at-once`);
    await page.getByRole('heading', { name: 'Sign in to Corp' }).waitFor();
    expect(context.pages()).toHaveLength(1);
    await page.getByRole('link', { name: 'Allow' }).click();
    await page.waitForURL(`${url}/?at-once`);

    expect(await page.getByRole('heading').innerText()).toBe('user-1');
  } finally {
    await browser.close();
  }
});

interface Answered {
  status: number;
  body: Record<string, unknown>;
}

describe('calling an API from a page', () => {
  beforeEach(async () => {
    await open();
    const popup = await popupOf();
    await popup.getByRole('link', { name: 'Allow' }).click();
    await told();
  });
  afterEach(() => browser?.close());

  function call(...args: unknown[]): Promise<Answered> {
    return page.evaluate(
      `window.access(${args.map((one) => JSON.stringify(one)).join()})
        .then(async (answer) => ({ status: answer.status, body: await answer.json() }))`,
    );
  }

  test('[M9] brings what the API returns for the user’s own token', async () => {
    const got = await call('corp', '/me?page=2');
    const posted = await call('corp', 'notes', {
      method: 'POST',
      body: JSON.stringify({ text: 'größer' }),
      headers: { 'content-type': 'application/json' },
    });
    const linked = await call('corp', `${provider.base}/api/me`);

    expect(got).toMatchObject({ status: 200, body: { sub: 'user-1', search: 'page=2' } });
    expect(posted).toMatchObject({
      status: 200,
      body: { method: 'POST', body: '{"text":"größer"}' },
    });
    expect(posted.body['headers']).toMatchObject({ 'content-type': 'application/json' });
    expect(linked).toMatchObject({ status: 200 });
  });

  test('[M9] is refused if no rule allows it', async () => {
    expect(await call('corp', '/admin')).toMatchObject({
      status: 403,
      body: { error: 'not_allowed' },
    });
    expect(await call('corp', '/me', { method: 'delete' })).toMatchObject({ status: 403 });
    expect(await call('corp', 'https://evil.example/me')).toMatchObject({ status: 403 });
    expect(await call('nosuch', '/me')).toMatchObject({ status: 404 });
  });

  test('[M9] puts neither the token nor the secret on the page', async () => {
    await call('corp', '/me');
    const answered = JSON.stringify([...provider.requests]);
    const token = /Bearer ([\w.-]+)/.exec(answered)?.[1] ?? '';

    expect(token).not.toBe('');
    expect(await page.content()).not.toContain(token);
    expect(JSON.stringify(await context.storageState())).not.toContain(token);
  });

  test.each([
    ['a plain fetch', `fetch(at, { method: 'POST', mode: 'no-cors', credentials: 'include' })`],
    [
      'a fetch with our header',
      `fetch(at, { method: 'POST', credentials: 'include', headers: { 'oauth-request': 'GET /me' } })`,
    ],
    [
      'a form',
      `(() => { const form = document.createElement('form'); form.method = 'post'; form.action = at;
        document.body.append(form); form.submit(); })()`,
    ],
  ])('[M9] is refused to %s of another site', async (_what, attempt) => {
    const before = provider.count('api');
    await page.goto(elsewhere);
    const answers: number[] = [];
    page.on('response', (answer) => {
      if (answer.url().includes('/auth/access/')) answers.push(answer.status());
    });
    const at = JSON.stringify(`${url}/auth/access/corp`);
    await page.evaluate(`(async (at) => { try { await ${attempt} } catch {} })(${at})`);
    await page.waitForLoadState('networkidle');

    expect(provider.count('api')).toBe(before);
    expect(answers.filter((status) => status !== 403)).toEqual([]);
  });
});
