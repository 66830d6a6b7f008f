import { MemoryStore, type SessionOptions } from 'express-session';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../support/browser.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';
import {
  openidClient,
  startExpress,
  type TestApp,
  type TestAppOptions,
} from '../../support/apps/express.js';

let provider: FakeProvider;
let app: TestApp;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(() => app.close());

/** A store that takes 50 to 400 ms for each step, in an order of its own. */
function slowStore(): MemoryStore {
  const store = new MemoryStore();
  const { get, set, destroy } = store;
  let calls = 0;
  const later = (run: () => void): void => {
    calls += 1;
    setTimeout(run, 50 + ((calls * 137) % 350));
  };
  store.get = (id, done) => later(() => get.call(store, id, done));
  store.set = (id, data, done) => later(() => set.call(store, id, data, done));
  store.destroy = (id, done) => later(() => destroy.call(store, id, done));
  return store;
}

const places: [string, () => Partial<TestAppOptions>][] = [
  [
    'express-session and a slow store',
    () => ({ session: { store: slowStore() } as SessionOptions }),
  ],
  [
    'encrypted cookies',
    () => ({
      session: false,
      oauth: { stateStorage: 'cookie', secret: 'a secret of thirty-two characters' },
    }),
  ],
];

const versions = ([4, 5] as const).flatMap((version) =>
  places.map(([name, options]) => ({ name: `Express ${version} with ${name}`, version, options })),
);

describe.each(versions)('twenty logins on $name', ({ version, options }) => {
  it.each([
    ['a fresh browser', false],
    ['a browser with a session', true],
  ])(
    '[X2] started at once in %s all finish, at once',
    async (_name, known) => {
      const clients = { openid: openidClient(provider) };
      app = await startExpress({ express: version, clients, ...options() });
      const browser = new Browser();
      if (known) await browser.follow(`${app.url}/login/openid`);
      const finished = app.tokens.length;
      const until = (url: URL): boolean => url.pathname.startsWith('/callback');
      const tabs = await Promise.all(
        Array.from({ length: 20 }, () => browser.follow(`${app.url}/login/openid`, { until })),
      );
      const visits = await Promise.all(tabs.map((tab) => browser.get(String(tab.pending?.url))));
      expect(visits.map(({ status }) => status)).toEqual(tabs.map(() => 200));
      expect(app.tokens).toHaveLength(finished + 20);
    },
    20_000,
  );
});
