import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { openidClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import {
  onExpress,
  onFastify,
  onNext,
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

describe.each([
  { framework: 'Express', open: onExpress },
  { framework: 'Fastify', open: onFastify },
  { framework: 'Next.js', open: onNext },
])('the drop-in routes of clients that are loaded, on $framework', ({ open }) => {
  async function start(more: Partial<RoutesAppOptions> = {}): Promise<string[]> {
    const loaded: string[] = [];
    app = await open({
      clients: { own: openidClient(provider) },
      oauth: {
        allowPrivateNetworks: true,
        loadClient: async (name) => {
          loaded.push(name);
          await Promise.resolve();
          return /^tenant-|^[^.]+\.example/.test(name)
            ? openidClient(provider, { displayName: 'A tenant' })
            : undefined;
        },
      },
      ...more,
    });
    return loaded;
  }

  it('[X11] log in with a client that no code has registered, loaded once', async () => {
    const loaded = await start();
    const visit = await new Browser().follow(`${app.url}/auth/login/tenant-1?returnTo=/x`);
    expect(visit.url.pathname).toBe('/x');
    expect(app.logins).toMatchObject([{ client: 'tenant-1', user: { sub: 'user-1' } }]);
    expect(loaded).toEqual(['tenant-1']);
  });

  it.each([
    'acme.example',
    'münchen.example & Söhne #1',
    'a.example:8443',
    `x.example${'ü'.repeat(191)}`,
  ])(
    'log in with a client whose name is any text, percent-encoded in their URLs: %s',
    async (name) => {
      const loaded = await start();
      const encoded = encodeURIComponent(name);
      const login = new Browser();
      const inFront = (url: URL): boolean => url.pathname.startsWith('/auth/callback');
      const { pending } = await login.follow(`${app.url}/auth/login/${encoded}`, {
        until: inFront,
      });
      expect(pending?.url.pathname).toBe(`/auth/callback/${encoded}`);
      const visit = await login.follow(String(pending?.url));
      expect(visit.url.pathname).toBe('/');
      expect(app.logins).toMatchObject([{ client: name, user: { sub: 'user-1' } }]);
      expect(loaded).toEqual([name]);
    },
  );

  it.each([
    '%E0%A4%A',
    '.hidden.example',
    'a.example%2Fb',
    'a.example%5Cb',
    'a.example%00',
    '__proto__',
    'constructor',
  ])('ask for no client whose name cannot be one: %s', async (segment) => {
    const loaded = await start();
    const response = await new Browser().get(`${app.url}/auth/login/${segment}`);
    expect([400, 404]).toContain(response.status);
    expect(loaded).toEqual([]);
  });

  it('write a tenant’s button without ending a selector or an attribute by its name', async () => {
    await start({ routes: { start: 'post' } });
    const name = 'a.example"><style>*{}';
    const page = await new Browser().get(`${app.url}/auth/login/${encodeURIComponent(name)}`);
    expect(page.text()).toContain(`/auth/login/${encodeURIComponent(name)}`);
    expect(page.text()).not.toContain('"><style>');
    expect(page.text()).toContain('oauth-login-a_example__');
  });

  it('[X11] accept a tenant’s callback for that tenant only', async () => {
    await start();
    const browser = new Browser();
    const inFront = (url: URL): boolean => url.pathname.startsWith('/auth/callback');
    const { pending } = await browser.follow(`${app.url}/auth/login/tenant-1`, { until: inFront });
    const callback = new URL(String(pending?.url));
    callback.pathname = '/auth/callback/tenant-2';
    expect((await browser.get(callback)).status).toBe(400);
    expect(app.logins).toEqual([]);
    expect(app.failures).toMatchObject([{ client: 'tenant-2', declined: false }]);
  });

  it('[X11] respond with 404 for an unknown tenant, and list registered clients only', async () => {
    await start();
    const browser = new Browser();
    const nobody = await browser.get(`${app.url}/auth/login/nobody`);
    expect([nobody.status, nobody.text().includes('does not exist here')]).toEqual([404, true]);
    const page = await browser.get(`${app.url}/auth/login`);
    expect(page.text()).toContain('Continue with own');
    expect(page.text()).not.toContain('tenant');
  });

  it('[X11] show a tenant’s button if logins start with a form', async () => {
    await start({ routes: { start: 'post' } });
    const browser = new Browser();
    const page = await browser.get(`${app.url}/auth/login/tenant-1`);
    expect(page.text()).toContain('Continue with A tenant');
    const begun = await browser.post(`${app.url}/auth/login/tenant-1`);
    expect((await browser.continue(begun)).url.pathname).toBe('/');
  });
});
