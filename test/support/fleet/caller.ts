import { OAuth, isOAuthError, type RegisterOptions } from '@oauth-registry/core';
import type { RefreshSettings, TokenStore } from '@oauth-registry/core/types';

/** What a process of an application is made of. */
export interface CallerConfig {
  secret: string | readonly string[];
  client: RegisterOptions;
  refresh: Partial<RefreshSettings>;
}

/** An order: so many calls at once with the token of an owner. */
export interface WorkerOrder {
  id: number;
  userId: string;
  calls: number;
}

/** How the calls ended: how often with which status or error, and which authorizations were declared dead. */
export interface WorkerReport {
  id: number;
  outcomes: Record<string, number>;
  /** Every access token that a call was made with. */
  used: string[];
  dead: string[];
  /** Milliseconds of the slowest call. */
  slowest: number;
}

/** Carries out orders, as one process of an application does. */
export type Caller = (order: WorkerOrder) => Promise<WorkerReport>;

/** Makes a registry on a store, and calls with the tokens in it. */
export function createCaller(store: TokenStore, config: CallerConfig): Caller {
  const { secret, client, refresh } = config;
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
    onGrantRevoked: (_name, { userId, reason }) => void dead.push(`${userId} ${reason}`),
  }).register('app', {
    ...client,
    complianceFix: {
      refreshTokenRequest: ({ headers }) => headers.set('x-process', String(process.pid)),
    },
  });

  async function call(userId: string): Promise<{ outcome: string; took: number }> {
    const began = performance.now();
    const outcome = await app.get('me', { userId }).then(
      ({ status }) => String(status),
      (error: unknown) => (isOAuthError(error) ? error.code : String(error)),
    );
    return { outcome, took: performance.now() - began };
  }

  return async ({ id, userId, calls }) => {
    const ended = await Promise.all(Array.from({ length: calls }, () => call(userId)));
    const outcomes: WorkerReport['outcomes'] = {};
    for (const { outcome } of ended) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    const slowest = Math.max(...ended.map(({ took }) => took));
    const report = { id, outcomes, used: [...used], dead, slowest };
    used.clear();
    dead = [];
    return report;
  };
}
