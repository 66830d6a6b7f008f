import type { Server } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  axeViolations,
  launchChromium,
  layoutShift,
  overflow,
  watchLayoutShifts,
} from './browser.js';
import { buildSite, serveSite } from './docs-site.js';

let browser: Browser;
let site: { url: string; server: Server };

beforeAll(async () => {
  buildSite();
  site = await serveSite();
  browser = await launchChromium();
}, 300_000);
afterAll(async () => {
  await browser?.close();
  site?.server.closeAllConnections();
  site?.server.close();
});

const all = ['/', '/quickstart', '/providers/github', '/providers/', '/options', '/errors'];
const some = ['/', '/quickstart'];
const wide = ['/', '/providers/', '/options'];

const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const looks = [
  { ...desktop, colorScheme: 'light', paths: all },
  { ...desktop, colorScheme: 'dark', paths: some },
  { ...phone, colorScheme: 'light', paths: some },
  { ...phone, colorScheme: 'dark', paths: wide },
] as const;

describe.each(looks)(
  'the documentation in the $colorScheme at $viewport.width',
  ({ paths, ...look }) => {
    test.each(paths)(
      'has nothing on %s that axe finds fault with, that moves or sticks out (WCAG 2.2 AA)',
      async (path) => {
        const context = await browser.newContext({ ...look, bypassCSP: true });
        const page = await context.newPage();
        const failed: string[] = [];
        page.on('pageerror', (error) => failed.push(error.message));
        page.on('response', (response) => {
          if (response.status() >= 400) failed.push(response.url());
        });
        await watchLayoutShifts(page);
        await page.goto(site.url + path);
        // A font that comes late moves a line by a little.
        expect(await layoutShift(page)).toBeLessThan(0.01);
        expect(await overflow(page)).toBe(0);
        expect(await axeViolations(page)).toEqual([]);
        await page.setViewportSize({ width: 320, height: 640 });
        expect(await overflow(page)).toBe(0);
        expect(failed).toEqual([]);
        await context.close();
      },
    );
  },
);
