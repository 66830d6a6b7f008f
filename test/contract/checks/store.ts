import assert from 'node:assert/strict';
import { Browser } from '../../support/browser.js';
import { arrive, assertLoggedIn, assertRefused, callbackOf, json, logIn, me } from '../steps.js';
import type { ContractCheck, ContractConfig, ContractContext } from '../types.js';

type Storage = Pick<ContractConfig, 'stateStorage'>;

/** The platform's own place for pending logins, and a store of the application's. */
const places: Record<string, Storage> = { platform: {}, own: { stateStorage: 'own' } };

/** A failing store, if pending logins are in one; a login in encrypted cookies needs none. */
const needsStore = ({ platform }: ContractContext, { stateStorage }: Storage): boolean =>
  stateStorage === 'own' || platform.pending === 'store';

const each = (
  id: string,
  title: string,
  run: (context: ContractContext, storage: Storage) => Promise<void>,
): ContractCheck[] =>
  Object.entries(places).map(([place, storage]) => ({
    id: `${id}/${place}`,
    clause: 'security: store failures (GHSA-8fpg-xm3f-6cx3)',
    title: `${title} (${place === 'own' ? 'a StateStore' : 'the platform’s place'})`,
    run: (context) => run(context, storage),
  }));

/** Stores that fail, or are slow. */
export const store: readonly ContractCheck[] = [
  ...each(
    'store-set-fails',
    'a store that cannot write starts no login',
    async (context, storage) => {
      const app = await context.start({ ...storage, store: { set: 'fail' } });
      const visit = await new Browser().get(`${app.url}/login/plain`);
      if (!needsStore(context, storage)) return assert.equal(visit.status, 302);
      assertRefused(visit, 'storage_failed', 500);
      assert.deepEqual([visit.location, visit.setCookies], [undefined, []]);
      assert.doesNotMatch(visit.text(), /canary/);
      assert.equal(json(visit)['phase'], 'authorize');
    },
  ),
  ...(['get', 'destroy'] as const).flatMap((operation) =>
    each(
      `store-${operation}-fails`,
      `a store that cannot ${operation === 'get' ? 'read' : 'remove'} finishes no login`,
      async (context, storage) => {
        const app = await context.start({ ...storage, store: { [operation]: 'fail' } });
        const browser = new Browser();
        const callback = await callbackOf(app, browser, 'plain');
        if (!needsStore(context, storage)) return;
        const visit = await arrive(browser, callback);
        assertRefused(visit, 'storage_failed', 500);
        assert.doesNotMatch(visit.text(), /canary/);
        assert.equal(json(visit)['phase'], 'callback');
        assert.equal(context.p.count('token'), 0);
        // Nor does the failing store report a logged-in user.
        assert.equal(json(await browser.get(`${app.url}/me`))['client'], undefined);
      },
    ),
  ),
  ...each(
    'store-slow',
    'a slow store has the login before the response is sent',
    async (context, storage) => {
      const app = await context.start({ ...storage, store: { set: 'slow', get: 'slow' } });
      const browser = new Browser();
      assertLoggedIn(await logIn(app, 'openid', browser));
      assert.deepEqual(await me(app, browser), { client: 'openid' });
      assertLoggedIn(await logIn(app, 'one', browser));
    },
  ),
  {
    id: 'own-store',
    clause: 'CVE-2025-68158',
    title: 'a StateStore holds every kind of login, bound to the browser',
    async run({ start, p }) {
      const app = await start({ stateStorage: 'own' });
      for (const client of ['openid', 'posted', 'plain', 'one'])
        assertLoggedIn(await logIn(app, client));
      const before = p.count('token');
      const callback = await callbackOf(app, new Browser());
      assertRefused(await arrive(new Browser(), callback), 'mismatching_state');
      assert.equal(p.count('token'), before);
    },
  },
];
