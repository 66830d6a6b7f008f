import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { plainClient } from '../support/apps/express.js';
import { memoryStore } from '../support/fake-browser.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { onExpress, type RoutesApp } from '../support/apps/routes.js';

let provider: FakeProvider;
let app: RoutesApp;

beforeAll(async () => {
  provider = await startProvider({ openid: false });
});
afterAll(() => provider.close());
afterEach(() => app.close());

it.each(['//evil.example', 'https://evil.example/', '/\\evil.example', '/.//evil.example', 7])(
  '[D3] a returnTo that comes from a store is checked again: %s',
  async (returnTo) => {
    const stateStorage = memoryStore();
    app = await onExpress({ clients: { plain: plainClient(provider) }, oauth: { stateStorage } });
    const browser = new Browser();
    const until = (url: URL): boolean => url.pathname.startsWith('/auth/callback');
    const { pending } = await browser.follow(`${app.url}/auth/login/plain?returnTo=/shop`, {
      until,
    });
    for (const [key, text] of stateStorage.entries) {
      const login = JSON.parse(text) as object;
      stateStorage.entries.set(key, JSON.stringify({ ...login, carry: { returnTo } }));
    }
    const visit = await browser.get(String(pending?.url));
    expect([visit.status, visit.location?.href]).toEqual([302, `${app.url}/`]);
  },
);
