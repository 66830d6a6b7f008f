/** A client of the package `redis`, version 5 or later. */
export interface NodeRedis {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** A client of the package `ioredis`. */
export interface IoRedis {
  defineCommand(...definition: never): unknown;
  eval(script: string, keys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** Runs a script on one key. */
export function runScript(
  client: NodeRedis | IoRedis,
  script: string,
  { key, args = [] }: { key: string; args?: string[] },
): Promise<unknown> {
  return 'defineCommand' in client
    ? client.eval(script, 1, key, ...args)
    : client.eval(script, { keys: [key], arguments: args });
}
