import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCookieSession, formatCookie, type CookieScope } from '@oauth-registry/core/adapter';
import { OAuth, type OAuthOptions } from '@oauth-registry/express';
import express, { type ErrorRequestHandler, type Request } from 'express';
import session from 'express-session';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Browser, type Visit } from '../support/browser.js';
import { openidClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { rounds } from '../support/rounds.js';

const executable = '/usr/sbin/nginx';
const secret = 'a secret of thirty-two characters';

/** How the application answers a callback without a pending login: as no server or proxy does by itself. */
const notPending = 409;

interface Data {
  pad: string;
}

let provider: FakeProvider;
let ends: (() => Promise<unknown> | void)[] = [];

beforeAll(async () => {
  if (!existsSync(executable)) {
    throw new Error(`There is no ${executable}. Install it: apt-get install -y nginx-light.`);
  }
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(async () => {
  for (const end of ends.toReversed()) await end();
  ends = [];
});

/** The session of a size, and where its cookies are on Express. */
function sealedSession(maxBytes: number | undefined) {
  const options = { secret, secure: false, ...(maxBytes === undefined ? {} : { maxBytes }) };
  const read = ({ headers }: Request): Map<string, string> =>
    new Map(
      (headers.cookie ?? '').split('; ').map((pair): [string, string] => {
        const [name = '', ...value] = pair.split('=');
        return [name, value.join('=')];
      }),
    );
  const onExpress = createCookieSession<Data, Request>(options, (req) => ({
    get: (name) => read(req).get(name),
    set: (cookie) => void req.res?.appendHeader('set-cookie', formatCookie(cookie)),
  }));
  const nowhere: CookieScope = { get: () => undefined, set: () => undefined };
  const probe = createCookieSession<Data, CookieScope>(options, () => nowhere);
  return { ...onExpress, probe: (pad: string) => probe.setSession({ pad }, nowhere) };
}

/** The largest session that the limit takes. */
async function largest(maxBytes: number | undefined): Promise<Data> {
  const { probe } = sealedSession(maxBytes);
  let [fits, not] = [0, maxBytes ?? 4000];
  while (not - fits > 1) {
    const middle = Math.floor((fits + not) / 2);
    const taken = await probe('x'.repeat(middle)).then(
      () => true,
      () => false,
    );
    if (taken) fits = middle;
    else not = middle;
  }
  return { pad: 'x'.repeat(fits) };
}

interface Front {
  /** Where browsers go. */
  url: string;
}

interface Setup {
  /** Pending logins and the session: encrypted cookies, or a session store. */
  kind: 'sealed' | 'store';
  maxBytes?: number;
  /** Settings of nginx beyond its defaults; without nginx `undefined`. */
  nginx?: string | undefined;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts the application, with nginx in front of it if that is wanted. */
async function start({ kind, maxBytes, nginx }: Setup): Promise<Front> {
  const app = express();
  const large = maxBytes === undefined ? {} : { maxHeaderSize: 32_768 };
  const server = createServer(large, app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = nginx === undefined ? own : await behindNginx(own, nginx);
  const data = await largest(maxBytes);
  const { getSession, setSession } = sealedSession(maxBytes);
  if (kind === 'store') app.use(session({ secret, resave: false, saveUninitialized: false }));
  const options: OAuthOptions =
    kind === 'sealed' ? { stateStorage: 'cookie', secret } : { stateStorage: 'session' };
  const oauth = new OAuth({ config: {}, baseUrl: url, ...options }).register(
    'corp',
    openidClient(provider),
  );
  app.get('/login/corp', (req, res) => oauth.corp.authorizeRedirect(req, res));
  app.get('/callback/corp', async (req, res) => {
    await oauth.corp.authorizeAccessToken(req, res);
    if (kind === 'sealed') await setSession(data, req);
    else Object.assign((req as { session?: object }).session ?? {}, data);
    res.redirect('/');
  });
  app.get('/', async (req, res) => {
    const found =
      kind === 'sealed' ? await getSession(req) : (req as { session?: Partial<Data> }).session;
    res.json({ signedIn: found?.pad === data.pad });
  });
  app.use(((_error, _req, res, _next) => {
    res.status(notPending).end();
  }) as ErrorRequestHandler);
  return { url };
}

/** Debian's nginx with its own defaults, and what `settings` adds. */
async function behindNginx(origin: string, settings: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'header-budget-'));
  const port = await freePort();
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n');
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http {
  access_log off;
  ${paths}
  server {
    listen 127.0.0.1:${port};
    ${settings}
    location / { proxy_pass ${origin}; proxy_set_header Host $http_host; }
  }
}`,
  );
  const child = spawn(executable, ['-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: 'inherit',
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  ends.push(async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 100; tries += 1) {
    const up = await fetch(url).then(
      () => true,
      () => false,
    );
    if (up) return url;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('nginx has not started.');
}

/** Starts a login, and lets the provider respond: the callback, which is not requested. */
async function tab({ url }: Front, browser: Browser): Promise<{ start: Visit; callback: URL }> {
  const login = await browser.get(`${url}/login/corp`);
  expect(login.status).toBe(302);
  const { location } = await browser.get(login.location ?? '');
  return { start: login, callback: location ?? new URL(url) };
}

/** How many of the callbacks finish, and that nothing is ever too large. */
async function finish(browser: Browser, callbacks: readonly URL[]): Promise<number> {
  let finished = 0;
  for (const callback of callbacks) {
    const { status } = await browser.get(callback);
    expect([302, notPending]).toContain(status);
    if (status === 302) finished += 1;
    await pageWorks(browser, callback);
  }
  return finished;
}

async function pageWorks(browser: Browser, at: URL | string): Promise<void> {
  expect((await browser.get(new URL('/', at))).status).toBe(200);
}

async function burst(front: Front, browser: Browser): Promise<URL[]> {
  const all = await Promise.all(Array.from({ length: 60 }, () => tab(front, browser)));
  return all.map(({ callback }) => callback);
}

/** The lines that the guide gives for larger sessions. */
const documented = (): string => {
  const guide = readFileSync(new URL('../../docs/guide.md', import.meta.url), 'utf8');
  return /```nginx\n(.*?)```/s.exec(guide)?.[1] ?? '';
};

const fronts: [string, Pick<Setup, 'nginx'>][] = [
  ['bare Node', {}],
  ['stock nginx', { nginx: '' }],
];

describe.each(fronts)('behind %s', (_front, { nginx }) => {
  test.each([
    ['encrypted cookies', 'sealed', 20],
    ['a session store', 'store', 100],
  ] as const)(
    'a hundred tabs with %s never make a request or a response too large, and the documented number finishes',
    async (_what, kind, documentedNumber) => {
      for (let round = 0; round < rounds(1, 10); round += 1) {
        const front = await start({ kind, nginx });
        const browser = new Browser();
        const callbacks: URL[] = [];
        for (let i = 0; i < 100; i += 1) {
          callbacks.push((await tab(front, browser)).callback);
          await pageWorks(browser, front.url);
        }
        expect(await finish(browser, callbacks.slice(-documentedNumber))).toBe(documentedNumber);
        expect((await browser.get(`${front.url}/`)).json()).toEqual({ signedIn: true });
      }
    },
  );

  test.each(['sealed', 'store'] as const)(
    'bursts of sixty starts (%s) lock no user out, without a session and beside the largest',
    async (kind) => {
      for (let round = 0; round < rounds(2, 20); round += 1) {
        const front = await start({ kind, nginx });
        const browser = new Browser();
        const first = await burst(front, browser);
        await pageWorks(browser, front.url);
        expect(await finish(browser, first)).toBe(kind === 'store' ? 60 : 20);
        expect((await browser.get(`${front.url}/`)).json()).toEqual({ signedIn: true });
        for (let more = 0; more < 3; more += 1) {
          await burst(front, browser);
          await pageWorks(browser, front.url);
        }
        const { callback } = await tab(front, browser);
        expect(await finish(browser, [callback])).toBe(1);
      }
    },
  );

  test('beside the largest session a hundred tabs with encrypted cookies leave sixteen that finish', async () => {
    const front = await start({ kind: 'sealed', nginx });
    const browser = new Browser();
    await finish(browser, [(await tab(front, browser)).callback]);
    const callbacks: URL[] = [];
    for (let i = 0; i < 100; i += 1) {
      callbacks.push((await tab(front, browser)).callback);
      await pageWorks(browser, front.url);
    }
    expect(await finish(browser, callbacks.slice(-16))).toBe(16);
  });
});

test('a session of maxBytes 12000 works behind nginx with the lines of the guide, tabs and bursts as well', async () => {
  expect(documented()).toContain('large_client_header_buffers');
  const front = await start({ kind: 'sealed', maxBytes: 12_000, nginx: documented() });
  const browser = new Browser();
  await finish(browser, [(await tab(front, browser)).callback]);
  expect((await browser.get(`${front.url}/`)).json()).toEqual({ signedIn: true });
  await burst(front, browser);
  await pageWorks(browser, front.url);
  const { callback } = await tab(front, browser);
  expect(await finish(browser, [callback])).toBe(1);
});
