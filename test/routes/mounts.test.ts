import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as express from '@oauth-registry/express';
import * as fastify from '@oauth-registry/fastify';
import createExpress from 'express';
import session from 'express-session';
import Fastify from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { openidClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';

let provider: FakeProvider;
let url: string;
let close: () => Promise<unknown>;
const secret = 'a secret of thirty-two characters';
const onLogin = (): void => undefined;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(() => close());

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
}

/** An Express application at `mount`; a proxy in front of it has cut off what only `baseUrl` has. */
async function onExpress(mount: string, home = ''): Promise<void> {
  const app = createExpress();
  await listen(createServer(app));
  const oauth = new express.OAuth({ config: {}, baseUrl: url + home });
  oauth.register('corp', openidClient(provider));
  app.use(session({ secret, resave: false, saveUninitialized: false }));
  app.use(mount, oauth.routes({ onLogin }));
}

async function onFastify(prefix: string): Promise<void> {
  await listen(createServer());
  await close();
  const app = Fastify({ forceCloseConnections: true });
  const oauth = new fastify.OAuth({ config: {}, baseUrl: url, secret });
  oauth.register('corp', openidClient(provider));
  await app.register(oauth.routes({ onLogin }), { prefix });
  await app.listen({ host: '127.0.0.1', port: Number(new URL(url).port) });
  close = () => app.close();
}

const linksOf = (page: string): string[] =>
  [...page.matchAll(/href="([^"]*)"/g)].map(([, href]) => href ?? '');

const redirectUriOf = (visit: { location: URL | undefined }): string | null | undefined =>
  visit.location?.searchParams.get('redirect_uri');

describe('the drop-in routes of an application below a path', () => {
  it.each([
    { what: 'that a proxy cuts off', mount: '/auth' },
    { what: 'that the framework sees', mount: '/shop/auth' },
  ])('[D1] have that path in every URL: one $what', async ({ mount }) => {
    await onExpress(mount, '/shop');
    const browser = new Browser();
    const page = await browser.get(`${url}${mount}/login`);
    expect(linksOf(page.text())).toEqual(['/shop/auth/login/corp']);
    const start = await browser.get(`${url}${mount}/login/corp`);
    expect(redirectUriOf(start)).toBe(`${url}/shop/auth/callback/corp`);
    const failed = await browser.get(`${url}${mount}/callback/corp?code=a&state=b`);
    expect(linksOf(failed.text())).toEqual(['/shop/auth/login']);
    const out = await browser.post(`${url}${mount}/logout`);
    expect(out.location?.href).toBe(`${url}/shop/`);
  });
});

describe('the drop-in routes on Fastify', () => {
  it.each(['/auth/', '/:tenant/auth', ''])('[D1] are found below the prefix %j', async (prefix) => {
    await onFastify(prefix);
    const mount = prefix.replace(':tenant', 'acme').replace(/\/$/, '');
    const browser = new Browser();
    const page = await browser.get(`${url}${mount}/login`);
    expect(linksOf(page.text())).toEqual([`${mount}/login/corp`]);
    const visit = await browser.follow(`${url}${mount}/login/corp?returnTo=${mount}/login`);
    expect([visit.status, visit.url.href]).toEqual([200, `${url}${mount}/login`]);
  });
});
