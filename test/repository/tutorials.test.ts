import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { byName } from '@oauth-registry/core/providers';
import type { RegisterOptions } from '@oauth-registry/core';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Browser } from '../support/browser.js';
import { scriptedProvider, type Script, type ScriptedProvider } from '../support/provider/index.js';

/** A page of docs/tutorials, and what its program says to an API of a known answer. */
interface Tutorial {
  page: string;
  client: string;
  preset: string;
  /** The API's address, what it answers, and the name under which the program shows it. */
  api: string;
  shown: string;
  /** Whether the provider gives refresh tokens. */
  refreshes?: boolean;
}

const tutorials: readonly Tutorial[] = [
  {
    page: 'bitbucket',
    client: 'bitbucket',
    preset: 'bitbucket',
    api: 'https://api.bitbucket.org/2.0/user/emails',
    shown: 'emails',
    refreshes: true,
  },
  {
    page: 'github',
    client: 'github',
    preset: 'github',
    api: 'https://api.github.com/user/repos?sort=pushed&per_page=5',
    shown: 'repositories',
  },
  {
    page: 'google',
    client: 'google',
    preset: 'google',
    api: 'https://www.googleapis.com/calendar/v3/users/me/calendarList',
    shown: 'calendars',
    refreshes: true,
  },
  {
    page: 'facebook',
    client: 'facebook',
    preset: 'facebook',
    api: 'https://graph.facebook.com/v24.0/me?fields=id,name,picture',
    shown: 'me',
  },
  {
    page: 'fitbit',
    client: 'health',
    preset: 'google',
    api: 'https://health.googleapis.com/v4/users/me/dataTypes/steps/dataPoints?pageSize=10',
    shown: 'steps',
    refreshes: true,
  },
  {
    page: 'linkedin',
    client: 'linkedin',
    preset: 'linkedin',
    api: 'https://api.linkedin.com/v2/userinfo',
    shown: 'profile',
  },
  {
    page: 'outlook',
    client: 'microsoft',
    preset: 'microsoft',
    api: 'https://graph.microsoft.com/v1.0/me/messages?$top=5&$select=subject,from',
    shown: 'mail',
    refreshes: true,
  },
  {
    page: 'tumblr',
    client: 'tumblr',
    preset: 'tumblr',
    api: 'https://api.tumblr.com/v2/user/dashboard?limit=5',
    shown: 'dashboard',
  },
];

const samples = JSON.parse(
  readFileSync(new URL('../data/provider-samples.json', import.meta.url), 'utf8'),
) as Record<string, Script & { expect: { sub: string } }>;

const folder = fileURLToPath(new URL('../.tutorials/', import.meta.url));
const servers: Server[] = [];
const { listen } = Server.prototype;
const realFetch = globalThis.fetch;

beforeEach(() => {
  // A program of a page does not hand out its server.
  vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...args) {
    servers.push(this);
    return listen.apply(this, args as never);
  });
  vi.spyOn(console, 'log').mockReturnValue();
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.useRealTimers();
  globalThis.fetch = realFetch;
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes the program of a page into a file, on another port, and runs it as its reader does. */
async function run({ page, client }: Tutorial): Promise<string> {
  const text = readFileSync(new URL(`../../docs/tutorials/${page}.md`, import.meta.url), 'utf8');
  const [, program = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(text) ?? [];
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  const file = `${folder}${page}.ts`;
  writeFileSync(file, program.replaceAll('3000', String(port)));
  vi.stubEnv('SESSION_SECRET', 'a secret of thirty-two characters');
  vi.stubEnv(`${client.toUpperCase()}_CLIENT_ID`, 'app');
  vi.stubEnv(`${client.toUpperCase()}_CLIENT_SECRET`, 'secret');
  await import(pathToFileURL(file).href);
  expect(text).toContain(`\`http://localhost:3000/auth/callback/${client}\``);
  return `http://localhost:${port}`;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, resolve));
  const { port } = probe.address() as AddressInfo;
  servers.splice(servers.indexOf(probe), 1);
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

function play({ preset, api, refreshes }: Tutorial): ScriptedProvider {
  const options: RegisterOptions = byName(preset)({ clientId: 'app', clientSecret: 'secret' });
  const { expect: _, ...script } = samples[preset] as Script & { expect: object };
  const { pathname } = new URL(api);
  const token = refreshes
    ? { ...(script.token as object), refresh_token: 'rt', expires_in: 3600 }
    : script.token;
  // Of Facebook the program asks for the profile, which the login has asked for, too.
  const extra =
    preset === 'facebook' ? {} : { [pathname]: { answered: pathname }, ...script.extra };
  const provider = scriptedProvider(options, { ...script, token, extra });
  globalThis.fetch = provider.fetch;
  return provider;
}

describe.each(tutorials)('the tutorial $page', (tutorial) => {
  it('[R10] has a program that logs in, and calls the API in the user’s name', async () => {
    const { client, preset, shown, api, refreshes } = tutorial;
    const url = await run(tutorial);
    const provider = play(tutorial);
    const browser = new Browser();
    const page = await browser.follow(url);
    expect([page.url.pathname, page.status]).toEqual(['/auth/login', 200]);
    expect(page.text()).toContain(`/auth/login/${client}"`);

    const asked = await browser.get(`${url}/auth/login/${client}`);
    const params = provider.agree(String(asked.location));
    const done = await browser.follow(`${url}/auth/callback/${client}?${params}`);

    const answered = { answered: new URL(api).pathname };
    const seen = {
      userId: `${client} ${samples[preset]?.expect.sub}`,
      [shown]: preset === 'facebook' ? samples[preset]?.profile : answered,
    };
    expect(done.json()).toEqual(seen);
    // Facebook's proof comes behind what the program asked for.
    const request = provider.requests.findLast(({ url: { href } }) =>
      decodeURIComponent(href).startsWith(api),
    );
    expect(request?.headers.get('authorization')).toMatch(/^(Bearer|OAuth) /);

    if (!refreshes) return;
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    expect((await browser.get(url)).json()).toEqual(seen);
    const { body } = provider.requests.findLast(({ method }) => method === 'POST') ?? {};
    expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: 'rt',
    });
  });
});

it('[R10] every tutorial is listed, and played here', () => {
  const list = readFileSync(new URL('../../docs/tutorials/README.md', import.meta.url), 'utf8');
  const pages = [...list.matchAll(/\]\((\w+)\.md\)/g)].map(([, page]) => page);

  expect(pages.toSorted()).toEqual(tutorials.map(({ page }) => page).toSorted());
});
