import { Socket } from 'node:net';
import * as next from '@oauth-registry/next';
import * as web from '@oauth-registry/web';
import { OAuth } from '@oauth-registry/core';
import { github } from '@oauth-registry/core/providers';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startExpress } from '../apps/express.js';
import { startFastify } from '../apps/fastify.js';
import { frameworks } from '../apps/routes.js';
import { Browser } from '../browser.js';
import { rejection } from '../login.js';
import { isLoopbackHost } from './guard.js';
import { mockLogins } from './mock-logins.js';

const clients = { github: github({ clientId: 'app', clientSecret: 'secret' }) };
const foreign = '203.0.113.7';

/** From now on, every request to this process seems to come from another machine. */
function comeFromElsewhere(): void {
  const socket = Socket.prototype as unknown as { _getpeername(): object };
  vi.spyOn(socket, '_getpeername').mockReturnValue({ address: foreign });
}

function mock(oauth: object): void {
  const mocked = mockLogins(oauth);
  onTestFinished(() => mocked.restore());
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe('mockLogins() in production', () => {
  it('throws, and changes nothing', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    const oauth = new OAuth({ config: {}, clients });
    expect(() => mockLogins(oauth)).toThrow(
      expect.objectContaining({
        code: 'invalid_options',
        message: expect.stringContaining('NODE_ENV'),
      }),
    );
    const { url } = await oauth.github.createAuthorizationUrl('http://localhost/callback');
    expect(url).toMatch('https://github.com/');
  });

  it.each(['true', '0', ''])('throws with OAUTH_TEST_MODE=%s', (value) => {
    vi.stubEnv('NODE_ENV', 'production');
    vi.stubEnv('OAUTH_TEST_MODE', value);
    expect(() => mockLogins(new OAuth({ config: {}, clients }))).toThrow('NODE_ENV');
  });

  it('is allowed with OAUTH_TEST_MODE=1, which tests a production build', () => {
    vi.stubEnv('NODE_ENV', 'production');
    vi.stubEnv('OAUTH_TEST_MODE', '1');
    mockLogins(new OAuth({ config: {}, clients })).restore();
  });
});

describe('a redirect URI of another machine', () => {
  it.each([
    'https://app.example/callback',
    'http://192.0.2.1/callback',
    'http://localhost.example/callback',
    'http://[2001:db8::1]/callback',
    'app:/callback',
  ])('is rejected: %s', async (redirectUri) => {
    const oauth = new OAuth({ config: {}, clients });
    mock(oauth);
    expect(await rejection(oauth.github.createAuthorizationUrl(redirectUri))).toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining('redirect URI'),
    });
  });

  it.each([
    'http://localhost/c',
    'http://app.localhost:3000/c',
    'https://127.0.0.1/c',
    'http://[::1]:8080/c',
  ])('is not one of this machine: %s', async (redirectUri) => {
    const oauth = new OAuth({ config: {}, clients });
    mock(oauth);
    expect((await oauth.github.createAuthorizationUrl(redirectUri)).url).toMatch(redirectUri);
  });
});

const sockets = Object.entries(frameworks).filter(([name]) => name !== 'Next.js');

