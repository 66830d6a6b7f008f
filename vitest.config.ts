import { defineConfig } from 'vitest/config';

const source = (path: string) => new URL(path, import.meta.url).pathname;

/** Tests run against the sources; the published names resolve to them as package.json's exports do. */
export const alias = [
  { find: '@oauth-registry/core/testing', replacement: source('test/testing.ts') },
  {
    find: /^@oauth-registry\/core\/(adapter|inspect|oauth1|providers|replace-providers|texts|types)$/,
    replacement: source('packages/core/src/$1.ts'),
  },
  { find: '@oauth-registry/core/browser', replacement: source('packages/core/src/browser.ts') },
  {
    find: /^@oauth-registry\/core\/stores\/([\w-]+)$/,
    replacement: source('packages/core/src/stores/$1.ts'),
  },
  {
    find: '@oauth-registry/web/node',
    replacement: source('packages/web/src/node.ts'),
  },
  {
    find: /^@oauth-registry\/(core|express|fastify|next|web)$/,
    replacement: source('packages/$1/src/index.ts'),
  },
];

/** Tests use servers on loopback, not the proxy of the machine. */
const env = { http_proxy: '', https_proxy: '' };

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'unit',
          env,
          include: [
            'packages/*/src/**/*.test.ts',
            'examples/*/src/**/*.test.ts',
            'test/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**', 'test/e2e/**', 'test/services/**'],
          // Loading the modules takes longer than most files. A file undoes what it changes in the process.
          isolate: false,
          // Vitest leaves a core to itself, which it does not need then.
          maxWorkers: '100%',
          // The embedded PostgreSQL starts in half the time if its WebAssembly is not optimized.
          execArgv: ['--liftoff-only'],
          // A busy machine is no failure.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'services',
          env,
          include: ['test/services/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'e2e',
          env,
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
