/** The part of Node.js that returns its modules without an import, and the environment variables. */
export interface Runtime {
  process?: {
    getBuiltinModule?: (name: string) => unknown;
    env?: Readonly<Record<string, string | undefined>>;
  };
}

/**
 * Loads a Node.js module at run time, so that bundles for other runtimes need no condition; returns
 * `undefined` there. Call it when the module is needed, not while loading: some runtimes have the
 * function, but it throws.
 */
export function builtinModule<Module>(
  name: string,
  runtime: Runtime = globalThis as Runtime,
): Module | undefined {
  try {
    return runtime.process?.getBuiltinModule?.(name) as Module | undefined;
  } catch {
    return undefined;
  }
}
