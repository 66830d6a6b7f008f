import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, Server, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { OAuth, type OAuth2Token } from '@oauth-registry/core';
import * as express from '@oauth-registry/express';
import * as fastify from '@oauth-registry/fastify';
import cookie from '@fastify/cookie';
import fastifySession from '@fastify/session';
import createExpress from 'express';
import session from 'express-session';
import Fastify from 'fastify';
import { apiResolver } from 'next/dist/server/api-utils/node/api-resolver.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Browser, type Visit } from '../support/browser.js';
import { login } from '../support/login.js';
import * as samples from '../repository/docs-samples.js';
import { openidClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';

let provider: FakeProvider;
const servers: Server[] = [];
const closing: (() => Promise<unknown>)[] = [];
const { listen } = Server.prototype;
const folder = fileURLToPath(new URL('../.samples/', import.meta.url));
const secret = 'a secret of thirty-two characters';

/** What a user could call themselves. */
const markup = '<script>alert("markup")</script>';

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await provider.close();
});

beforeEach(() => {
  provider.settings.user = { ...provider.settings.user, sub: markup, name: markup };
  vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...args) {
    servers.push(this);
    return listen.apply(this, args as never);
  });
  for (const name of ['log', 'warn', 'error'] as const) vi.spyOn(console, name).mockReturnValue();
  const env = {
    SESSION_SECRET: secret,
    OAUTH_SECRET: secret,
    ...Object.fromEntries(
      ['CORP', 'CLUB', 'GITHUB', 'GOOGLE', 'WORK', 'PHOTOS'].flatMap((client) => [
        [`${client}_CLIENT_ID`, provider.settings.clientId],
        [`${client}_CLIENT_SECRET`, provider.settings.clientSecret],
      ]),
    ),
    BASE_URL: 'http://localhost:3000',
    CORP_SERVER_METADATA_URL: provider.metadataUrl,
    CORP_API_BASE_URL: `${provider.base}/api`,
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  for (const close of closing.splice(0)) await close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  provider.reset();
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, 'localhost', resolve));
  const { port } = probe.address() as AddressInfo;
  servers.splice(servers.indexOf(probe), 1);
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** What a sample takes for granted, for real. */
type Given = Record<string, unknown>;
const given = globalThis as { givenToSamples?: Given };

/** A sample as it runs: with the values of its context, the fake provider, and a port of its own. */
function runnable(code: string, port: number): string {
  return code
    .replaceAll(/^(.*?)export \{\};\n/gs, (_, context: string) => `${real(context)} export {};\n`)
    .replaceAll('http://localhost:3000', `http://localhost:${port}`)
    .replaceAll(/\b3000\b/g, String(port))
    .replaceAll('https://id.corp.example/.well-known/openid-configuration', provider.metadataUrl)
    .replaceAll('https://api.corp.example/v1', `${provider.base}/api`)
    .replaceAll(
      /\.register\('github'\)/g,
      `.register('github', ${JSON.stringify({
        serverMetadataUrl: provider.metadataUrl,
        scope: 'openid profile',
      })})`,
    );
}

/** Declarations of a context are values that the test gives. */
function real(context: string): string {
  return context.replaceAll(/declare const ([^;]*);?/g, (_, declared: string) => {
    const names = [...declared.matchAll(/(?:^|, )(\w+): /g)].map(([, name]) => name);
    return `const { ${names.join(', ')} } = globalThis.givenToSamples;`;
  });
}

let runs = 0;

async function load(files: Record<string, string>, entry: string): Promise<unknown> {
  const at = join(folder, String((runs += 1)));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(at, file)), { recursive: true });
    writeFileSync(join(at, file), text);
  }
  return await import(pathToFileURL(join(at, entry)).href);
}

/** A token that the provider has issued, with all that the samples ask of one. */
async function aToken(): Promise<OAuth2Token> {
  const client = openidClient(provider, { scope: 'openid offline_access' });
  return await login(new OAuth({ config: {} }).register('corp', client).corp);
}

const url = (port: number, path = ''): string => `http://localhost:${port}${path}`;

