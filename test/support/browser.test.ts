import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from './browser.js';
import { startProvider, type FakeProvider } from './provider/index.js';
import { authorizationParams } from './provider/login.js';

let app: string;
let other: string;
let servers: Server[];
let provider: FakeProvider;

/** `?set=…` sets cookies, `?to=…` redirects; the answer is the cookies and the body that came. */
async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { searchParams } = new URL(request.url ?? '', 'http://app.example');
  const to = searchParams.get('to');
  let body = '';
  for await (const chunk of request) body += String(chunk);
  response.setHeader('set-cookie', searchParams.getAll('set'));
  if (to !== null)
    response.setHeader('location', to).writeHead(Number(searchParams.get('status')) || 302);
  response.end(
    JSON.stringify({ cookie: request.headers.cookie ?? '', body, method: request.method }),
  );
}

async function listen(): Promise<Server> {
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const portOf = (server: Server | undefined) => (server?.address() as AddressInfo | undefined)?.port;

beforeAll(async () => {
  servers = [await listen(), await listen()];
  app = `http://app.example:${portOf(servers[0])}`;
  other = `http://app.example:${portOf(servers[1])}`;
  provider = await startProvider();
});

afterAll(async () => {
  for (const server of servers) server.close();
  await provider.close();
});

const setting = (...cookies: string[]) =>
  `${app}/a/b?${new URLSearchParams(cookies.map((cookie) => ['set', cookie]))}`;

/** Lets a server set cookies, and tells what travels to an address afterwards. */
async function sent(cookies: string[], to = `${app}/a/c`, options: { from?: string } = {}) {
  const browser = new Browser();
  await browser.get(setting(...cookies));
  return ((await browser.get(to, options)).json() as { cookie: string }).cookie;
}

describe('the cookie jar', () => {
  test('stores cookies per host, for every port of it', async () => {
    expect(await sent(['a=1; Path=/'], `${other}/`)).toBe('a=1');
    expect(await sent(['a=1; Path=/'], `http://localhost:${portOf(servers[0])}/`)).toBe('');
  });

  test('honours Path, given or not', async () => {
    expect(await sent(['a=1'])).toBe('a=1');
    expect(await sent(['a=1'], `${app}/elsewhere`)).toBe('');
    expect(await sent(['a=1; Path=/a'], `${app}/ab`)).toBe('');
    expect(await sent(['a=1; Path=/', 'b=2; Path=/a'])).toBe('b=2; a=1');
  });

  test('forgets what has expired', async () => {
    expect(await sent(['a=1', 'a=; Max-Age=0'])).toBe('');
    expect(await sent(['a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT'])).toBe('');
    expect(await sent(['a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT'])).toBe('a=1');
  });

  test('refuses what browsers refuse, and says why', async () => {
    const browser = new Browser();
    await browser.get(
      setting(
        'secure=1; Secure',
        '__Host-a=1; Path=/',
        'none=1; SameSite=None',
        'domain=1; Domain=other.example',
        `big=${'x'.repeat(4096)}`,
        'fits=1; HttpOnly',
      ),
    );
    expect(browser.jar.cookies.map(({ name }) => name)).toEqual(['fits']);
    expect(browser.jar.refused).toHaveLength(5);
    expect(browser.jar.get('fits')).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
  });

  test('takes Secure and __Host- cookies on loopback if it is told to', async () => {
    const browser = new Browser({ secureLoopback: true });
    const address = setting('__Host-a=1; Path=/; Secure').replace('app.example', '127.0.0.1');
    await browser.get(address);
    expect(browser.jar.get('__Host-a')?.value).toBe('1');
  });

  test('sends cookies across sites only as SameSite allows', async () => {
    const cookies = ['lax=1; SameSite=Lax', 'strict=1; SameSite=Strict'];
    expect(await sent(cookies)).toBe('lax=1; strict=1');
    expect(await sent(cookies, `${app}/a/c`, { from: 'http://evil.example' })).toBe('lax=1');
    const browser = new Browser();
    await browser.get(setting(...cookies));
    const cookieOf = async (from: string) =>
      (await browser.post(`${app}/a/c`, { x: '1' }, { from })).json();
    expect(await cookieOf('http://evil.example')).toMatchObject({ cookie: '', body: 'x=1' });
    expect(await cookieOf(other)).toMatchObject({ cookie: 'lax=1; strict=1' });
  });

  test('is copied with the browser', async () => {
    const browser = new Browser();
    await browser.get(setting('a=1'));
    const copy = browser.clone();
    await copy.get(setting('a=2'));
    expect([browser.jar.get('a')?.value, copy.jar.get('a')?.value]).toEqual(['1', '2']);
  });
});

describe('follow', () => {
  const redirecting = (to: string, status = 302) =>
    `${app}/go?${new URLSearchParams({ to, status: String(status) })}`;

  test('follows redirects, and counts them', async () => {
    const visit = await new Browser().follow(redirecting('/end'));
    expect(visit.history.map(({ pathname }) => pathname)).toEqual(['/go', '/end']);
    expect((await new Browser().get(redirecting('/end'))).location?.href).toBe(`${app}/end`);
    await expect(new Browser().follow(`${app}/go?to=%3Fto%3D`)).rejects.toThrow(/redirects/);
  });

  test('preserves the form across 307, and drops it across 303', async () => {
    const browser = new Browser();
    for (const [status, method, body] of [
      [307, 'POST', 'a=1'],
      [303, 'GET', ''],
    ] as const) {
      const first = await browser.post(redirecting('/end', status), { a: '1' });
      expect((await browser.continue(first)).json()).toMatchObject({ method, body });
    }
  });

  test('takes a whole login, by query and by form_post', async () => {
    for (const mode of ['query', 'form_post']) {
      const browser = new Browser();
      await browser.get(setting('lax=1; Path=/'));
      const { params } = authorizationParams(provider, {
        redirect_uri: `${app}/callback?a=1&b=<`,
        response_mode: mode,
        state: `"'<&>`,
      });
      const visit = await browser.follow(`${provider.base}/authorize?${params}`);
      const { cookie, body } = visit.json() as Record<string, string>;
      const answer = mode === 'query' ? visit.url.searchParams : new URLSearchParams(body);
      expect(visit.url.pathname).toBe('/callback');
      expect(answer.get('state')).toBe(`"'<&>`);
      expect(cookie).toBe(mode === 'query' ? 'lax=1' : '');
    }
  });

  test('stops in front of a URL, with the form that would go there', async () => {
    const { params } = authorizationParams(provider, {
      redirect_uri: `${app}/callback`,
      response_mode: 'form_post',
    });
    const { pending } = await new Browser().follow(`${provider.base}/authorize?${params}`, {
      until: (url) => url.pathname === '/callback',
    });
    expect(pending?.url.href).toBe(`${app}/callback`);
    expect(pending?.form?.get('code')).toMatch(/^code-/);
  });
});
