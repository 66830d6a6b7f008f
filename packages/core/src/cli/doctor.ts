import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { OAuthError } from '../errors.js';
import { Registry } from '../registry.js';
import { examine } from './examination.js';
import type { Finding } from './finding.js';
import type { Terminal } from './output.js';

/** Checks every client of a registry file and says what to change; returns the exit code. */
export async function doctor(file: string, terminal: Terminal): Promise<number> {
  const module = (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  return await examineAll(module['oauth'] ?? module['default'], terminal);
}

/** Checks every client of a registry; returns the exit code: 1 where something must be changed. */
export async function examineAll(registry: unknown, { print }: Terminal): Promise<number> {
  const clients =
    typeof registry === 'object' && registry ? Registry.clientsOf(registry) : undefined;
  if (!clients) {
    throw new OAuthError(
      'invalid_options',
      'The file exports no registry as "oauth" or as its default. Export what `new OAuth()` and ' +
        'register() return, and run the command of the same installation of @oauth-registry/core.',
    );
  }
  let errors = 0;
  for (const client of clients) {
    print(client.name);
    for (const finding of await examine(client)) {
      print(line(finding));
      if (finding.level === 'error') errors += 1;
    }
  }
  print(errors === 0 ? 'Nothing has to be changed.' : `To change: ${errors}.`);
  return errors === 0 ? 0 : 1;
}

function line({ level, check, text }: Finding): string {
  return `  ${level.padEnd(8)}${check.padEnd(23)}${text}`;
}
