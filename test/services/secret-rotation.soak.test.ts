import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import type { TokenStore } from '@oauth-registry/core/types';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { layOut } from '../contract/compile.js';
import { login } from '../support/login.js';
import { plainClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { createCaller, type WorkerReport } from '../support/fleet/caller.js';
import { startFleet } from '../support/fleet/fleet.js';
import { openStore } from '../support/fleet/store.js';
import { rounds, soak } from '../support/rounds.js';

const processes = 8;
/** How many are replaced at the same time. */
const atOnce = 2;
const owners = 5;
const callsAtOnce = 2;
/** Seconds, the default. */
const lockTtl = 10;
const refresh = { cacheTtl: 0, lockTtl: lockTtl };
const oldSecret = 'the old secret, of thirty-two characters';
const newSecret = 'the new secret, of thirty-two characters';
const both = { oldFirst: [oldSecret, newSecret], newFirst: [newSecret, oldSecret] };
/** Seconds after which a token is refreshed again. */
const dueAfter = 4;
const minutes = 60_000;

let provider: FakeProvider;
let client: RegisterOptions;
/** Refresh tokens that the provider was sent a second time: it revokes the whole login then. */
let reused = 0;
const folder = layOut('support/fleet');

beforeAll(async () => {
  provider = await startProvider({ openid: false });
  client = plainClient(provider);
  // Due again after half of it.
  provider.settings.expiresIn = 2 * dueAfter;
});
afterAll(async () => {
  await provider.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  reused = 0;
  provider.on('token', ({ form }) => {
    if (provider.spentRefreshTokens.has(form.get('refresh_token') ?? '')) reused += 1;
    return undefined;
  });
});

/** The processes of an application; each can be replaced by one with other secrets. */
interface Team {
  store: TokenStore;
  callAll(userId: string, calls: number): Promise<(WorkerReport | undefined)[]>;
  replace(index: number, secret: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

type Kind = 'postgres' | 'redis' | 'memory';

async function start(kind: Kind, secret: readonly string[]): Promise<Team> {
  return kind === 'memory' ? startInMemory(secret) : await startProcesses(kind, secret);
}

/** Eight registries in this process, as a store in memory is no other process's. */
function startInMemory(secret: readonly string[]): Team {
  const store = { ...memoryStore(), volatile: false };
  const make = (own: readonly string[]) => createCaller(store, { secret: own, client, refresh });
  const callers = Array.from({ length: processes }, () => make(secret));
  return {
    store,
    callAll: async (userId, calls) =>
      await Promise.all(callers.map((call) => call({ id: 0, userId, calls }))),
    replace: async (index, own) => void callers.splice(index, 1, make(own)),
    close: async () => undefined,
  };
}

async function startProcesses(
  kind: 'postgres' | 'redis',
  secret: readonly string[],
): Promise<Team> {
  const name = `rotation_test_${randomBytes(6).toString('hex')}`;
  const opened = await openStore(kind, name);
  const config = { kind, name, client, refresh };
  const fleet = await startFleet(folder, processes, { ...config, secret });
  return {
    store: opened.store,
    callAll: fleet.callAll,
    replace: async (index, own) => await fleet.replace(index, { ...config, secret: own }),
    close: async () => {
      fleet.close();
      await opened.close(true);
    },
  };
}

const registryOf = (store: TokenStore, secret: string | readonly string[]) =>
  new OAuth({ config: {}, tokenStore: store, secret }).register('app', client).app;

/** What all calls came to. */
function createTally() {
  const tally = { outcomes: {} as Record<string, number>, dead: [] as string[], slowest: 0 };
  const used = new Set<string>();
  return {
    add(reports: (WorkerReport | undefined)[]): void {
      for (const { outcomes, dead, slowest, used: tokens } of reports.flatMap((one) => one ?? [])) {
        for (const [outcome, count] of Object.entries(outcomes))
          tally.outcomes[outcome] = (tally.outcomes[outcome] ?? 0) + count;
        tally.dead.push(...dead);
        tally.slowest = Math.max(tally.slowest, slowest);
        for (const token of tokens) used.add(token);
      }
    },
    expectNothingLost(): void {
      const { outcomes, dead, slowest } = tally;
      const revoked = [...used].filter((token) => !provider.accessTokens.has(token));
      expect({ codes: Object.keys(outcomes), dead, revoked, reused }).toEqual({
        codes: ['200'],
        dead: [],
        revoked: [],
        reused: 0,
      });
      expect(slowest).toBeLessThan(2 * lockTtl * 1000);
      expect(used.size).toBeGreaterThan(2 * owners);
    },
    text: () => JSON.stringify({ ...tally, slowest: Math.round(tally.slowest), used: used.size }),
  };
}

/** One rotation under load: each process in turn gets the second secret, then the other order. */
async function rotate(kind: Kind): Promise<string> {
  const team = await start(kind, [oldSecret]);
  const tally = createTally();
  const names = Array.from({ length: owners }, () => `owner-${randomBytes(4).toString('hex')}`);
  const stop = new AbortController();
  const load = async (userId: string): Promise<void> => {
    while (!stop.signal.aborted) {
      tally.add(await team.callAll(userId, callsAtOnce));
      await sleep(soak ? 250 : 25);
    }
  };
  const roll = async (secret: readonly string[]): Promise<void> => {
    for (let index = 0; index < processes; index += atOnce) {
      const pair = Array.from({ length: atOnce }, (_, i) => team.replace(index + i, secret));
      await Promise.all(pair);
      // Both orders stand side by side for as long as a token takes to be due again.
      await sleep(index + atOnce === processes / 2 ? dueAfter * 1000 : 100);
    }
  };
  try {
    const app = registryOf(team.store, oldSecret);
    for (const userId of names)
      await app.saveToken({ ...(await login(app)), expires_at: 1 }, { userId });
    const loads = Promise.all(names.map(load));
    await roll(both.oldFirst);
    await roll(both.newFirst);
    // And back, as a deployment that is undone.
    for (const secrets of soak ? [both.oldFirst, both.newFirst] : []) await roll(secrets);
    await sleep(dueAfter * 1000);
    stop.abort();
    await loads;
    tally.expectNothingLost();
    // Every token was refreshed, and so written, since: the old secret is not needed any more.
    const later = registryOf(team.store, newSecret);
    for (const userId of names) expect((await later.get('me', { userId })).status).toBe(200);
    return tally.text();
  } finally {
    stop.abort();
    await team.close();
  }
}

it.each<Kind>(['memory', 'redis', 'postgres'])(
  'loses no refresh token on %s when the secret is rotated process by process, both orders side by side (RFC 9700 §4.14.2)',
  { timeout: rounds(8, 120) * minutes },
  async (kind) => {
    for (let round = 0; round < rounds(1, 20); round += 1) {
      console.log(`${kind}, round ${round + 1}: ${await rotate(kind)}`);
    }
  },
);
