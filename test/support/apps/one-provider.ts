import { afterAll, afterEach, beforeAll } from 'vitest';
import { startProvider, type FakeProvider } from '../provider/index.js';
import {
  oauth1Client,
  openidClient,
  plainClient,
  startExpress,
  type TestApp,
  type TestAppOptions,
} from './express.js';

/** The provider of all tests of a file. */
export let provider: FakeProvider;
/** The application of the test that runs. */
export let app: TestApp;

/** Gives the tests of a file a provider, and each of them one that has forgotten the test before. */
export function shareProvider(): void {
  beforeAll(async () => {
    provider = await startProvider();
  });
  afterAll(() => provider.close());
  afterEach(async () => {
    await app.close();
    provider.reset();
    provider.settings.issParameter = true;
    provider.settings.openid = true;
    provider.settings.tokenEndpointAuthMethod = 'client_secret_basic';
    provider.settings.redirectUris = [];
  });
}

/** Starts the application of a test, with a client for each protocol. */
export async function start(options: Partial<TestAppOptions> = {}): Promise<TestApp> {
  app = await startExpress({
    clients: {
      openid: openidClient(provider),
      plain: plainClient(provider),
      one: oauth1Client(provider),
    },
    ...options,
  });
  return app;
}
