import type { ResponseMode } from '@oauth-registry/core/types';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  startOidcProvider,
  type RealProvider,
} from '../conformance/real-providers/oidc-provider.js';
import { launchChromium } from './browser.js';
import { onExpress, onFastify, serve, type DropInApp } from './dropin-app.js';

let browser: Browser;
let provider: RealProvider | undefined;
let app: DropInApp | undefined;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());
afterEach(async () => {
  await app?.close();
  await provider?.close();
});

const clientId = 'app';
const clientSecret = 'a secret of thirty-two characters';

/** How the answer reaches the application: the method, and whether its parameters are one JWT. */
const modes: [ResponseMode, method: string, parameters: RegExp][] = [
  ['fragment', 'POST', /^code=/],
  ['form_post', 'POST', /^code=/],
  ['jwt', 'GET', /^response=ey/],
  ['query.jwt', 'GET', /^response=ey/],
  ['fragment.jwt', 'POST', /^response=ey/],
  ['form_post.jwt', 'POST', /^response=ey/],
];

describe.each([
  { framework: 'Express', open: onExpress },
  { framework: 'Fastify', open: onFastify },
])('a response of oidc-provider to the drop-in routes on $framework', ({ open }) => {
  test.each(modes)(
    '[X12] arrives by way of response_mode=%s (Form Post Response Mode, JARM §2.3)',
    async (responseMode, method, parameters) => {
      const probe = await serve(() => undefined);
      await probe.close();
      const { port } = new URL(probe.url);
      provider = await startOidcProvider({
        clients: [
          {
            client_id: clientId,
            client_secret: clientSecret,
            redirect_uris: [`${probe.url}/auth/callback/corp`],
          },
        ],
        configuration: { features: { jwtResponseModes: { enabled: true } } },
      });
      const { issuer } = provider;
      const corp = { clientId, clientSecret, issuer, scope: 'openid email', responseMode };
      app = await open({ clients: { corp }, port: Number(port) });
      const context = await browser.newContext();
      const page = await context.newPage();
      const sent: [string, string][] = [];
      page.on('request', (request) => {
        const { pathname, search } = new URL(request.url());
        if (!pathname.startsWith('/auth/callback')) return;
        const text = request.postData() ?? search.slice(1);
        if (text !== '') sent.push([request.method(), text]);
      });
      await page.goto(`${app.url}/auth/login`);
      await page.getByRole('link', { name: 'Continue with corp' }).click();
      await page.waitForURL(`${app.url}/`);

      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('corp user-1');
      expect(sent).toEqual([[method, expect.stringMatching(parameters)]]);
      expect(page.url()).not.toContain('#');
      await context.close();
    },
  );
});
