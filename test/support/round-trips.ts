import { OAuth } from '@oauth-registry/core';
import type { TokenStore } from '@oauth-registry/core/types';
import { plainClient } from './apps/express.js';
import { login } from './login.js';
import { startProvider } from './provider/index.js';

/** The calls of a store's methods at each step. */
export interface RoundTrips {
  /** `saveToken()` at a login, and at another one. */
  saves: readonly [string[], string[]];
  /** The first API call with the expired token that a login stored. */
  refresh: string[];
  /** The same by a process that has not read the token yet. */
  coldRefresh: string[];
}

/** Logs in twice with a store, then refreshes twice, and returns every call of the store. */
export async function countRoundTrips(tokenStore: TokenStore): Promise<RoundTrips> {
  const provider = await startProvider({ openid: false });
  const calls: string[] = [];
  const counted = counting(tokenStore, calls);
  const start = () =>
    new OAuth({
      config: {},
      tokenStore: counted,
      secret: 'a secret of thirty-two characters',
    }).register('plain', plainClient(provider)).plain;
  const owner = { userId: `owner-${crypto.randomUUID()}` };
  const during = async (step: () => Promise<unknown>): Promise<string[]> => {
    calls.length = 0;
    await step();
    return [...calls];
  };
  const [client, another] = [start(), start()];
  const expired = { ...(await login(client)), expires_at: 1 };
  try {
    const saves = [
      await during(() => client.saveToken(expired, owner)),
      await during(() => client.saveToken(expired, owner)),
    ] as const;
    const refresh = await during(() => client.get('me', owner));
    await client.saveToken({ ...(await login(client)), expires_at: 1 }, owner);
    const coldRefresh = await during(() => another.get('me', owner));
    return { saves, refresh, coldRefresh };
  } finally {
    await client.deleteToken(owner);
    await provider.close();
  }
}

function counting(store: TokenStore, calls: string[]): TokenStore {
  return new Proxy(store, {
    get: (target, name: keyof TokenStore) => {
      const method = target[name];
      if (typeof method !== 'function') return method;
      return (...args: never[]) => {
        calls.push(name);
        return (method as (...given: never[]) => unknown)(...args);
      };
    },
  });
}
