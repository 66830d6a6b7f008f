import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchChromium } from './browser.js';
import { buildDemo, runDemo, type DemoProcess } from './demo-process.js';

let browser: Browser;
let demo: DemoProcess;
let url: string;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  browser = await launchChromium();
  buildDemo();
  demo = runDemo({ PORT: '0' });
  url = await demo.url;
});

afterAll(async () => {
  await browser?.close();
  demo?.signal('SIGTERM');
  await demo?.exit;
});

beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
  await page.goto(url);
});

afterEach(() => context.close());

interface Login {
  provider: string;
  /** The person to choose; the provider's first one otherwise. */
  person?: string;
  /** The provider's button to click. */
  button: string;
}

const openid: Login = { provider: 'Lighthouse', button: 'Continue' };
const octo: Login = { provider: 'Octo', button: 'Approve' };
const photos: Login = { provider: 'Shutterbox', button: 'Allow' };

/** Clicks through a login; nothing of it is done but by a mouse. */
async function logIn({ provider, person, button }: Login, tab = page): Promise<void> {
  await tab.getByRole('link', { name: `Log in with ${provider}` }).click();
  if (person) await tab.getByText(person).click();
  await tab.getByRole('button', { name: button, exact: true }).click();
  await tab.waitForURL(`${url}**`);
}

function heading(tab = page): Promise<string> {
  return tab.getByRole('heading', { level: 1 }).innerText();
}

/** Reads a line of "Your login". */
function detail(term: string): Promise<string> {
  return page.locator('dl > div', { hasText: term }).locator('dd').innerText();
}

async function apiAnswer(): Promise<unknown> {
  return JSON.parse(await page.getByLabel('The API’s answer').innerText());
}

function accountRows(): Promise<string[]> {
  return page.locator('tbody tr').allInnerTexts();
}

describe('logging in', () => {
  test('[F1][A20][A21] with OpenID Connect shows who you are, your scopes, and when the token expires', async () => {
    await logIn(openid);

    expect(await heading()).toBe('Ada Lovelace');
    expect(await page.locator('.email').innerText()).toBe('ada@lighthouse.example');
    expect(await detail('Client')).toBe('openid · OpenID Connect');
    expect(await detail('Account')).toBe('openid$ada');
    expect((await detail('Scopes')).split(/\s+/)).toEqual(['openid', 'profile', 'email']);
    expect(await detail('Token expires')).toMatch(/^in (59|60) minutes, at \d\d:\d\d UTC$/);
    expect(await apiAnswer()).toMatchObject({ sub: 'ada', email: 'ada@lighthouse.example' });
  });

  test('[F1][A12][A17] with OAuth 2 shows a token that never expires, and no email address', async () => {
    await logIn(octo);

    expect(await heading()).toBe('Mona Tentacle');
    expect(await page.locator('.email').innerText()).toBe('No email address was shared');
    expect(await detail('Client')).toBe('octo · OAuth 2.0');
    expect(await detail('Account')).toBe('octo$583231');
    expect((await detail('Scopes')).split(/\s+/)).toEqual(['read:user', 'user:email']);
    expect(await detail('Token expires')).toContain('Never');
    expect(await apiAnswer()).toMatchObject([{ full_name: 'mona/hello-sea' }, {}]);
  });

  test('[F1][A3][A12] with OAuth 1.0a makes signed API calls', async () => {
    await logIn({ ...photos, person: 'Ansel Frame' });

    expect(await heading()).toBe('Ansel Frame');
    expect(await detail('Client')).toBe('photos · OAuth 1.0a');
    expect(await detail('Account')).toBe('photos$u-1902');
    expect(await detail('Scopes')).toBe('OAuth 1.0a has none');
    expect(await detail('Token expires')).toContain('Never');
    expect(await apiAnswer()).toMatchObject({ owner: 'ansel', photos: [{ id: 'p-77' }] });
  });

  test('takes any name, and shows it as text', async () => {
    await page.getByRole('link', { name: 'Log in with Lighthouse' }).click();
    await page.getByLabel('Or type a name').fill('<b>Zoë</b> & "co"');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(url);

    expect(await heading()).toBe('<b>Zoë</b> & "co"');
    expect(await page.locator('.email').innerText()).toBe('No email address was shared');
  });

  test('[F1][F2] finds the same account again, one for each client and user', async () => {
    for (const login of [octo, photos, octo]) {
      await logIn(login);
      await page.getByRole('button', { name: 'Log out' }).click();
    }
    await logIn({ ...octo, person: 'Hubert Inkwell' });

    const rows = (await accountRows()).join('\n');
    expect(rows.match(/octo\$583231/g)).toHaveLength(1);
    expect(rows.match(/photos\$u-1926/g)).toHaveLength(1);
    expect(rows).toContain('hubert@octo.example');
  });

  test('works in two tabs that were opened one after the other', async () => {
    const other = await context.newPage();
    await other.goto(url);
    await page.getByRole('link', { name: 'Log in with Octo' }).click();
    await other.getByRole('link', { name: 'Log in with Shutterbox' }).click();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.waitForURL(url);
    await other.getByRole('button', { name: 'Allow' }).click();
    await other.waitForURL(url);

    expect(await heading(page)).toBe('Mona Tentacle');
    expect(await heading(other)).toBe('Vivian Lens');
  });
});

