import type { SessionIndex } from '@oauth-registry/core/types';
import { describe, it } from 'vitest';
import { sessionIndexContract } from './session-index-contract.js';

/** Runs the whole contract on an index, seen from two processes if there are two connections. */
export function describeSessionIndex(
  name: string,
  open: () => readonly [SessionIndex, SessionIndex],
): void {
  describe(`${name} passes the contract of session indexes`, () => {
    for (const { id, title, run } of sessionIndexContract)
      it(`${id}: ${title}`, () => run(...open()));
  });
}
