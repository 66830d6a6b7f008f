import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openidClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { launchChromium } from './browser.js';
import { onExpress, onFastify, type DropInApp, type DropInOptions } from './dropin-app.js';

let browser: Browser;
let corp: FakeProvider;
let club: FakeProvider;
let app: DropInApp;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  browser = await launchChromium();
  corp = await startProvider({ user: { sub: 'ada', name: 'Ada' } });
  club = await startProvider({ user: { sub: 'countess', name: 'Ada' } });
});

afterAll(async () => {
  await browser?.close();
  await corp?.close();
  await club?.close();
});

const heading = (tab = page) => tab.getByRole('heading', { level: 1 }).innerText();
const logins = () => page.getByRole('listitem').allInnerTexts();
const continueWith = (name: string, tab = page) =>
  tab.getByRole('link', { name: `Continue with ${name}` }).click();

async function sessionId(): Promise<string | undefined> {
  return (await context.cookies(app.url)).find(({ name }) => name === 'sid')?.value;
}

/** Lets the provider think until `answer()` is called; `asked` is settled when it has been asked. */
function holdAuthorization(provider: FakeProvider): { asked: Promise<void>; answer(): void } {
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const asked = new Promise<void>((resolve) => {
    provider.once('authorize', async (_request, respond) => {
      resolve();
      await answered;
      return await respond();
    });
  });
  return { asked, answer };
}

