import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { OAuth } from '@oauth-registry/express';
import express from 'express';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { launchChromium } from './browser.js';
import {
  buildExample,
  startExample,
  type Example,
  type ExampleProcess,
} from './example-process.js';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

/** An application whose page loads a login in every way that shows the user nothing. */
interface Noisy {
  url: string;
  provider: FakeProvider;
  /** The path that starts a login. */
  login: string;
  /** The path of a page that is served without one. */
  page: string;
  close(): Promise<void>;
}

async function onExpress(): Promise<Noisy> {
  const provider = await startProvider();
  const app = express();
  const server: Server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const { clientId, clientSecret } = provider.settings;
  const secret = 'a secret of thirty-two characters';
  const oauth = new OAuth({ config: {}, baseUrl: url, secret }).register('corp', {
    clientId,
    clientSecret,
    serverMetadataUrl: provider.metadataUrl,
    scope: 'openid',
    responseMode: 'form_post',
  });
  app.get('/page', (_req, res) => res.send('<!doctype html><title>Page</title>'));
  app.get('/login', (req, res) => oauth.corp.authorizeRedirect(req, res));
  app.all('/callback/corp', async (req, res) => {
    const token = await oauth.corp.authorizeAccessToken(req, res);
    res.json({ sub: token.userinfo?.sub });
  });
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await provider.close();
  };
  return { url, provider, login: '/login', page: '/page', close };
}

const nextApplication: Example = {
  name: 'next-edge',
  folder: fileURLToPath(new URL('../runtimes/next-edge/', import.meta.url)),
  build: ['next/dist/bin/next', 'build'],
  start: ['next', 'start'],
  callback: '/callback/corp',
};

async function onNext(): Promise<Noisy> {
  buildExample(nextApplication);
  const provider = await startProvider();
  const app: ExampleProcess = await startExample(nextApplication, provider);
  const close = async (): Promise<void> => {
    await app.stop();
    await provider.close();
  };
  return { url: app.url, provider, login: '/private', page: '/', close };
}

/** Opens the page, which shows 100 images that are logins, fetches 30 in advance, and asks for one 20 times. */
async function makeNoise(app: Noisy, page: Page): Promise<void> {
  await page.goto(app.url + app.page);
  await page.evaluate(async (login) => {
    const settled = (image: HTMLImageElement): Promise<void> =>
      new Promise((resolve) => {
        image.addEventListener('load', () => resolve());
        image.addEventListener('error', () => resolve());
      });
    const images = Array.from({ length: 100 }, (_, n) => {
      const image = new Image();
      const done = settled(image);
      image.src = `${login}?image=${n}`;
      document.body.append(image);
      return done;
    });
    await Promise.all(images);
    // What `<Link>` of Next.js sends for each link in view.
    const headers = { rsc: '1', 'next-router-prefetch': '1' };
    const links = Array.from({ length: 30 }, (_, n) => fetch(`${login}?link=${n}`, { headers }));
    await Promise.allSettled(links);
    for (let n = 0; n < 20; n += 1) {
      await fetch(`${login}?poll=${n}`, { redirect: 'manual' }).catch(() => undefined);
    }
  }, app.login);
}

describe.each([
  ['Express', onExpress],
  ['middleware of Next.js', onNext],
])('what a page loads by itself from %s', (_name, start) => {
  let app: Noisy;
  let context: BrowserContext;
  beforeAll(async () => {
    app = await start();
  }, 300_000);
  afterAll(() => app?.close());
  beforeEach(async () => {
    context = await browser.newContext();
  });
  afterEach(async () => {
    await context.close();
    app.provider.reset();
  });

  it('starts no login, sets no cookie and asks no provider: 100 images, 30 links in view and 20 polls', async () => {
    const before = app.provider.requests.length;
    await makeNoise(app, await context.newPage());
    expect(await context.cookies()).toEqual([]);
    expect(app.provider.requests.slice(before).map(({ endpoint }) => endpoint)).toEqual([]);
  });

  it('leaves alone a login that is under way', { timeout: 150_000 }, async () => {
    let release = (): void => undefined;
    const released = new Promise<undefined>((resolve) => {
      release = () => resolve(undefined);
    });
    app.provider.once('authorize', () => released);
    const user = await context.newPage();
    const arrived = user.goto(app.url + app.login, { timeout: 120_000 });
    await expect.poll(() => app.provider.count('authorize'), { timeout: 20_000 }).toBe(1);
    const cookies = await context.cookies();

    await makeNoise(app, await context.newPage());
    expect(await context.cookies()).toEqual(cookies);
    release();
    await arrived;
    await expect.poll(() => user.textContent('body')).toContain('user-1');
    expect(app.provider.count('authorize')).toBe(1);
  });
});