describe('the session', () => {
  test('ends with the log out button', async () => {
    await logIn(octo);
    await page.getByRole('button', { name: 'Log out' }).click();

    expect(await heading()).toBe('One registry, three ways to log in');
    await page.reload();
    expect(await page.getByRole('link', { name: /^Log in with/ }).count()).toBe(3);
  });

  test('has a new name after the login, in a cookie that scripts cannot read', async () => {
    const sessionCookie = async () => {
      const cookies = await context.cookies(url);
      return cookies.find(({ name }) => name === 'demo.sid');
    };
    await logIn(octo);
    const before = await sessionCookie();
    await page.goto(`${url}login/photos`);
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(url);
    const after = await sessionCookie();

    expect(after).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
    expect(before?.value).toMatch(/^s%3A/);
    expect(after?.value).not.toBe(before?.value);
  });

  test('stores the token on the server', async () => {
    await logIn(octo);

    expect(await page.content()).not.toContain('octo_');
    expect(JSON.stringify(await context.cookies())).not.toContain('octo_');
  });
});

describe('the pages of the demo', () => {
  test('show a refresh: another access token, and none of it', async () => {
    await logIn(openid);
    const before = await detail('Access token');
    expect(before).toMatch(/^[\da-f]{8}$/);
    await page.getByRole('button', { name: 'Refresh the token' }).click();
    await page.waitForURL(url);

    const after = await detail('Access token');
    expect(after).toMatch(/^[\da-f]{8} \(refreshed; it was [\da-f]{8}\)$/);
    expect(after.startsWith(before)).toBe(false);
    expect(after).toContain(`it was ${before}`);
    expect(await apiAnswer()).toMatchObject({ sub: 'ada' });
  });

  test('have no refresh for a token without a refresh token', async () => {
    await logIn(octo);
    expect(await page.getByRole('button', { name: 'Refresh the token' }).count()).toBe(0);
  });

  test('show the code of each step, for the framework of your choice', async () => {
    await page.getByText('Show the code: start a login').click();
    const shown = page.locator('.code[open] pre:visible');
    expect(await shown.innerText()).toContain('(req, res) => oauth.openid.authorizeRedirect');
    await page.getByLabel('Fastify').check();
    expect(await shown.innerText()).toContain('authorizeRedirect(request, reply)');
    await page.getByLabel('Next.js').check();
    expect(await shown.innerText()).toContain('app/login/route.ts');

    await logIn(openid);
    for (const step of ['complete the login', 'call the API', 'refresh the token', 'log out'])
      await page.getByText(`Show the code: ${step}`, { exact: true }).click();
    expect(await page.locator('.code[open] pre:visible').count()).toBe(4);
  });

  test.each([openid, octo, photos])('lead back from $provider', async ({ provider }) => {
    await page.getByRole('link', { name: `Log in with ${provider}` }).click();
    await page.getByRole('link', { name: 'Back to the application' }).click();
    await page.waitForURL(url);
    expect(await heading()).toBe('One registry, three ways to log in');
  });

  test.each([openid, octo, photos])(
    'explain a page of $provider that is opened again after the login',
    async (login) => {
      await page.getByRole('link', { name: `Log in with ${login.provider}` }).click();
      const asked = page.url();
      await page.getByRole('button', { name: login.button, exact: true }).click();
      await page.waitForURL(url);
      await page.goBack();
      expect(await page.content()).not.toContain('    at ');
      await page.goto(asked);
      expect(await page.content()).not.toContain('    at ');
      await page.getByRole('link', { name: 'Back to the application' }).click();
      await page.waitForURL(url);
      expect(await page.getByRole('button', { name: 'Log out' }).isVisible()).toBe(true);
    },
  );
});

