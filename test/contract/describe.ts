import { describe, it } from 'vitest';
import { adapterContract, runCheck, type ContractAdapter } from './adapter-contract.js';

/** Runs the whole contract on adapters; what a platform rules out is named, with the reason. */
export function describeContract(matrix: readonly ContractAdapter[]): void {
  describe.concurrent.each(matrix.map((adapter) => [adapter.name, adapter] as const))(
    '%s passes the adapter contract',
    (_name, adapter) => {
      for (const check of adapterContract) {
        const reason = adapter.skip?.[check.id];
        const title = `[X10] ${check.id}: ${check.title} (${check.clause})`;
        if (reason === undefined) it(title, () => runCheck(check, adapter), 30_000);
        else it.skip(`${title}, not here: ${reason}`, () => undefined);
      }
    },
  );
}
