import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OAuthOptions, RegisterOptions } from '@oauth-registry/core';
import { Browser, type Visit } from '../support/browser.js';
import { openidClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import {
  onExpress,
  onFastify,
  onNext,
  onPages,
  type RoutesApp,
  type RoutesAppOptions,
} from '../support/apps/routes.js';

let provider: FakeProvider;
let app: RoutesApp;
let printed: unknown[][];
let logged: string[];

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
beforeEach(() => {
  printed = [];
  logged = [];
  vi.spyOn(console, 'error').mockImplementation((...args: unknown[]) => void printed.push(args));
  vi.stubEnv('NODE_ENV', 'production');
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await app.close();
  provider.reset();
});

const frameworks = {
  Express: onExpress,
  Fastify: onFastify,
  'Next.js': onNext,
  'Next.js, Pages Router': onPages,
};

const broken = {
  put: () => Promise.reject(Object.assign(new Error('secret hunter2'), { code: 'ECONNREFUSED' })),
  take: () => Promise.reject(new Error('hunter2')),
};

interface Fault {
  what: string;
  code: string;
  path: string;
  client?: RegisterOptions;
  oauth?: OAuthOptions;
  app?: Partial<RoutesAppOptions>;
  arrange?: () => void;
}

const faults: Fault[] = [
  {
    what: 'a wrong secret',
    code: 'invalid_client',
    path: '/auth/callback/corp',
    client: { clientSecret: 'wrong' },
  },
  {
    what: 'a provider that cannot be reached',
    code: 'provider_unavailable',
    path: '/auth/login/corp',
    client: { serverMetadataUrl: 'http://127.0.0.1:9/nothing' },
  },
  {
    what: 'a token endpoint that is down',
    code: 'provider_unavailable',
    path: '/auth/callback/corp',
    arrange: () => provider.once('token', () => ({ status: 503 })),
  },
  {
    what: 'a store that is down',
    code: 'storage_failed',
    path: '/auth/login/corp',
    oauth: { stateStorage: broken },
  },
  {
    what: 'no session',
    code: 'missing_session',
    path: '/auth/login/corp',
    oauth: { stateStorage: 'session' },
    app: { session: false },
  },
];

async function open(
  name: keyof typeof frameworks,
  fault: Partial<Fault>,
  more: Partial<RoutesAppOptions> = {},
): Promise<void> {
  fault.arrange?.();
  app = await frameworks[name]({
    clients: { corp: openidClient(provider, fault.client) },
    ...(fault.oauth ? { oauth: fault.oauth } : {}),
    log: { write: (line) => void logged.push(line) },
    ...fault.app,
    ...more,
  });
}

/** The lines of whatever the framework writes its log to. */
function lines(): string[] {
  return [...printed.map((args) => args.map(String).join(' ')), ...logged].flatMap((text) =>
    text.trim().split('\n'),
  );
}

const referenceOn = (page: Visit): string | undefined =>
  /Reference: <code>([2-9A-Z]{8})<\/code>/.exec(page.text())?.[1];

describe.each(Object.keys(frameworks) as (keyof typeof frameworks)[])(
  'a login that fails on %s in production',
  (name) => {
    it.each(faults)(
      'writes one line with client, code and URL to the log for $what, and shows its reference alone',
      async (fault) => {
        await open(name, fault);
        const page = await new Browser().follow(`${app.url}/auth/login/corp?returnTo=/x`);

        expect(page.status).toBeGreaterThanOrEqual(500);
        const [line = '', ...others] = lines();
        expect(others).toEqual([]);
        expect(line).toContain(fault.code);
        expect(line).toMatch(/client.{1,3}"corp\\?"/);
        expect(line).toContain(`${app.url}${fault.path}`);
        expect(line).toContain(app.failures[0]?.error.message.split('"')[0]);
        expect(line).not.toMatch(/hunter2|code=|state=/);
        const reference = referenceOn(page);
        expect(reference).toBeDefined();
        expect(line).toContain(reference);
        expect(page.text()).not.toContain(fault.code);
        expect(page.text()).not.toContain('<details>');
        for (const { error } of app.failures) {
          for (const sentence of error.message.split('. ')) {
            expect(page.text()).not.toContain(sentence);
          }
        }
      },
    );

    it('writes nothing for what users bring about by themselves, nor if onError responds', async () => {
      await open(name, {}, { onError: ({ declined }) => (declined ? undefined : '/failed') });
      provider.quirks.callback = 'error';
      const declined = await new Browser().follow(`${app.url}/auth/login/corp`);
      expect([declined.status, referenceOn(declined)]).toEqual([403, undefined]);
      await new Browser().get(`${app.url}/auth/login/nosuch`);
      await new Browser().get(`${app.url}/auth/callback/corp?state=x&code=y`);
      provider.reset();
      provider.once('token', () => ({ status: 503 }));
      const until = (url: URL): boolean => url.pathname === '/failed';
      const failed = await new Browser().follow(`${app.url}/auth/login/corp`, { until });
      expect(failed.location?.pathname).toBe('/failed');
      expect(lines()).toEqual([]);
    });

    it('shows the details of an error outside of production', async () => {
      vi.stubEnv('NODE_ENV', 'development');
      await open(name, { client: { clientSecret: 'wrong' } });
      const page = await new Browser().follow(`${app.url}/auth/login/corp`);
      expect(page.text()).toContain('invalid_client: ');
      expect(referenceOn(page)).toBeDefined();
      expect(lines()).toHaveLength(1);
    });

    it('writes one line if a logout fails', async () => {
      await open(name, { app: { session: false } });
      const page = await new Browser().post(`${app.url}/auth/logout`);
      expect(page.status).toBe(500);
      expect(lines()).toHaveLength(1);
      expect(lines()[0]).toContain(`${app.url}/auth/logout`);
      expect(page.text()).not.toContain('onLogout');
    });
  },
);

it('tells the page behind a popup what users understand, and the reference', async () => {
  await open('Express', { client: { clientSecret: 'wrong' } });
  const popup = '0123456789abcdef0123456789abcdef';
  const page = await new Browser().follow(`${app.url}/auth/login/corp?popup=${popup}`);
  expect(page.text()).toContain('data-message');
  expect(page.text()).toContain(`Reference: ${referenceOn(page)}.`);
  expect(page.text()).not.toContain('clientSecret');
  expect(lines()).toHaveLength(1);
});

it('writes calls of pages that fail for the operator, and tells the page the reference', async () => {
  await open('Express', {}, { routes: { access: { corp: ['/me'] } } });
  const browser = new Browser();
  await browser.follow(`${app.url}/auth/login/corp`);
  const call = await fetch(`${app.url}/auth/access/corp`, {
    method: 'POST',
    headers: { 'oauth-request': 'GET /me', cookie: cookiesOf(browser) },
  });
  const { message } = (await call.json()) as { message: string };
  expect(call.status).toBe(500);
  const [, reference = '?'] = /Reference: (\w{8})\./.exec(message) ?? [];
  expect(lines()).toHaveLength(1);
  expect(lines()[0]).toContain(reference);
  expect(lines()[0]).toContain('fetchToken');
  expect(message).not.toContain('fetchToken');
});

function cookiesOf({ jar }: Browser): string {
  return jar.header({ method: 'GET', url: new URL(app.url), crossSite: false }) ?? '';
}

it('takes the log that middleware puts on a request of Express', async () => {
  const lineOf: unknown[] = [];
  await open(
    'Express',
    { client: { clientSecret: 'wrong' } },
    {
      before: (req, _res, next) => {
        const log = { error: (...args: unknown[]) => void lineOf.push(args) };
        Object.assign(req, { log });
        next();
      },
    },
  );
  await new Browser().follow(`${app.url}/auth/login/corp`);
  expect(lines()).toEqual([]);
  expect(lineOf).toMatchObject([
    [
      { client: 'corp', code: 'invalid_client', url: `${app.url}/auth/callback/corp` },
      expect.any(String),
    ],
  ]);
});

it('writes to the console if Fastify has no logger', async () => {
  app = await onFastify({ clients: { corp: openidClient(provider, { clientSecret: 'wrong' }) } });
  await new Browser().follow(`${app.url}/auth/login/corp`);
  expect(printed).toHaveLength(1);
});

it('hands an error over to the framework if onError throws it', async () => {
  const handled: unknown[] = [];
  vi.stubEnv('NODE_ENV', 'test');
  await open(
    'Express',
    { client: { clientSecret: 'wrong' } },
    {
      onError: ({ error }) => {
        handled.push(error);
        throw error;
      },
    },
  );
  const page = await new Browser().follow(`${app.url}/auth/login/corp`);
  expect(page.text()).toContain('OAuthError');
  expect(page.text()).not.toContain('oauth-login');
  expect(handled).toHaveLength(1);
});
