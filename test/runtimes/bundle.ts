import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('../..', import.meta.url));
const source = (path: string): string => join(root, 'packages/core/src', path);

/** How a module becomes one file. */
export interface BundleOptions {
  /** Values in place of global names. */
  define?: Record<string, string>;
  /** Our packages: `sources` without a build, `published` from `dist/`, `external` is left to the runtime. */
  packages: 'sources' | 'published' | 'external';
}

/** Bundles a module for a runtime of web standards: a path below `test/runtimes`, or a whole one. */
export async function bundle(file: string, { define, packages }: BundleOptions): Promise<string> {
  const build = await rolldown({
    input: resolve(import.meta.dirname, file),
    platform: 'neutral',
    ...(packages === 'external' ? { external: /^@oauth-registry\// } : {}),
    resolve: {
      ...(packages === 'sources'
        ? {
            alias: {
              '@oauth-registry/core/adapter': source('adapter.ts'),
              '@oauth-registry/core': source('index.ts'),
            },
          }
        : {}),
      mainFields: ['module', 'main'],
      conditionNames: ['workerd', 'worker', 'import'],
    },
    transform: { define: define ?? {} },
  });
  const { output } = await build.generate({ format: 'esm', codeSplitting: false });
  return output[0].code;
}
