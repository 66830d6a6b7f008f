import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  axeViolations,
  launchChromium,
  layoutShift,
  overflow,
  watchLayoutShifts,
} from './browser.js';
import { buildDemo, runDemo, type DemoProcess } from './demo-process.js';

let browser: Browser;
let demo: DemoProcess;
let url: string;

beforeAll(async () => {
  browser = await launchChromium();
  buildDemo();
  demo = runDemo({ PORT: '0' });
  url = await demo.url;
});
afterAll(async () => {
  await browser?.close();
  demo?.signal('SIGTERM');
  await demo?.exit;
});

const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [
    { viewport: { width: 1280, height: 800 } },
    { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  ].map((device) => ({ colorScheme, ...device })),
);

/** What is wrong with a page: what axe finds, what moves, and what is too wide. */
async function expectGood(page: Page): Promise<void> {
  expect([page.url(), await layoutShift(page), await overflow(page)]).toEqual([page.url(), 0, 0]);
  expect([page.url(), await axeViolations(page)]).toEqual([page.url(), []]);
  const before = page.viewportSize() ?? { width: 0, height: 0 };
  await page.setViewportSize({ width: 320, height: 640 });
  expect([page.url(), await overflow(page)]).toEqual([page.url(), 0]);
  await page.setViewportSize(before);
}

test.each(looks)(
  'the demo has nothing that axe finds fault with, that moves or sticks out, in the $colorScheme at $viewport.width (WCAG 2.2 AA)',
  async (look) => {
    const context = await browser.newContext({ ...look, bypassCSP: true });
    const page = await context.newPage();
    await watchLayoutShifts(page);
    await page.goto(url);
    await expectGood(page);
    for (const [provider, button] of [
      ['Octo', 'Approve'],
      ['Shutterbox', 'Allow'],
      ['Lighthouse', 'Continue'],
    ] as const) {
      await page.goto(url);
      const start = page.getByRole('link', { name: `Log in with ${provider}` });
      if (!(await start.isVisible())) await page.getByRole('button', { name: 'Log out' }).click();
      await start.click();
      await expectGood(page);
      await page.getByRole('button', { name: button, exact: true }).click();
      await page.waitForURL(url);
    }
    await expectGood(page);
    await page.getByRole('button', { name: 'Call the API from this page' }).click();
    for (const summary of await page.getByText(/^Show the code/).all()) await summary.click();
    await expectGood(page);
    await page.getByRole('button', { name: 'End the session at Lighthouse' }).click();
    await page.getByRole('heading', { name: 'Log out here, too?' }).waitFor();
    await expectGood(page);
    await page.goto(`${url}callback/octo?state=x&code=y`);
    await expectGood(page);
    await context.close();
  },
);