/** Logs in wherever a sample has a login, and looks at what the user sees. */
async function logIn(port: number): Promise<Visit | undefined> {
  for (const path of ['/auth/login/corp', '/auth/login/github', '/login/corp', '/login']) {
    const browser = new Browser();
    const start = await browser.get(url(port, path));
    if (start.location?.origin !== provider.base) continue;
    const visit = await browser.continue(start);
    const home = await browser.get(url(port));
    for (const page of [visit, home]) expectNoMarkup(page);
    return visit;
  }
  return undefined;
}

/** Markup of a user's name runs in HTML alone. */
function expectNoMarkup(page: Visit): void {
  const isText = /^(text\/plain|application\/json)\b/.test(page.headers.get('content-type') ?? '');
  if (!isText) expect(page.text()).not.toContain(markup);
}

/** Samples that want what is not there: a database, a proxy, another provider's API, a page, or a user at a terminal. */
const notOnExpress =
  /readline|photos\.example|document\.|prisma|drizzle|kysely|serverlessPool|from 'pg'|from 'ioredis'|from 'redis'|vitest|node:test|from 'undici'/;

describe('the samples on Express run, and show no markup of a user’s', { timeout: 60_000 }, () => {
  const pages = [
    'README.md',
    'docs/login.md',
    'docs/express.md',
    'docs/browser.md',
    'docs/guide.md',
  ];
  const found = pages.flatMap((page) =>
    samples
      .samplesOf(page, samples.ofPages[page] ?? samples.express)
      .filter(({ code }) => !notOnExpress.test(code))
      .map(({ at, code }) => ({ at, code })),
  );

  it('finds them', () => expect(found.length).toBeGreaterThan(25));

  it.each(found)('$at', async ({ code }) => {
    const port = await freePort();
    const app = createExpress();
    const oauth = new express.OAuth({ baseUrl: url(port), secret });
    oauth.register('corp', openidClient(provider));
    if (!code.includes("register('club'")) oauth.register('club', openidClient(provider));
    app.use(session({ secret, resave: false, saveUninitialized: false }));
    const { request, authorize, access, api } = provider.oauth1;
    const photos = { requestTokenUrl: request, authorizeUrl: authorize, accessTokenUrl: access };
    given.givenToSamples = { app, oauth, token: await aToken(), ...photos, apiBaseUrl: api };
    await load({ 'sample.ts': runnable(code, port) }, 'sample.ts');
    if (servers.length === 0) {
      await new Promise<void>((resolve) => app.listen(port, 'localhost', () => resolve()));
    }
    const page = await logIn(port);
    const isWhole = code.includes('.listen(');
    if (isWhole) expect(page?.status).toBeLessThan(500);
  });
});

describe('the samples on Fastify run, and show no markup of a user’s', { timeout: 60_000 }, () => {
  const found = samples
    .samplesOf('docs/fastify.md', samples.fastify)
    .filter(({ code }) => !code.includes('randomBytes'))
    .map(({ at, code }) => ({ at, code }));

  it.each(found)('$at', async ({ code }) => {
    const port = await freePort();
    const app = Fastify({ forceCloseConnections: true });
    const oauth = new fastify.OAuth({ baseUrl: url(port) }).register(
      'corp',
      openidClient(provider),
    );
    await app.register(cookie);
    await app.register(fastifySession, {
      secret,
      saveUninitialized: false,
      cookie: { secure: false },
    });
    await app.register(fastify.fastifyOAuth, { oauth });
    given.givenToSamples = { app };
    const handedBack = '\nexport { app };';
    const { app: made } = (await load(
      { 'sample.ts': runnable(code, port) + (/const app =/.test(code) ? handedBack : '') },
      'sample.ts',
    )) as { app?: typeof app };
    const running = made ?? app;
    closing.push(() => running.close());
    if (!servers.some(({ listening }) => listening))
      await running.listen({ port, host: 'localhost' });
    const page = await logIn(port);
    if (code.includes('/login') || code.includes("prefix: '/auth'")) {
      expect(page?.status).toBeLessThan(500);
    }
  });
});

/** The cookies of the request that Next.js handles. */
interface Jar {
  sent: Map<string, string>;
  set: string[];
}

const jars = vi.hoisted(() => ({ current: undefined as AsyncLocalStorage<Jar> | undefined }));
jars.current = new AsyncLocalStorage<Jar>();