describe.each([
  { framework: 'Express', open: onExpress },
  { framework: 'Fastify', open: onFastify },
])('the drop-in login on $framework', ({ open }) => {
  async function start(options: Partial<DropInOptions> = {}): Promise<void> {
    app = await open({
      clients: {
        corp: openidClient(corp, { displayName: 'Corp' }),
        club: openidClient(club, { displayName: 'Club' }),
      },
      ...options,
    });
  }

  beforeEach(async () => {
    context = await browser.newContext();
    context.setDefaultTimeout(10_000);
    page = await context.newPage();
  });

  afterEach(async () => {
    await context.close();
    await app.close();
    corp.reset();
    club.reset();
    Object.assign(corp.settings.user, { sub: 'ada' });
  });

  test('[D1] lists the ways in, and the one that is clicked signs in', async () => {
    await start();
    await page.goto(app.url);
    await page.getByRole('link', { name: 'Sign in' }).click();
    expect(await heading()).toBe('Sign in');
    expect(await logins()).toEqual(['Continue with Corp', 'Continue with Club']);

    await continueWith('Club');
    await page.waitForURL(`${app.url}/`);
    expect(await heading()).toBe('club countess');
  });

  test.each(['Enter', 'Space'])(
    '[D1] signs in with the keyboard alone, %s on a button, and out again',
    async (key) => {
      // A link is followed with Enter; a button takes the space bar, too.
      await start({ routes: { start: key === 'Space' ? 'post' : 'get' } });
      await page.goto(`${app.url}/auth/login?returnTo=/?next`);
      const seen: unknown[] = [];
      for (const _ of ['Corp', 'Club']) {
        await page.keyboard.press('Tab');
        const { text, style } = await page.evaluate<{ text: string; style: string }>(
          `(({ innerText, ownerDocument }) => ({
            text: innerText, style: getComputedStyle(ownerDocument.activeElement).outlineStyle,
          }))(document.activeElement)`,
        );
        seen.push([text.trim(), style]);
      }
      expect(seen).toEqual([
        ['Continue with Corp', 'solid'],
        ['Continue with Club', 'solid'],
      ]);
      await page.keyboard.press(key);
      await page.waitForURL(`${app.url}/?next`);
      expect(await heading()).toBe('club countess');

      await page.getByRole('button', { name: 'Log out' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Nobody' }).waitFor();
    },
  );

  test('[D4] tells a user who denied that nothing was shared, and leads back', async () => {
    await start();
    corp.quirks.callback = 'error';
    await page.goto(`${app.url}/auth/login?returnTo=/?next`);
    const answer = page.waitForResponse((one) => one.url().includes('/auth/callback/'));
    await continueWith('Corp');

    expect((await answer).status()).toBe(403);
    expect(await heading()).toBe('Not signed in');
    expect(await page.locator('main').innerText()).toContain('did not allow');

    await page.getByRole('link', { name: 'Back' }).click();
    await continueWith('Club');
    await page.waitForURL(`${app.url}/?next`);
    expect(await heading()).toBe('club countess');
  });

  test('[D4] says in plain words that a provider failed, with its status, and tries again', async () => {
    await start();
    corp.once('token', () => ({
      status: 500,
      headers: { 'content-type': 'application/json' },
      body: '{"error":"server_error","error_description":"<b>stack of secrets</b>"}',
    }));
    await page.goto(`${app.url}/auth/login`);
    const answer = page.waitForResponse((one) => one.url().includes('/auth/callback/'));
    await continueWith('Corp');

    expect((await answer).status()).toBe(502);
    expect((await answer).headers()).toMatchObject({
      'cache-control': expect.stringContaining('no-store') as string,
      'referrer-policy': 'same-origin',
    });
    expect(await heading()).toBe('Sign-in failed');
    expect(await page.getByRole('group').getAttribute('open')).toBeNull();
    await page.getByText('Details').click();
    expect(await page.getByRole('group').innerText()).toContain('provider_unavailable');
    expect(await page.content()).not.toContain('stack of secrets');

    await page.getByRole('link', { name: 'Try again' }).click();
    await continueWith('Corp');
    expect(await heading()).toBe('corp ada');
  });

  test.each(['//evil.example', 'https://evil.example/', '/%5Cevil.example', 'javascript:alert(1)'])(
    '[D3] never leads to %s after the login',
    async (returnTo) => {
      await start();
      await page.goto(`${app.url}/auth/login?returnTo=${encodeURIComponent(returnTo)}`);
      await continueWith('Corp');

      expect(new URL(page.url()).origin).toBe(app.url);
    },
  );

  test('[D1] adds a second login to the account that is signed in', async () => {
    await start();
    await page.goto(`${app.url}/auth/login/corp`);
    const before = await sessionId();
    await page.getByRole('button', { name: 'Connect club' }).click();

    await page.waitForURL(`${app.url}/?added`);
    expect(await heading()).toBe('corp ada');
    expect(await logins()).toEqual(['corp ada', 'club countess']);
    expect(await sessionId()).toBe(before);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.goto(`${app.url}/auth/login/club`);
    expect(await heading()).toBe('corp ada');
  });

  test('[D1] lets the application refuse a login that is another account’s', async () => {
    await start();
    await page.goto(`${app.url}/auth/login/club`);
    await page.goto(`${app.url}/auth/login/corp`);
    await page.getByRole('button', { name: 'Connect club' }).click();

    await page.waitForURL(`${app.url}/?of=another`);
    expect(await logins()).toEqual(['corp ada']);
  });

  test('[D1] adds nothing when another user has signed in meanwhile, and leads back', async () => {
    await start();
    await page.goto(`${app.url}/auth/login/corp`);
    const held = holdAuthorization(club);
    await page.getByRole('button', { name: 'Connect club' }).click({ noWaitAfter: true });
    await held.asked;
    const other = await context.newPage();
    corp.settings.user['sub'] = 'zoe';
    await other.goto(`${app.url}/auth/login/corp`);
    held.answer();
    await page.getByRole('heading', { name: 'Sign-in failed' }).waitFor();

    await page.getByRole('link', { name: 'Try again' }).click();
    await page.waitForURL(`${app.url}/?added`);
    expect(await heading()).toBe('corp zoe');
    expect(await logins()).toEqual(['corp zoe']);
  });

  test('[D2] asks for more scopes if a button says so, by form as well', async () => {
    for (const method of ['get', 'post'] as const) {
      await start({ routes: { start: method, scopes: { corp: ['files'] } } });
      await page.goto(`${app.url}/auth/login/corp?scope=files+admin`);
      if (method === 'post') {
        await page.getByRole('button', { name: 'Continue with Corp' }).click();
        await page.waitForURL(`${app.url}/`);
      }
      expect(corp.last('authorize').params.get('scope')).toBe('openid email files');
      await app.close();
    }
  });

  test('logs out by a form of its own pages only', async () => {
    await start();
    await page.goto(`${app.url}/auth/login/corp`);
    corp.on('unknown', () => ({
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: `<form method="post" action="${app.url}/auth/logout"><button>Win</button></form>`,
    }));
    await page.goto(`${corp.base}/evil`);
    const answer = page.waitForResponse(`${app.url}/auth/logout`);
    await page.getByRole('button', { name: 'Win' }).click();

    expect((await answer).status()).toBe(403);
    expect(await heading()).toBe('Nothing was done');
    await page.goto(app.url);
    expect(await heading()).toBe('corp ada');
    await page.getByRole('button', { name: 'Log out' }).click();
    expect(await heading()).toBe('Nobody');
  });

  test('gives the session another id at the login, in a cookie that scripts cannot read', async () => {
    await start();
    await page.goto(`${app.url}/auth/login/corp`);
    const planted = await sessionId();
    await page.goto(`${app.url}/auth/login/club`);

    expect(await sessionId()).not.toBe(planted);
    expect(await page.evaluate('document.cookie')).toBe('');
  });

  test('works again after the back button', async () => {
    await start();
    await page.goto(`${app.url}/auth/login`);
    await continueWith('Corp');
    await page.goBack();
    expect(await heading()).toBe('Sign in');

    await continueWith('Club');
    await page.waitForURL(`${app.url}/`);
    expect(await heading()).toBe('club countess');
  });

  test('works in two tabs at once', async () => {
    await start();
    const other = await context.newPage();
    await page.goto(`${app.url}/auth/login?returnTo=/?one`);
    await other.goto(`${app.url}/auth/login?returnTo=/?two`);
    const held = holdAuthorization(corp);
    await page.getByText('Continue with Corp').click({ noWaitAfter: true });
    await held.asked;
    await continueWith('Club', other);
    expect([other.url(), await heading(other)]).toEqual([`${app.url}/?two`, 'club countess']);
    held.answer();
    await page.waitForURL(`${app.url}/?one`);

    expect(await heading()).toBe('corp ada');
  });

  test('signs no user in with a callback that was used', async () => {
    await start();
    const seen: string[] = [];
    page.on('request', (request) => seen.push(request.url()));
    await page.goto(`${app.url}/auth/login/corp`);
    const callback = seen.find((address) => address.includes('/auth/callback/')) ?? '';
    await page.goto(callback);
    await page.waitForURL(`${app.url}/`);
    expect(await heading()).toBe('corp ada');

    await page.getByRole('button', { name: 'Log out' }).click();
    const answer = await page.goto(callback);
    expect([answer?.status(), await heading()]).toEqual([400, 'Sign-in failed']);
    expect(corp.count('token')).toBe(1);
    await page.getByRole('link', { name: 'Try again' }).click();
    expect(await heading()).toBe('Sign in');
  });
});
