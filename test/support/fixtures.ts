import { test } from 'vitest';
import {
  oauth1Client,
  openidClient,
  plainClient,
  startExpress,
  type TestApp,
  type TestAppOptions,
} from './apps/express.js';
import { Browser } from './browser.js';
import { startProvider, type ProviderOptions } from './provider/index.js';

/**
 * Makes an `it` whose function receives what it names: `({ provider, app, browser }) => …`. Vitest starts each of them
 * when a test first names it, and closes it. The tests of a file share the provider, which starts with these settings
 * and returns to them after each test.
 */
// The type follows from the fixtures, and writing it out would repeat them.
export function itWith(options: ProviderOptions = {}) {
  return (
    test
      .extend('sharedProvider', { scope: 'file' }, async ({}, { onCleanup }) => {
        const provider = await startProvider(options);
        onCleanup(() => provider.close());
        return provider;
      })
      .extend('provider', ({ sharedProvider }, { onCleanup }) => {
        const settings = structuredClone(sharedProvider.settings);
        onCleanup(() => {
          sharedProvider.reset();
          Object.assign(sharedProvider.settings, settings);
        });
        return sharedProvider;
      })
      /** Starts an Express application with the clients `openid`, `plain` and `one` (OAuth 1.0a), or other options. */
      .extend('startApp', ({ provider }, { onCleanup }) => {
        const apps: TestApp[] = [];
        onCleanup(async () => void (await Promise.all(apps.map((app) => app.close()))));
        const clients = {
          openid: openidClient(provider),
          plain: plainClient(provider),
          one: oauth1Client(provider),
        };
        return async (more: Partial<TestAppOptions> = {}): Promise<TestApp> => {
          const app = await startExpress({ clients, ...more });
          apps.push(app);
          return app;
        };
      })
      .extend('app', async ({ startApp }) => await startApp())
      .extend('browser', () => new Browser())
  );
}

/** `it` of vitest, with a provider of default settings and what belongs to it. */
export const it = itWith();
