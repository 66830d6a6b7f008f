import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from './browser.js';
import { buildDemo, runDemo, type DemoProcess } from './demo-process.js';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
  buildDemo();
});
afterAll(() => browser?.close());

const logins = [
  { provider: 'Lighthouse', button: 'Continue', name: 'Ada Lovelace' },
  { provider: 'Octo', button: 'Approve', name: 'Mona Tentacle' },
  { provider: 'Shutterbox', button: 'Allow', name: 'Vivian Lens' },
];

describe.each(['fastify', 'next'])('the demo with --framework %s', (framework) => {
  let demo: DemoProcess;
  let url: string;

  beforeAll(async () => {
    demo = runDemo({ PORT: '0' }, ['--framework', framework]);
    url = await demo.url;
  }, 300_000);

  afterAll(() => demo?.signal('SIGKILL'));

  test.each(logins)('[A27] logs in with $provider, and out', async (login) => {
    const context = await browser.newContext();
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    await page.goto(url);
    await page.getByRole('link', { name: `Log in with ${login.provider}` }).click();
    await page.getByRole('button', { name: login.button, exact: true }).click();
    await page.waitForURL(url);

    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(login.name);
    expect(await page.getByLabel('The API’s answer').innerText()).toMatch(/^[[{]/);

    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'One registry' }).waitFor();
    expect(await page.getByRole('link', { name: /^Log in with/ }).count()).toBe(3);
    await context.close();
  });

  test('[A27] explains a login that was declined', async () => {
    const page = await browser.newPage();
    await page.goto(`${url}login/octo`);
    await page.getByRole('button', { name: 'Decline' }).click();
    await page.waitForURL(`${url}**`);

    expect(await page.locator('.details').innerText()).toContain('access_denied');
    await page.close();
  });

  test.each([
    [404, 'login/unknown'],
    [404, 'login/__proto__'],
    [404, 'nowhere'],
    [400, 'callback/octo?code=1&state=%3Cscript%3E'],
    ...(framework === 'next' ? [] : [[400, 'login/%E0'] as const]),
  ] as const)('is a page with status %i at /%s', async (status, path) => {
    const page = await browser.newPage();
    const response = await page.goto(url + path);

    expect(response?.status()).toBe(status);
    await page.close();
  });

  test('stops cleanly', async () => {
    demo.signal('SIGTERM');

    expect(await demo.exit).toBe(0);
    expect(demo.output()).not.toMatch(/warning|error/i);
  });
});

test('the demo names the frameworks there are when it is asked for another', async () => {
  const demo = runDemo({ PORT: '0' }, ['--framework', 'nosuch']);

  expect(await demo.exit).toBe(1);
  expect(demo.output()).toContain('express, fastify, next');
});