describe.each(sockets)('the drop-in routes with mocked logins on %s', (_name, open) => {
  async function start() {
    const app = await open({ clients });
    onTestFinished(() => app.close());
    mock(app.oauth);
    return app;
  }

  it('start no login for another machine, whatever its headers say', async () => {
    const app = await start();
    comeFromElsewhere();
    const headers = {
      host: 'localhost',
      'x-forwarded-for': '127.0.0.1',
      forwarded: 'for=127.0.0.1',
    };
    const visit = await new Browser().get(`${app.url}/auth/login/github`, { headers });
    expect([visit.status, visit.location, app.logins]).toEqual([500, undefined, []]);
    expect(app.failures).toMatchObject([
      { error: { message: expect.stringContaining('machine') } },
    ]);
  });

  it('finish no login for another machine', async () => {
    const app = await start();
    const browser = new Browser();
    const until = (url: URL): boolean => url.pathname.startsWith('/auth/callback');
    const { pending } = await browser.follow(`${app.url}/auth/login/github`, { until });
    comeFromElsewhere();
    await browser.follow(String(pending?.url));
    expect(app.logins).toEqual([]);
    expect(app.failures).toMatchObject([
      { error: { message: expect.stringContaining('machine') } },
    ]);
  });

  it.each([
    ['x-forwarded-for', '127.0.0.1, 203.0.113.7'],
    ['x-forwarded-for', 'unknown'],
    ['x-real-ip', '203.0.113.7'],
    ['forwarded', 'for=127.0.0.1, for="[2001:db8::1]:4711";proto=https'],
    ['forwarded', 'for=_hidden'],
    ['forwarded', 'proto=https'],
  ])('start no login if a proxy names another machine: %s: %s', async (header, value) => {
    const app = await start();
    await new Browser().get(`${app.url}/auth/login/github`, { headers: { [header]: value } });
    expect(app.failures).toHaveLength(1);
  });

  it.each([
    ['x-forwarded-for', '::1, 127.0.0.1:4711, ::ffff:127.0.0.1'],
    ['forwarded', 'for="[::1]:4711";proto=http, For=127.0.0.1'],
  ])('start a login behind a proxy of this machine: %s: %s', async (header, value) => {
    const app = await start();
    const visit = await new Browser().get(`${app.url}/auth/login/github`, {
      headers: { [header]: value },
    });
    expect([visit.status, app.failures]).toEqual([302, []]);
  });
});

describe.each([
  ['Express', async () => await startExpress({ clients })],
  ['Fastify', async () => await startFastify({ clients })],
] as const)('the methods with mocked logins on %s', (_name, open) => {
  it('serve only this machine', async () => {
    const app = await open();
    onTestFinished(() => app.close());
    mock(app.oauth);
    comeFromElsewhere();
    const visit = await new Browser().get(`${app.url}/login/github`);
    expect([visit.status, visit.location]).toEqual([500, undefined]);
    expect(app.errors).toMatchObject([{ message: expect.stringContaining('machine') }]);
  });
});

describe.each([
  ['@oauth-registry/web', web.OAuth],
  ['Route Handlers of Next.js', next.OAuth],
] as const)('the methods with mocked logins on %s', (_name, Registry) => {
  const secret = 'a secret of thirty-two characters';
  const start = async (url: string, headers = {}) => {
    const oauth = new Registry({ config: {}, clients, baseUrl: 'http://localhost:3000', secret });
    mock(oauth);
    const client = oauth.createClient('github') as web.WebClient;
    return await client.authorizeRedirect(new Request(url, { headers }));
  };

  it('serve only URLs of this machine', async () => {
    expect((await start('http://localhost:3000/login')).status).toBe(302);
    for (const url of ['https://app.example/login', 'http://192.0.2.1:3000/login']) {
      expect(await rejection(start(url))).toMatchObject({ code: 'invalid_options' });
    }
  });

  it('serve no proxy that names another machine', async () => {
    const headers = { 'x-forwarded-for': foreign };
    expect(await rejection(start('http://localhost:3000/login', headers))).toMatchObject({
      message: expect.stringContaining('machine'),
    });
  });
});

describe('a host of this machine', () => {
  it.each([
    'localhost',
    'LOCALHOST',
    'a.localhost',
    '127.0.0.1',
    '127.255.1.2',
    '::1',
    '[::1]',
    '::ffff:127.0.0.1',
  ])('is %s', (host) => expect(isLoopbackHost(host)).toBe(true));

  it.each([
    undefined,
    '',
    '0.0.0.0',
    '10.0.0.1',
    '127.0.0.1.example',
    '127.1',
    '::',
    '::ffff:10.0.0.1',
    'localhost.',
    'notlocalhost',
  ])('is not %s', (host) => expect(isLoopbackHost(host)).toBe(false));
});
