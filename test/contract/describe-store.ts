import type { TokenStore } from '@oauth-registry/core/types';
import { describe, it } from 'vitest';
import { storeContract } from './store-contract.js';

/** Runs the whole contract on a store, seen from two processes if there are two connections. */
export function describeStore(name: string, open: () => readonly [TokenStore, TokenStore]): void {
  describe(`${name} passes the store contract`, () => {
    for (const { id, title, run } of storeContract)
      it(`[A26] ${id}: ${title}`, () => run(...open()));
  });
}
