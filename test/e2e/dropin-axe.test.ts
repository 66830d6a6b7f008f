import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { RoutesOptions } from '@oauth-registry/core/types';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { pagesOf, root } from '../repository/docs-samples.js';
import { launchChromium } from './browser.js';
import { onExpress, type DropInApp } from './dropin-app.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
let app: DropInApp;

beforeAll(async () => {
  browser = await launchChromium();
});
afterEach(() => app.close());
afterAll(() => browser.close());

const addresses = {
  clientId: 'a',
  clientSecret: 'b',
  authorizeUrl: 'https://id.example/authorize',
  accessTokenUrl: 'https://id.example/token',
};

const clients = {
  corp: { ...addresses, displayName: 'Corp' },
  server: {
    ...addresses,
    displayName: 'A server of yours',
    urlVariables: { instance: { ask: 'Your server' } },
    authorizeUrl: 'https://{instance}/authorize',
    accessTokenUrl: 'https://{instance}/token',
    servers: () => true,
  },
  broken: { ...addresses, displayName: 'Broken', authorizeParams: { response_mode: 'nonsense' } },
};

/** The style sheets that the documentation gives as examples. */
const themes = [...pagesOf('docs'), 'README.md'].flatMap((page) => {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/\bstyles: (?:'([^']*)'|`([^`]*)`)/g)].map(
    ([, quoted, template]): [string, string] => [page, quoted ?? template ?? ''],
  );
});

interface Violation {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}

/** What axe finds on a page of the application. */
async function violationsOn(path: string, options: BrowserContextOptions): Promise<string[]> {
  // The page's policy lets no script of anybody else's run.
  const context = await browser.newContext({ ...options, bypassCSP: true });
  const page = await context.newPage();
  await page.goto(app.url + path);
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate<{ violations: Violation[]; passes: object[] }>(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })",
  );
  await context.close();
  expect(passes.length).toBeGreaterThan(10);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [
    { viewport: { width: 1280, height: 800 } },
    { viewport: { width: 390, height: 844 }, hasTouch: true, deviceScaleFactor: 3 },
  ].map((device) => ({ colorScheme, ...device })),
);

const popup = '0123456789abcdef0123456789abcdef';
const paths = [
  '/auth/login',
  '/auth/login/server',
  '/auth/login/broken',
  `/auth/login/broken?popup=${popup}`,
  '/auth/callback/corp?state=x&code=y',
];

test('the documentation has style sheets to look at', () => {
  expect(themes.length).toBeGreaterThan(0);
  app = { url: '', close: async () => undefined };
});

describe.each([['no style sheet', ''], ...themes] as [string, string][])(
  'the pages of the drop-in routes with the theme of %s',
  (_page, styles) => {
    test.each(looks)(
      'have nothing that axe finds fault with, in the $colorScheme at $viewport.width (WCAG 2.2 AA)',
      async (look) => {
        const page: RoutesOptions['page'] = styles === '' ? {} : { styles };
        app = await onExpress({ clients, routes: { page } });
        for (const path of paths)
          expect([path, await violationsOn(path, look)]).toEqual([path, []]);
      },
    );
  },
);
