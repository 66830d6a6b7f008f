import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser, type Visit } from '../support/browser.js';
import { openidClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { onExpress, type RoutesApp, type RoutesAppOptions } from '../support/apps/routes.js';

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

async function start(routes: RoutesAppOptions['routes'] = {}, more = {}): Promise<Browser> {
  app = await onExpress({
    clients: {
      corp: openidClient(provider, more),
      fragment: openidClient(provider, { responseMode: 'fragment' }),
    },
    routes,
  });
  return new Browser();
}

/** Where the way on leads to. */
const wayOn = (visit: Visit): string | undefined =>
  / href="([^"]*)"/.exec(visit.text().replaceAll('&amp;', '&'))?.[1];

describe('the page of a login that failed', () => {
  it('[D4] preserves returnTo', async () => {
    const browser = await start();
    provider.quirks.callback = 'error';
    const declined = await browser.follow(`${app.url}/auth/login/corp?returnTo=/a%26b`);
    expect([declined.status, wayOn(declined)]).toEqual([403, '/auth/login?returnTo=%2Fa%26b']);
  });

  it('[D4] leads to the start of the login if there is no sign-in page, and home if the user declined', async () => {
    const browser = await start({ page: false, returnTo: '/home' });
    provider.once('token', () => ({ status: 500 }));
    const failed = await browser.follow(`${app.url}/auth/login/corp?returnTo=/a`);
    expect([failed.status, wayOn(failed)]).toEqual([502, '/auth/login/corp?returnTo=%2Fa']);
    provider.quirks.callback = 'error';
    expect(wayOn(await browser.follow(`${app.url}/auth/login/corp`))).toBe('/home');
    expect(wayOn(await browser.get(`${app.url}/auth/login/nosuch`))).toBe('/home');
  });

  it('[D4] is no decline if the user agreed, and the provider denies access to a token', async () => {
    const browser = await start();
    provider.once('token', () => ({ status: 403, body: { error: 'access_denied' } }));
    const page = await browser.follow(`${app.url}/auth/login/corp`);
    expect(page.text()).toContain('Sign-in failed');
    expect(page.text()).not.toContain('did not allow');
    expect(app.failures).toMatchObject([{ declined: false }]);
  });

  it('[D4] has the application’s styles, and its policy allows those and no others', async () => {
    const browser = await start({ page: { styles: 'h1 { color: teal } </style><script>' } });
    const page = await browser.get(`${app.url}/auth/callback/corp?state=x`);
    expect(page.text()).toContain('h1 { color: teal } <\\/style><script>');
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]{44}'; script-src 'none'; base-uri 'none'; frame-ancestors 'none'$/,
    );
  });

  it('[D4] says nothing of a provider’s words, nor any secret', async () => {
    const browser = await start();
    const words = { error: 'invalid_grant', error_description: '<i>leak</i>', hint: 'hunter2' };
    provider.once('token', () => ({ status: 400, body: words }));
    const page = await browser.follow(`${app.url}/auth/login/corp`);
    expect(page.text()).toContain('invalid_grant');
    expect(page.text()).not.toMatch(/leak|hunter2/);
    expect(page.text()).not.toContain(provider.settings.clientSecret);
    expect(page.headers.get('cache-control')).toContain('no-store');
  });
});

describe('a response in the fragment, which browsers do not send', () => {
  it('[X12] is asked for by a page at the callback that posts it, and nothing is used up by that', async () => {
    const browser = await start();
    const page = await browser.get(`${app.url}/auth/callback/fragment`);
    expect(page.status).toBe(200);
    expect(page.text()).toContain('<form method="post">');
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self'");
    expect(app.failures).toEqual([]);
    expect((await browser.get(`${app.url}/auth/callback/corp`)).status).toBe(400);
  });
});
