import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { isObject } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import { clientsOf } from '../registry/registry.js';
import { examine } from './examine.js';
import type { Finding } from './finding.js';
import type { Terminal } from './output.js';

/** Checks every client of a registry file and prints what to change. Returns the exit code. */
export async function doctor(file: string, terminal: Terminal, callback: string): Promise<number> {
  const path = resolve(file);
  const module = await import(pathToFileURL(path).href).catch((error: unknown) => {
    throw importError(path, error);
  });
  return await examineAll(exported(module), terminal, callback);
}

/**
 * Returns the registry exported by a module. A module compiled to CommonJS has it in
 * `default.default`.
 */
function exported(module: unknown): unknown {
  const { oauth, default: own } = module as Record<string, unknown>;
  return oauth ?? (isObject(own) && isObject(own['default']) ? own['default'] : own);
}

/** Errors of application code are returned unchanged. */
function importError(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (!existsSync(path))
    return new OAuthError(
      'invalid_options',
      `The file "${path}" does not exist. Pass the path of the module that exports the registry.`,
    );
  if (code !== 'ERR_UNKNOWN_FILE_EXTENSION') return error;
  return new OAuthError(
    'invalid_options',
    `This version of Node.js cannot run "${path}". Compile it to JavaScript first.`,
  );
}

/** Checks every client of a registry. Returns the exit code: 1 if something must be changed. */
export async function examineAll(
  registry: unknown,
  { print }: Terminal,
  callback?: string,
): Promise<number> {
  const clients = typeof registry === 'object' && registry ? clientsOf(registry) : undefined;
  if (!clients) {
    throw new OAuthError(
      'invalid_options',
      'The file does not export a registry as "oauth" or as its default. Export the result ' +
        'of `new OAuth()` and register(), and run the command from the same installation of ' +
        '@oauth-registry/core.',
    );
  }
  let errors = 0;
  for (const client of clients) {
    print(client.name);
    for (const finding of await examine(client, callback)) {
      print(line(finding));
      if (finding.level === 'error') errors += 1;
    }
  }
  print(errors === 0 ? 'No errors.' : `Errors to correct: ${errors}.`);
  return errors === 0 ? 0 : 1;
}

function line({ level, check, text }: Finding): string {
  return `  ${level.padEnd(8)}${check.padEnd(23)}${text}`;
}
