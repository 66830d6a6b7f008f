import { generateKeyPairSync } from 'node:crypto';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { alias } from './vitest.config.js';

/** Sorts the tests beside a module first: they are the fastest, and the first failure ends a run. */
const order = ({ moduleId }: TestSpecification): number => (moduleId.includes('/src/') ? 0 : 1);

class UnitTestsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => order(a) - order(b));
  }
}

/** RSA keys of the tests: every mutant has a new thread, which would spend most of its time to create them. */
const keys = Object.fromEntries(
  ['k1', 'k2', 'k3', 'enc1', 'client', 'attacker'].map((name) => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    return [name, privateKey.export({ type: 'pkcs8', format: 'pem' })];
  }),
);

/** The tests of `pnpm mutation`. They run in a thread, which takes no options of V8. */
export default defineConfig({
  resolve: { alias },
  test: {
    name: 'mutation',
    include: ['packages/core/src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/{e2e,services}/**'],
    sequence: { sequencer: UnitTestsFirst },
    // The modules are loaded once for all mutants.
    isolate: false,
    env: { TEST_KEYS: JSON.stringify(keys) },
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
