import { randomBytes, randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { layOut } from '../../contract/compile.js';
import { login } from '../login.js';
import { plainClient } from '../apps/express.js';
import { startProvider, type FakeProvider } from '../provider/index.js';
import { startFleet, type Fleet } from './fleet.js';
import { openStore, type OpenStore, type StoreKind } from './store.js';
import type { WorkerReport } from './caller.js';
import { rounds as roundsOf } from '../rounds.js';

/** Another number for a quick look: `REFRESH_ROUNDS=10`. */
const rounds = Number(process.env['REFRESH_ROUNDS'] ?? roundsOf(24, 100));
const processes = 4;
const minutes = 60_000;
const secret = 'a secret of thirty-two characters';

let provider: FakeProvider;
let client: RegisterOptions;
const folder = layOut('support/fleet');

/** What happened at the token endpoint in this round. */
let refreshes = 0;
let reused = 0;
let grace = false;
/** What befalls the process whose refresh request is here: instead of an answer, before it, or after. */
let strike: Partial<Record<'instead' | 'before' | 'after', (pid: number) => void>> = {};

beforeAll(async () => {
  provider = await startProvider({ openid: false });
  client = plainClient(provider);
});
afterAll(async () => {
  await provider.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Counts refreshes and their reuse; within its grace, the provider trades a spent refresh token again. */
beforeEach(() => {
  provider.on('token', async ({ form, headers }, respond) => {
    if (form.get('grant_type') !== 'refresh_token') return undefined;
    const value = form.get('refresh_token') ?? '';
    const pid = Number(headers['x-process']);
    refreshes += 1;
    if (strike.instead) {
      strike.instead(pid);
      return { destroy: true };
    }
    strike.before?.(pid);
    const family = provider.spentRefreshTokens.get(value);
    if (family !== undefined) reused += 1;
    if (family !== undefined && grace) {
      const sibling = [...provider.refreshTokens.values()].find((one) => one.family === family);
      if (sibling) provider.refreshTokens.set(value, sibling);
      provider.spentRefreshTokens.delete(value);
    }
    const answer = await respond();
    strike.after?.(pid);
    return { ...answer, delay: 5 };
  });
});
afterEach(() => provider.reset());

/** How all calls of a round ended, how many tokens they used in vain, and what was declared dead. */
function sum(reports: (WorkerReport | undefined)[]) {
  const outcomes: Record<string, number> = {};
  for (const report of reports)
    for (const [outcome, count] of Object.entries(report?.outcomes ?? {}))
      outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
  const used = new Set(reports.flatMap((report) => report?.used ?? []));
  const revoked = [...used].filter((token) => !provider.accessTokens.has(token)).length;
  return { outcomes, revoked, dead: reports.flatMap((report) => report?.dead ?? []) };
}

/** Four processes that share a store, and a provider that revokes a whole login when a token is reused. */
export function describeRefresh(kind: StoreKind): void {
  const name = `refresh_test_${randomBytes(6).toString('hex')}`;
  let opened: OpenStore;
  let fleet: Fleet;

  beforeAll(async () => {
    opened = await openStore(kind, name);
  });
  afterAll(() => opened.close(true));
  afterEach(() => fleet.close());

  const registry = () =>
    new OAuth({ config: {}, tokenStore: opened.store, secret }).register('app', client).app;

  async function start(lease?: number, reuseGrace?: number): Promise<void> {
    const refresh = lease === undefined ? {} : { lockTtl: lease };
    const own = reuseGrace === undefined ? client : { ...client, refreshReuseWindow: reuseGrace };
    fleet = await startFleet(folder, processes, { kind, name, secret, client: own, refresh });
  }

  /** A person who logged in a while ago, whose token has expired. */
  async function newOwner(round: number): Promise<string> {
    const userId = `owner-${randomBytes(4).toString('hex')}-${round}`;
    const app = registry();
    await app.saveToken({ ...(await login(app)), expires_at: 1 }, { userId });
    [refreshes, reused] = [0, 0];
    provider.requests.length = 0;
    return userId;
  }

  it(
    `[X3] four processes on ${kind} refresh one token once for 1000 callers, ${rounds} times (RFC 9700 §4.14.2)`,
    async () => {
      grace = false;
      await start();
      let total = 0;
      for (let round = 0; round < rounds; round += 1) {
        const userId = await newOwner(round);
        const { outcomes, revoked, dead } = sum(await fleet.callAll(userId, 250));
        expect({ outcomes, revoked, dead, refreshes, reused }).toEqual({
          outcomes: { 200: processes * 250 },
          revoked: 0,
          dead: [],
          refreshes: 1,
          reused: 0,
        });
        total += refreshes;
      }
      expect(total).toBe(rounds);
    },
    8 * minutes,
  );

  it(`[X3] a process on ${kind} that is suspended before its refresh request sends no refresh token that another has used`, async () => {
    grace = false;
    const refresh = { lockTtl: 1 };
    const config = { kind, name, secret, client, refresh, suspends: true };
    fleet = await startFleet(folder, 1, config);
    const userId = await newOwner(0);
    const stored = async () =>
      (await opened.store.get({ userId, client: 'app', account: '' }))?.version;
    const before = await stored();
    const reports = fleet.callAll(userId, 10);
    await expect.poll(stored, { timeout: 10_000 }).not.toBe(before);
    expect((await registry().get('me', { userId })).status).toBe(200);
    process.kill(fleet.pids[0] ?? 0, 'SIGCONT');
    const { outcomes, revoked, dead } = sum(await reports);
    expect({ outcomes, revoked, dead, refreshes, reused }).toEqual({
      outcomes: { 200: 10 },
      revoked: 0,
      dead: [],
      refreshes: 1,
      reused: 0,
    });
  });

  /** Kills one process a round: anyone at any time, or the one that refreshes, at its worst moments. */
  function plan(round: number): { kills: () => number } {
    let kills = 0;
    const kill = (pid: number): void => {
      strike = {};
      kills += 1;
      fleet.kill(pid);
    };
    strike = [{}, { instead: kill }, { before: kill }, { after: kill }][round % 4] ?? {};
    if (round % 4 === 0) {
      const victim = fleet.pids[randomInt(processes)] ?? 0;
      setTimeout(() => kill(victim), randomInt(60));
    }
    return { kills: () => kills };
  }

  it(
    `[X3] four processes on ${kind} lose no token to kill -9 where the provider has a grace, ${rounds} times`,
    async () => {
      grace = true;
      await start(1, 60);
      for (let round = 0; round < rounds; round += 1) {
        const userId = await newOwner(round);
        const { kills } = plan(round);
        const reports = await fleet.callAll(userId, 50);
        const { outcomes, revoked, dead } = sum(reports);
        const survivors = reports.filter((report) => report !== undefined).length;
        expect({ outcomes, revoked, dead }).toEqual({
          outcomes: { 200: survivors * 50 },
          revoked: 0,
          dead: [],
        });
        expect(survivors).toBeGreaterThanOrEqual(processes - 1);
        expect(refreshes).toBeLessThanOrEqual(2);
        await expect.poll(kills).toBe(1);
        expect((await registry().get('me', { userId })).status).toBe(200);
        await fleet.ready();
      }
    },
    8 * minutes,
  );

  it(
    `[X3] four processes on ${kind} report every token that kill -9 costs where the provider has no grace, ${rounds} times`,
    async () => {
      grace = false;
      await start(1);
      let [kept, lost] = [0, 0];
      for (let round = 0; round < rounds; round += 1) {
        const userId = await newOwner(round);
        const { kills } = plan(round);
        const reports = await fleet.callAll(userId, 50);
        const { outcomes, revoked, dead } = sum(reports);
        const survivors = reports.filter((report) => report !== undefined).length;
        await expect.poll(kills).toBe(1);
        const [stored] = await registry().listTokens({ userId });
        if (stored?.dead) {
          lost += 1;
          expect(dead).toEqual([`${userId} lost`]);
          expect(outcomes).toEqual({ invalid_token: survivors * 50 });
        } else {
          kept += 1;
          expect({ outcomes, revoked, dead }).toEqual({
            outcomes: { 200: survivors * 50 },
            revoked: 0,
            dead: [],
          });
          expect((await registry().get('me', { userId })).status).toBe(200);
        }
        await fleet.ready();
      }
      // Half of them died when the provider had acted: nothing can save those. A quarter died before.
      expect(lost).toBeGreaterThanOrEqual(Math.floor(rounds / 2));
      expect(kept).toBeGreaterThanOrEqual(Math.floor(rounds / 4));
    },
    8 * minutes,
  );
}