vi.mock('next/headers.js', async () => {
  const { formatCookie } = await import('@oauth-registry/core/adapter');
  const jar = (): Jar => jars.current?.getStore() ?? { sent: new Map(), set: [] };
  return {
    headers: () => new Headers(),
    cookies: () => ({
      get: (name: string) => {
        const value = jar().sent.get(name);
        return value === undefined ? undefined : { value };
      },
      set: (one: Parameters<typeof formatCookie>[0]) => void jar().set.push(formatCookie(one)),
    }),
  };
});

type RouteModule = Partial<Record<'GET' | 'POST', (request: Request) => Promise<Response>>>;

describe('the samples on Next.js run as one application', { timeout: 60_000 }, () => {
  let port: number;

  beforeEach(async () => {
    port = await freePort();
    vi.stubEnv('BASE_URL', url(port));
    const found = samples
      .samplesOf('docs/next.md', {})
      .map(({ file, code }): [string, string] => [
        file.replace('test/samples-of-docs/docs/next/', ''),
        runnable(code, port),
      ]);
    const files = Object.fromEntries(found.filter(([file]) => file.endsWith('.ts')));
    const at = `next-${port}`;
    const traced = Object.fromEntries(
      Object.entries(files).map(([file, text]) => [`${at}/${file}`, text]),
    );
    const before = runs;
    await load(traced, `${at}/oauth.ts`);
    const base = join(folder, String(before + 1), at);
    const moduleOf = (file: string): Promise<object> =>
      import(pathToFileURL(join(base, file)).href);
    const server = createServer((req, res) => {
      const { pathname } = new URL(req.url ?? '', url(port));
      const pages = pathname.startsWith('/api/');
      const file = pages
        ? `pages${pathname.replace(/(?<=^\/api\/auth\/).*/, '[...path]')}.ts`
        : `app${pathname.replace(/(?<=^\/auth\/).*/, '[...path]')}/route.ts`;
      const answering = !(file in files)
        ? Promise.resolve(void res.writeHead(404).end())
        : pages
          ? moduleOf(file).then((page) => apiResolver(req, res, {}, page, {} as never, false))
          : moduleOf(file).then((route) => answer(route as RouteModule, req, res));
      answering.catch((error: unknown) => res.writeHead(500).end(String(error)));
    });
    await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));
  });

  async function answer(
    route: RouteModule,
    req: IncomingMessage,
    res: ServerResponse,
  ): Promise<void> {
    const sent = new Map(
      (req.headers.cookie ?? '').split('; ').map((pair): [string, string] => {
        const at = pair.indexOf('=');
        return [pair.slice(0, at), pair.slice(at + 1)];
      }),
    );
    const jar: Jar = { sent, set: [] };
    const method = req.method === 'POST' ? 'POST' : 'GET';
    const headers = new Headers(req.headers as Record<string, string>);
    const body = method === 'POST' ? { body: Readable.toWeb(req) as ReadableStream } : {};
    const request = new Request(
      url(port, req.url),
      Object.assign({ method, headers, duplex: 'half' }, body),
    );
    const response = await jars.current?.run(jar, async () => await route[method]?.(request));
    res.statusCode = response?.status ?? 405;
    for (const [name, value] of response?.headers ?? []) res.appendHeader(name, value);
    for (const one of jar.set) res.appendHeader('set-cookie', one);
    res.end(await response?.text());
  }

  it.each(['/login', '/auth/login/corp', '/api/login', '/api/auth/login/corp'])(
    'logs in at %s, calls the API for the current request, and logs out',
    async (start) => {
      const browser = new Browser();
      const done = await browser.follow(url(port, start));
      expect([done.url.pathname, done.status]).toEqual(['/', 404]);
      const projects = await browser.get(url(port, '/projects'));
      expect(projects.status).toBe(200);
      expect(projects.json()).toMatchObject({ path: '/api/projects' });
      const out = start.startsWith('/api') ? '/api/auth/logout' : '/auth/logout';
      await browser.post(url(port, out), {}, { from: url(port) });
      expect((await browser.get(url(port, '/projects'))).status).toBe(500);
    },
  );
});
