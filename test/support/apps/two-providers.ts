import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Browser, Visit } from '../browser.js';
import { startProvider, type FakeProvider } from '../provider/index.js';
import { oauth1Client, openidClient, plainClient, startExpress, type TestApp } from './express.js';

/** The provider of all tests of a file. */
export let provider: FakeProvider;
/** Another one, of the client `other`. */
export let other: FakeProvider;
/** The application of all tests of a file. */
export let app: TestApp;

/** Gives the tests of a file an application whose clients are at two providers. */
export function shareProviders(): void {
  beforeAll(async () => {
    [provider, other] = await Promise.all([startProvider(), startProvider()]);
    app = await startExpress({
      clients: {
        openid: openidClient(provider),
        plain: plainClient(provider),
        known: plainClient(provider, { issuer: provider.issuer }),
        other: openidClient(other),
        one: oauth1Client(provider),
        posted: openidClient(provider, { responseMode: 'form_post' }),
      },
    });
  });
  afterAll(async () => {
    await Promise.all([provider.close(), other.close(), app.close()]);
  });
  afterEach(() => {
    provider.reset();
    other.reset();
    provider.settings.issParameter = true;
  });
}

const inFront = (url: URL): boolean => url.pathname.startsWith('/callback');

/** Logs in up to the callback, which it does not visit. */
export async function callbackOf(browser: Browser, client = 'openid'): Promise<URL> {
  const { pending } = await browser.follow(`${app.url}/login/${client}`, { until: inFront });
  if (!pending) throw new Error('There was no callback.');
  return pending.url;
}

/** The code of the error that a page shows. */
export function codeOf(visit: Visit): unknown {
  return (visit.json() as { code?: unknown }).code;
}
