import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { launchChromium } from './browser.js';
import { buildExample, examples, startExample, type ExampleProcess } from './example-process.js';

/** Nobody may keep the answer of a callback, nor learn its address. */
const uncached = {
  'cache-control': expect.stringContaining('no-store') as string,
  'referrer-policy': 'no-referrer',
};

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

const titled = examples.map((example) => {
  const { name, runtime } = example;
  return [runtime ? `${name} on ${runtime}` : name, example] as const;
});

describe.each(titled)('examples/%s', (_title, example) => {
  let provider: FakeProvider;
  let app: ExampleProcess;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    buildExample(example);
    provider = await startProvider({ user: { sub: 'zoe', name: '<b>Zoë</b> & "co"' } });
    app = await startExample(example, provider);
  }, 300_000);

  afterAll(async () => {
    await app?.stop();
    await provider?.close();
  });

  beforeEach(async () => {
    context = await browser.newContext();
    context.setDefaultTimeout(30_000);
    page = await context.newPage();
    await page.goto(app.url);
  });

  afterEach(() => context.close());

  async function logIn(): Promise<void> {
    await page.getByRole('link', { name: 'Log in' }).click();
    await page.getByRole('button', { name: 'Log out' }).waitFor();
  }

  test('[A27] logs in, shows who it is and what the API says, and logs out', async () => {
    const callback = page.waitForResponse((answer) =>
      answer.url().startsWith(app.url + example.callback),
    );
    await logIn();

    expect((await callback).headers()).toMatchObject(uncached);
    expect(page.url()).toBe(`${app.url}/`);
    expect(await page.getByRole('heading').innerText()).toBe('<b>Zoë</b> & "co"');
    expect(JSON.parse(await page.locator('pre').innerText())).toMatchObject({
      path: '/api/me',
      placement: 'header',
      sub: 'zoe',
    });

    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('link', { name: 'Log in' }).waitFor();
    await page.reload();
    expect(await page.getByRole('heading').count()).toBe(0);
  });

  test('[A27] gives a page of a user to that user only, and lets no cache store it', async () => {
    await logIn();
    const answer = await page.reload();
    const stranger = await fetch(app.url);

    expect(answer?.headers()['cache-control']).toContain('no-store');
    // The whole name: two letters of it are part of a random build ID now and then.
    expect(await answer?.text()).toContain('Zoë');
    expect(await stranger.text()).not.toContain('Zoë');
    expect(stranger.headers.get('cache-control')).toContain('no-store');
  });

  test('[A27] says what is wrong with a callback of no pending login', async () => {
    const answer = await page.goto(`${app.url}${example.callback}?code=x&state=y`);

    expect(answer?.status()).toBe(400);
    expect(answer?.headers()).toMatchObject(uncached);
    expect(await page.locator('body').innerText()).toContain('has no pending login');
  });

  test('[A27] starts nothing for HEAD requests and prefetches', async () => {
    const login = `${app.url}${example.name === 'next-pages' ? '/api/login' : '/login'}`;
    const head = await fetch(login, { method: 'HEAD', redirect: 'manual' });
    const headers = { 'sec-purpose': 'prefetch' };
    const prefetch = await fetch(login, { headers, redirect: 'manual' });

    expect([head.status, prefetch.status]).toEqual([405, 204]);
    expect([...head.headers.getSetCookie(), ...prefetch.headers.getSetCookie()]).toEqual([]);
  });

  test('fits a telephone: nothing is wider than 390 pixels', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const overflow = () =>
      page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

    expect(await overflow()).toBe(0);
    await logIn();
    expect(await overflow()).toBe(0);
  });

  if (!['next-app', 'koa', 'astro', 'nuxt', 'react-router'].includes(example.name)) return;

  const heading = (): Promise<string> => page.getByRole('heading', { level: 1 }).innerText();

  test('[D1] has a sign-in page and its routes in one file, for mouse and keyboard', async () => {
    await page.getByRole('link', { name: 'Sign-in page' }).click();
    expect(await heading()).toBe('Sign in');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Log out' }).waitFor();
    expect([page.url(), await heading()]).toEqual([`${app.url}/`, '<b>Zoë</b> & "co"']);
  });

  test('[D3][D4] tells a user who denied apart, leads back, and never away', async () => {
    provider.quirks.callback = 'error';
    await page.goto(`${app.url}/auth/login?returnTo=//evil.example`);
    const answer = page.waitForResponse((one) => one.url().includes('/auth/callback/'));
    await page.getByRole('link', { name: 'Continue with corp' }).click();
    expect([(await answer).status(), await heading()]).toEqual([403, 'Not signed in']);

    provider.quirks.callback = undefined;
    await page.getByRole('link', { name: 'Back' }).click();
    await page.getByRole('link', { name: 'Continue with corp' }).click();
    await page.getByRole('button', { name: 'Log out' }).waitFor();
    expect(page.url()).toBe(`${app.url}/`);
  });

  test('[D1] logs out by a form of its own pages only, and no callback works twice', async () => {
    const seen: string[] = [];
    page.on('request', (request) => seen.push(request.url()));
    await page.goto(`${app.url}/auth/login/corp`);
    const callback = seen.find((address) => address.includes('/auth/callback/')) ?? '';
    await page.goto(callback);
    expect(page.url()).toBe(`${app.url}/`);

    provider.once('unknown', () => ({
      headers: { 'content-type': 'text/html' },
      body: `<form method="post" action="${app.url}/auth/logout"><button>Win</button></form>`,
    }));
    await page.goto(`${provider.base}/evil`);
    await page.getByRole('button', { name: 'Win' }).click();
    // Astro refuses forms of other sites itself.
    const refusal = example.name === 'astro' ? 'Cross-site POST form' : 'Nothing was done';
    expect(await page.locator('body').innerText()).toContain(refusal);
    await page.goto(app.url);
    const form = "document.querySelector('form').action = '/auth/logout'";
    await page.evaluate(form);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('link', { name: 'Sign-in page' }).waitFor();

    const answer = await page.goto(callback);
    expect([answer?.status(), await heading()]).toEqual([400, 'Sign-in failed']);
  });

  if (example.name !== 'next-app') return;

  test('[A27] logs in from a Server Action', async () => {
    await page.getByRole('button', { name: 'Log in with a form' }).click();
    await page.getByRole('button', { name: 'Log out' }).waitFor();

    expect(await page.getByRole('heading').innerText()).toBe('<b>Zoë</b> & "co"');
  });

  test('[A27] logs in from a Server Action without JavaScript', async () => {
    const plain = await browser.newContext({ javaScriptEnabled: false });
    const tab = await plain.newPage();
    await tab.goto(app.url);
    await tab.getByRole('button', { name: 'Log in with a form' }).click();

    await tab.getByRole('button', { name: 'Log out' }).waitFor();
    await plain.close();
  });
});
