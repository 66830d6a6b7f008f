import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ClientFindings } from '@oauth-registry/core/inspect';
import { createJiti } from 'jiti';
import { UsageError, type Terminal } from './output.js';

/** Files that may contain the registry, in the order in which they are tried. */
const usual = ['oauth-registry.config', 'oauth', 'src/oauth', 'lib/oauth', 'app/oauth'].flatMap(
  (name) => ['ts', 'mts', 'js', 'mjs'].map((extension) => `${name}.${extension}`),
);

/** Checks every client of a registry and prints what to change. Returns the exit code. */
export async function doctor(
  given: { file?: string | undefined; callback?: string | undefined },
  terminal: Terminal,
): Promise<number> {
  const file = findFile(given.file, terminal.cwd);
  const registry = await load(file);
  const { inspectRegistry } = await inspectorFor(file);
  const all: ClientFindings[] = [];
  let errors = 0;
  let stop = terminal.wait?.('Checking the clients');
  try {
    for await (const found of inspectRegistry(registry, given.callback)) {
      stop?.();
      all.push(found);
      errors += found.findings.filter(({ level }) => level === 'error').length;
      if (!terminal.json) print(found, terminal);
      stop = terminal.wait?.('Checking the clients');
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(
      `${file} does not export a registry as "oauth" or as its default. Export what new OAuth() or register() returned.`,
    );
  } finally {
    stop?.();
  }
  if (all.length === 0) terminal.say('The registry has no clients yet. Add one with register().');
  if (terminal.json) terminal.result(JSON.stringify({ file, clients: all }, undefined, 2));
  else terminal.say(errors === 0 ? 'No errors.' : `Errors to correct: ${errors}.`);
  return errors === 0 ? 0 : 1;
}

function findFile(given: string | undefined, cwd: string): string {
  const file = given ?? usual.find((one) => existsSync(join(cwd, one)));
  if (file === undefined) {
    throw new UsageError(
      `There is no registry in ${usual.slice(0, 5).join(', ')} … Pass the path of the module that exports it.`,
    );
  }
  const path = resolve(cwd, file);
  if (existsSync(path)) return path;
  throw new UsageError(
    `The file ${path} does not exist. Pass the path of the module that exports the registry.`,
  );
}

/** Imports the module alone, which may be TypeScript; it must not start a server. */
async function load(file: string): Promise<unknown> {
  const jiti = createJiti(pathToFileURL(file).href, { interopDefault: false });
  const module = /\.[cm]?ts$/.test(file)
    ? await jiti.import<Record<string, unknown>>(file)
    : ((await import(pathToFileURL(file).href)) as Record<string, unknown>);
  const { oauth, default: own } = module;
  const inner = (own as Record<string, unknown> | undefined)?.['default'];
  return oauth ?? (own as Record<string, unknown> | undefined)?.['oauth'] ?? inner ?? own;
}

/** The registry's own installation of core, which alone can inspect it. */
async function inspectorFor(file: string): Promise<typeof import('@oauth-registry/core/inspect')> {
  for (const from of [file, import.meta.url]) {
    try {
      const path = createRequire(from).resolve('@oauth-registry/core/inspect');
      return (await import(pathToFileURL(path).href)) as never;
    } catch {
      // Not installed there.
    }
  }
  return await import('@oauth-registry/core/inspect');
}

function print({ client, findings }: ClientFindings, { result, colors }: Terminal): void {
  result(colors.bold(client));
  for (const { level, check, text } of findings) {
    const mark = {
      ok: colors.green('ok'),
      warning: colors.yellow('warning'),
      error: colors.red('error'),
    };
    result(`  ${mark[level]}${' '.repeat(9 - level.length)}${check.padEnd(24)}${text}`);
  }
}
