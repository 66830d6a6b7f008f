import {
  OAuth,
  isOAuthError,
  type RefreshSettings,
  type RegisterOptions,
} from '@oauth-registry/core';
import { openStore, type StoreKind } from './store.js';

/** What a process of the fleet is made of. */
export interface WorkerConfig {
  kind: StoreKind;
  name: string;
  secret: string;
  client: RegisterOptions;
  refresh: Partial<RefreshSettings>;
}

/** An order: so many calls at once with the token of an owner. */
export interface WorkerOrder {
  id: number;
  owner: string;
  calls: number;
}

/** How the calls ended: how often with which status or error, and which authorizations were declared dead. */
export interface WorkerReport {
  id: number;
  outcomes: Record<string, number>;
  /** Every access token that a call was made with. */
  used: string[];
  dead: string[];
}

const { kind, name, secret, client, refresh } = JSON.parse(process.argv[2] ?? '') as WorkerConfig;
const { store } = await openStore(kind, name);
let dead: string[] = [];
const used = new Set<string>();

/** The API answers in the process, so that a hundred thousand calls take no time; the rest is real. */
const answer: typeof fetch = async (url, init) => {
  if (!String(url).startsWith(client.apiBaseUrl ?? '-')) return await fetch(url, init);
  used.add(new Headers(init?.headers).get('authorization')?.replace('Bearer ', '') ?? '');
  return new Response();
};

const { app } = new OAuth({
  config: {},
  tokenStore: store,
  secret,
  refresh,
  fetch: answer,
  authorizationDead: (_name, { owner, reason }) => void dead.push(`${owner} ${reason}`),
}).register('app', {
  ...client,
  complianceFix: {
    refreshTokenRequest: ({ headers }) => headers.set('x-process', String(process.pid)),
  },
});

async function call(owner: string): Promise<string> {
  try {
    return String((await app.get('me', { owner })).status);
  } catch (error) {
    return isOAuthError(error) ? error.code : String(error);
  }
}

process.on('message', ({ id, owner, calls }: WorkerOrder) => {
  void (async () => {
    const ended = await Promise.all(Array.from({ length: calls }, () => call(owner)));
    const outcomes: WorkerReport['outcomes'] = {};
    for (const outcome of ended) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    process.send?.({ id, outcomes, used: [...used], dead } satisfies WorkerReport);
    used.clear();
    dead = [];
  })();
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
