/** The part of Node.js that hands out its modules without an import. */
export interface Runtime {
  process?: { getBuiltinModule?: (name: string) => unknown };
}

/**
 * Loads a module of Node.js at run time, so that bundles for other runtimes need no condition. `undefined`
 * in those. Call it when the module is needed, not when a module of ours is loaded: some runtimes have the
 * function and throw when it is called.
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
