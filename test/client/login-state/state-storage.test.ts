import { MemoryStore, type SessionOptions } from 'express-session';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Browser, type Visit } from '../../support/browser.js';
import { memoryStore } from '../../support/fake-browser.js';
import { startProvider, type FakeProvider, type Fault } from '../../support/provider/index.js';
import {
  oauth1Client,
  openidClient,
  plainClient,
  startExpress,
  type TestApp,
  type TestAppOptions,
} from '../../support/apps/express.js';

let provider: FakeProvider;
const apps: TestApp[] = [];

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(async () => {
  vi.useRealTimers();
  provider.reset();
  provider.settings.openid = true;
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

async function start(options: Partial<TestAppOptions> = {}): Promise<TestApp> {
  const clients = {
    openid: openidClient(provider),
    one: oauth1Client(provider),
    two: oauth1Client(provider),
  };
  const app = await startExpress({ clients, ...options });
  apps.push(app);
  return app;
}

const sealed: Partial<TestAppOptions> = {
  session: false,
  oauth: { stateStorage: 'cookie', secret: 'a secret of thirty-two characters' },
};

const places: Record<string, () => Partial<TestAppOptions>> = {
  'express-session': () => ({}),
  'encrypted cookies': () => sealed,
  'a store': () => ({ session: false, oauth: { stateStorage: memoryStore() } }),
};

const inFront = (url: URL): boolean => url.pathname.startsWith('/callback');

async function callbackOf(app: TestApp, browser: Browser, client = 'openid'): Promise<URL> {
  const { pending } = await browser.follow(`${app.url}/login/${client}`, { until: inFront });
  if (!pending) throw new Error('There was no callback.');
  return pending.url;
}

function outcome(visit: Visit): unknown[] {
  return [visit.status, (visit.json() as { code?: unknown }).code];
}

describe.each(Object.entries(places))('a pending login in %s', (_name, place) => {
  it('[X4] stores a max_age of 0: an old auth_time is refused (OpenID Connect Core §3.1.2.1)', async () => {
    const app = await start({ ...place(), params: { max_age: '0' } });
    expect((await new Browser().follow(`${app.url}/login/openid`)).status).toBe(200);
    provider.idToken = ({ claims, sign }) =>
      sign({ ...claims, auth_time: Math.floor(Date.now() / 1000) - 3600 });
    const visit = await new Browser().follow(`${app.url}/login/openid`);
    expect(outcome(visit)).toEqual([502, 'invalid_id_token']);
    expect(app.tokens).toHaveLength(1);
  });

  it('[X4] stores an empty secret of a request token (RFC 5849 §2.1)', async () => {
    const app = await start(place());
    provider.quirks.oauth1Request = (fields) => {
      const issued = provider.requestTokens.get(fields['oauth_token'] ?? '');
      if (issued) issued.secret = '';
      return { body: new URLSearchParams({ ...fields, oauth_token_secret: '' }).toString() };
    };
    const visit = await new Browser().follow(`${app.url}/login/one`);
    expect(visit.status).toBe(200);
    expect(app.tokens).toHaveLength(1);
  });

  it('[A5] is told from others with the same request token: every browser and client logs in', async () => {
    const app = await start(place());
    provider.quirks.oauth1Request = (fields) => {
      const issued = provider.requestTokens.get(fields['oauth_token'] ?? '');
      const same = { secret: 'same-secret', callback: issued?.callback ?? '' };
      provider.requestTokens.set('same-token', same);
      const given = { oauth_token: 'same-token', oauth_token_secret: same.secret };
      return { body: new URLSearchParams({ ...fields, ...given }).toString() };
    };
    const [alice, bob, carol] = [new Browser(), new Browser(), new Browser()];
    expect((await alice.follow(`${app.url}/login/one`)).status).toBe(200);
    expect((await bob.follow(`${app.url}/login/one`)).status).toBe(200);
    expect((await carol.follow(`${app.url}/login/two`)).status).toBe(200);
    expect((await alice.follow(`${app.url}/login/two`)).status).toBe(200);
  });

  it.each([
    [11, 'expired_state'],
    [25, 'mismatching_state'],
  ])('[A8] whose callback comes %i minutes later: %s', async (minutes, code) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const app = await start(place());
    const browser = new Browser();
    const callback = await callbackOf(app, browser);
    vi.setSystemTime(Date.now() + minutes * 60_000);
    expect(outcome(await browser.get(callback))).toEqual([400, code]);
    expect(provider.count('token')).toBe(0);
    expect((await browser.follow(`${app.url}/login/openid`)).status).toBe(200);
  });

  it('[X4] is of one protocol, also if both register the same name (mix-up)', async () => {
    const store = { store: new MemoryStore() } as SessionOptions;
    const options = { session: store, ...place() };
    const two = await start({ ...options, clients: { x: plainClient(provider) } });
    const one = await start({ ...options, clients: { x: oauth1Client(provider) } });
    provider.settings.openid = false;
    const browser = new Browser();
    const params = (await callbackOf(two, browser, 'x')).searchParams;
    const planted = { oauth_token: params.get('state') ?? '', oauth_verifier: 'v' };
    const visit = await browser.get(`${one.url}/callback/x?${new URLSearchParams(planted)}`);
    expect(outcome(visit)).toEqual([400, 'mismatching_state']);
    expect(one.errors[0]).toMatchObject({ message: expect.stringContaining('"x"') as string });
    expect(provider.count('oauth1_access')).toBe(0);
  });
});

describe('a store of the application’s own', () => {
  it.each([
    ['cut JSON', (text: string) => text.slice(0, -5)],
    ['nothing', () => ''],
    ['a list', () => '[]'],
    ['a text', () => '"x"'],
    ['null', () => 'null'],
    ['an object without fields', () => '{}'],
    ['a login without its client', (text: string) => text.replace('"client"', '"cleint"')],
  ])('[A8] with %s in an entry has no such login', async (_what, spoil) => {
    const store = memoryStore();
    const app = await start({ session: false, oauth: { stateStorage: store } });
    const browser = new Browser();
    const callback = await callbackOf(app, browser);
    for (const [key, text] of store.entries) store.entries.set(key, spoil(text));
    expect(outcome(await browser.get(callback))).toEqual([400, 'mismatching_state']);
  });

  it('[A8] of sessions may report ENOENT if there is nothing, as stores of files do', async () => {
    const store = new MemoryStore();
    const get = store.get.bind(store);
    store.get = (id, done) =>
      get(id, (error, found) =>
        found ? done(error, found) : done(Object.assign(new Error('none'), { code: 'ENOENT' })),
      );
    const app = await start({ session: { store } as never });
    const browser = new Browser();
    const callback = await callbackOf(app, browser);
    const copy = browser.clone();
    expect((await browser.get(callback)).status).toBe(200);
    expect(outcome(await copy.get(callback))).toEqual([400, 'mismatching_state']);
  });
});

describe('the status to respond with', () => {
  /** The callback in another process of the application, which has not met the provider yet. */
  async function answer(fault: Fault, timeout: number): Promise<unknown[]> {
    const app = await start(sealed);
    const browser = new Browser();
    const callback = await callbackOf(app, browser);
    const fresh = await start({ ...sealed, oauth: { ...sealed.oauth, timeout } });
    callback.port = new URL(fresh.url).port;
    provider.quirks.fault.metadata = fault;
    return outcome(await browser.get(callback));
  }

  it('is 502 if the metadata is not to be had, 504 if it takes too long', async () => {
    expect(await answer('unavailable-503', 10_000)).toEqual([502, 'provider_unavailable']);
    provider.quirks.fault = {};
    expect(await answer('hang', 200)).toEqual([504, 'timeout']);
  });

  it('is 500 if the store fails, 400 without a login, 403 for an error response', async () => {
    const fail = (): never => {
      throw new Error('The disk is full.');
    };
    const store = memoryStore();
    const app = await start({ session: false, oauth: { stateStorage: store } });
    const browser = new Browser();
    const callback = await callbackOf(app, browser);
    expect(outcome(await new Browser().get(callback))).toEqual([400, 'mismatching_state']);
    provider.quirks.callback = 'error';
    const refused = await browser.follow(`${app.url}/login/openid`);
    expect(outcome(refused)).toEqual([403, 'access_denied']);
    store.take = fail;
    expect(outcome(await browser.get(callback))).toEqual([500, 'storage_failed']);
    expect(outcome(await browser.get(`${app.url}/callback/nobody`))).toEqual([
      404,
      'unknown_client',
    ]);
  });
});
