import { defineConfig } from 'vitest/config';
import { alias } from './vitest.config.js';

/** The tests of `pnpm mutation`. They run in a thread, which takes no options of V8. */
export default defineConfig({
  resolve: { alias },
  test: {
    name: 'mutation',
    include: ['packages/core/src/**/*.test.ts', 'test/{client,protocols}/**/*.test.ts'],
    // The modules are loaded once for all mutants.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
