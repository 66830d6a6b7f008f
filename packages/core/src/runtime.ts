/** The part of Node.js that hands out its modules without an import. */
export interface Runtime {
  process?: { getBuiltinModule?: (name: string) => unknown };
}

/**
 * Finds a module of Node.js at run time, so that bundles for other runtimes need no condition. `undefined`
 * in those.
 */
export function builtinModule<Module>(
  name: string,
  runtime: Runtime = globalThis as Runtime,
): Module | undefined {
  return runtime.process?.getBuiltinModule?.(name) as Module | undefined;
}
