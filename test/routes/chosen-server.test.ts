import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { mastodon, shopify } from '@oauth-registry/core/providers';
import { Browser, type Visit } from '../support/browser.js';
import {
  onExpress,
  onFastify,
  onNext,
  onSecureSession,
  type RoutesApp,
  type RoutesAppOptions,
} from '../support/apps/routes.js';
import { startInstance, type Instance } from '../support/instance.js';

let instance: Instance;
let app: RoutesApp;
beforeAll(async () => {
  instance = await startInstance();
});
afterAll(() => instance.close());
afterEach(async () => {
  await app.close();
  instance.requests.length = 0;
});

const secret = 'a secret of thirty-two characters';

const frameworks = {
  Express: onExpress,
  'Fastify with @fastify/session': onFastify,
  'Fastify with @fastify/secure-session': onSecureSession,
  'Next.js': onNext,
  'Express, with pending logins in cookies': (options: RoutesAppOptions) =>
    onExpress({ ...options, oauth: { ...options.oauth, stateStorage: 'cookie', secret } }),
};

describe.each(Object.entries(frameworks))('servers at the drop-in routes on %s', (_, open) => {
  const start = async (routes: RoutesAppOptions['routes'] = {}): Promise<RoutesApp> => {
    const shop = shopify({ clientId: 'id', clientSecret: 'hush' });
    const strict = mastodon({ allowPrivateNetworks: false });
    const clients = { mastodon: mastodon(), strict, shopify: shop };
    app = await open({ clients, oauth: { allowPrivateNetworks: true }, routes });
    return app;
  };
  const to = (params: Record<string, string>, name = 'mastodon'): string =>
    `${app.url}/auth/login/${name}?${new URLSearchParams(params)}`;

  it('[D8] are chosen with the start, and found again by the callback', async () => {
    await start();
    const browser = new Browser();
    await browser.follow(to({ instance: instance.origin, returnTo: '/?in' }));
    expect(app.failures).toEqual([]);
    expect(app.logins).toMatchObject([
      {
        client: 'mastodon',
        user: { sub: `${instance.origin}/users/alice` },
        token: { server: { instance: instance.origin } },
      },
    ]);
  });

  it('[D8] are asked for on the sign-in page, and if a start does not say', async () => {
    await start();
    const browser = new Browser();
    for (const path of ['/auth/login', '/auth/login/mastodon?returnTo=%2Fx&instance=']) {
      const page = await (await browser.get(app.url + path)).text();
      expect(page).toMatch(/<label[^>]*>\s*<span dir="auto">Your Mastodon server<\/span\s*>/);
      expect(page).toMatch(/<input\s+name="instance"[^>]*\srequired/);
      expect(page).toMatch(/<form[^>]*method="get"[^>]*action="\/auth\/login\/mastodon"/);
    }
    expect(app.failures).toEqual([]);
    expect(instance.requests).toEqual([]);
  });

  it('[D8] that are not allowed result in a page for the user, and in no request to a private network', async () => {
    await start();
    for (const [name, value] of [
      ['mastodon', 'a b'],
      ['strict', '127.0.0.1'],
    ] as const) {
      const answer = await new Browser().get(to({ instance: value }, name));
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain('You cannot sign in with what you entered');
    }
    expect(app.failures.map(({ error }) => error.code)).toEqual([
      'invalid_server',
      'unsafe_address',
    ]);
  });

  it('[D8] begin an installation that Shopify has signed, and no other', async () => {
    await start();
    const begin = (more: Record<string, string>): Promise<Visit> =>
      new Browser().get(to({ shop: 'some-shop.myshopify.com', ...more }, 'shopify'));
    const timestamp = '1337178173';
    const text = `shop=some-shop.myshopify.com&timestamp=${timestamp}`;
    const hmac = createHmac('sha256', 'hush').update(text).digest('hex');
    const started = await begin({ timestamp, hmac });
    expect(started.headers.get('location')).toContain(
      'https://some-shop.myshopify.com/admin/oauth/',
    );
    expect((await begin({ timestamp, hmac: hmac.replace(/./, 'x') })).status).toBe(400);
    expect((await begin({})).headers.get('location')).toContain('https://some-shop.myshopify.com/');
  });
});