describe('the drop-in routes of the demo', () => {
  test.each([openid, octo, photos])('log in with $provider on their own page', async (login) => {
    await page.getByRole('link', { name: 'Open the sign-in page' }).click();
    await page.waitForURL(`${url}auth/login`);
    await page
      .getByText(new RegExp(`Continue with (${login.provider}|\\w+)`))
      .first()
      .waitFor();
    const client = { Lighthouse: 'openid', Octo: 'octo', Shutterbox: 'photos' }[login.provider];
    await page.locator(`a[href*="/auth/login/${client}"]`).click();
    await page.getByRole('button', { name: login.button, exact: true }).click();
    await page.waitForURL(url);
    expect(await page.getByRole('button', { name: 'Log out' }).isVisible()).toBe(true);
  });

  test('lead back from the sign-in page', async () => {
    await page.getByRole('link', { name: 'Open the sign-in page' }).click();
    await page.getByRole('link', { name: 'Back to the start' }).click();
    expect(await heading()).toBe('One registry, three ways to log in');
  });

  test('log in through a popup, and the page stays', async () => {
    const opened = page.waitForEvent('popup');
    await page.getByRole('button', { name: 'Use a popup' }).click();
    const popup = await opened;
    await popup.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Log out' }).waitFor();
    expect(await heading()).toBe('Ada Lovelace');
  });

  test('say that the user declined in the popup', async () => {
    const opened = page.waitForEvent('popup');
    await page.getByRole('button', { name: 'Use a popup' }).click();
    await (await opened).getByRole('button', { name: 'Decline' }).click();
    await expect.poll(() => page.locator('[data-status]').innerText()).not.toBe('');
  });

  test.each([openid, photos])('call the API of $provider from the page', async (login) => {
    await logIn(login);
    await page.getByRole('button', { name: 'Call the API from this page' }).click();
    const result = page.getByLabel('What the page received');
    await result.waitFor();
    expect(JSON.parse(await result.innerText())).toEqual(await apiAnswer());
  });

  test('end the session at the provider, too (OpenID Connect RP-Initiated Logout §2)', async () => {
    await logIn(openid);
    await page.getByRole('button', { name: 'End the session at Lighthouse' }).click();
    await page.getByRole('heading', { name: 'Log out here, too?' }).waitFor();
    await page.getByRole('button', { name: 'Yes' }).click();
    await page.waitForURL(url);
    expect(await heading()).toBe('One registry, three ways to log in');
  });
});

describe('a login that comes to nothing', () => {
  test.each([openid, octo, photos])('is met kindly when declined at $provider', async (login) => {
    await logIn({ ...login, button: 'Decline' });

    expect(await heading()).toBe('You said no, and that is fine');
    expect(await page.locator('.details').innerText()).toContain('access_denied');

    await page.getByRole('link', { name: 'Try again' }).click();
    await page.getByRole('button', { name: login.button, exact: true }).click();
    await page.waitForURL(url);
    expect(await page.getByRole('button', { name: 'Log out' }).isVisible()).toBe(true);
  });

  test('leaves whoever is logged in logged in', async () => {
    await logIn(octo);
    await page.goto(`${url}login/photos`);
    await page.getByRole('button', { name: 'Decline' }).click();
    await page.getByRole('link', { name: 'Back to the start' }).click();

    expect(await heading()).toBe('Mona Tentacle');
  });

  test('shows nothing of a forged callback as markup', async () => {
    const forged = '?state=%3Cscript%3Ealert(1)%3C/script%3E&error=%3Cimg%20src=x%3E&code=1';
    const response = await page.goto(`${url}callback/octo${forged}`);

    expect(response?.status()).toBe(400);
    expect(await heading()).toBe('Please start again');
    expect(await page.locator('.details').innerText()).toContain('mismatching_state');
    expect(await page.locator('main').locator('script, img').count()).toBe(0);
  });

  test('is explained when the callback is opened a second time', async () => {
    const seen: string[] = [];
    page.on('request', (request) => seen.push(request.url()));
    await logIn(octo);
    await page.goto(seen.find((address) => address.startsWith(`${url}callback/`)) ?? '');

    expect(await heading()).toBe('Please start again');
    await page.getByRole('link', { name: 'Back to the start' }).click();
    expect(await heading()).toBe('Mona Tentacle');
  });

  test.each([
    [404, 'login/unknown'],
    [404, 'callback/unknown'],
    [404, 'login/__proto__'],
    [404, 'nowhere'],
    [400, 'login/%E0'],
  ])('is a page with status %i at /%s', async (status, path) => {
    const response = await page.goto(url + path);

    expect(response?.status()).toBe(status);
    expect(await page.getByRole('link', { name: 'Back to the start' }).isVisible()).toBe(true);
  });
});

test('fits a telephone: nothing is wider than 390 pixels', async () => {
  const overflow = () =>
    page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await overflow()).toBe(0);

  await page.getByRole('link', { name: 'Log in with Lighthouse' }).click();
  expect(await overflow()).toBe(0);

  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(url);
  expect(await overflow()).toBe(0);
});
