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
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
