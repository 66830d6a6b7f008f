import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import {
  buildExample,
  startExample,
  type Example,
  type ExampleProcess,
} from './example-process.js';

const application: Example = {
  name: 'next-edge',
  folder: fileURLToPath(new URL('../runtimes/next-edge/', import.meta.url)),
  build: ['next/dist/bin/next', 'build'],
  start: ['next', 'start'],
  callback: '/callback/corp',
};

describe('the Edge runtime of Next.js', () => {
  let provider: FakeProvider;
  let app: ExampleProcess;

  beforeAll(async () => {
    buildExample(application);
    provider = await startProvider();
    app = await startExample(application, provider);
  }, 300_000);

  afterAll(async () => {
    await app?.stop();
    await provider?.close();
  });

  it('logs in from edge routes, and refreshes before it calls the API', async () => {
    const browser = new Browser();
    const end = await browser.follow(`${app.url}/login`);
    expect(end.text()).toBe('{"sub":"user-1"}');

    const before = provider.count('token');
    const answer = await browser.get(`${app.url}/api`);
    expect(answer.status).toBe(200);
    expect(provider.count('token')).toBe(before + 1);
  });

  it('starts a login in middleware, and lets a user with a session pass', async () => {
    const browser = new Browser();
    const end = await browser.follow(`${app.url}/private`);
    expect(end.text()).toBe('{"sub":"user-1"}');
    expect((await browser.get(`${app.url}/private`)).text()).toBe('{"sub":"user-1"}');
  });
});
