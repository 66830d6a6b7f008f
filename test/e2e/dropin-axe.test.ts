import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import type { RoutesOptions } from '@oauth-registry/core/types';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { pagesOf, root } from '../repository/docs-samples.js';
import {
  axeViolations,
  launchChromium,
  layoutShift,
  overflow,
  watchLayoutShifts,
} from './browser.js';
import { onExpress, type DropInApp } from './dropin-app.js';

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
    urlVariables: { instance: { ask: 'Your server', example: 'social.example' } },
    authorizeUrl: 'https://{instance}/authorize',
    accessTokenUrl: 'https://{instance}/token',
    servers: () => true,
  },
  broken: { ...addresses, displayName: 'Broken', authorizeParams: { response_mode: 'nonsense' } },
};

type Look = Exclude<RoutesOptions['page'], false | undefined>;

/** The themes and style sheets that the documentation gives as examples. */
const themes = [...pagesOf('docs'), 'README.md'].flatMap((page): [string, Look][] => {
  const text = readFileSync(join(root, page), 'utf8');
  const styles = [...text.matchAll(/\bstyles: (?:'([^']*)'|`([^`]*)`)/g)].map(
    ([, quoted, template]) => ({ styles: quoted ?? template ?? '' }),
  );
  const pairs = [...text.matchAll(/\btheme: (\{[^}]*\})/g)].map(([, theme = '']) => ({
    theme: runInNewContext(`(${theme})`) as NonNullable<Look['theme']>,
  }));
  return [...styles, ...pairs].map((look) => [page, look]);
});

const logo =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"><rect width="120" height="40" fill="#6d28d9"/></svg>';

/** All that an application can add to its pages. */
const everything: Look = {
  lang: ['en', 'de', 'es', 'fr'],
  logo: { src: '/logo.svg', alt: 'Acme' },
  links: [
    { text: 'Terms of use', href: '/terms' },
    { text: 'Privacy', href: 'https://acme.example/privacy' },
    { text: 'A-link-of-a-single-word-that-is-longer-than-a-telephone-is-wide', href: '/' },
  ],
};

/** What is wrong with a page of the application: what axe finds, what moves, and what is too wide. */
async function violationsOn(path: string, options: BrowserContextOptions): Promise<string[]> {
  // The page's policy lets no script of anybody else's run.
  const context = await browser.newContext({ ...options, bypassCSP: true });
  const page = await context.newPage();
  // A logo that comes late must move nothing.
  await page.route('**/logo.svg', async (route) => {
    await page.waitForTimeout(200);
    await route.fulfill({ contentType: 'image/svg+xml', body: logo });
  });
  await watchLayoutShifts(page);
  await page.goto(app.url + path);
  expect([path, await layoutShift(page), await overflow(page)]).toEqual([path, 0, 0]);
  const violations = await axeViolations(page);
  await context.close();
  return violations;
}

const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [
    { viewport: { width: 1280, height: 800 } },
    { viewport: { width: 390, height: 844 }, hasTouch: true, deviceScaleFactor: 3 },
    { viewport: { width: 320, height: 640 }, hasTouch: true, deviceScaleFactor: 2, locale: 'de' },
  ].map((device) => ({ colorScheme, ...device })),
);

const popup = '0123456789abcdef0123456789abcdef';
const paths = [
  '/auth/login',
  '/auth/login/server',
  '/auth/login/server?edit=1&instance=a%20b',
  '/auth/login/server?instance=a%20b',
  '/auth/login/broken',
  `/auth/login/broken?popup=${popup}`,
  '/auth/callback/corp?state=x&code=y',
];

test('the documentation has style sheets to look at', () => {
  expect(themes.length).toBeGreaterThan(0);
  expect(themes.some(([, { theme }]) => theme)).toBe(true);
  app = { url: '', close: async () => undefined };
});

const plain: [string, Look][] = [
  ['no style sheet', {}],
  ['logo, links and languages', everything],
];

describe.each([...plain, ...themes])(
  'the pages of the drop-in routes with the theme of %s',
  (_page, page) => {
    test.each(looks)(
      'have nothing that axe finds fault with, that moves or sticks out, in the $colorScheme at $viewport.width (WCAG 2.2 AA)',
      async (look) => {
        app = await onExpress({ clients, routes: { page } });
        for (const path of paths)
          expect([path, await violationsOn(path, look)]).toEqual([path, []]);
      },
    );
  },
);
