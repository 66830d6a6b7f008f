import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from './output.js';

/** A stored login: how to make its client again, and the token. */
export interface TokenFile {
  target: string;
  /** Options of the client that were given on the command line, without the secret. */
  options: Record<string, string>;
  token: Record<string, unknown>;
}

/** Returns the default path of a login's token file, below the user's configuration folder. */
export function defaultTokenFile(
  target: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const folder = env['XDG_CONFIG_HOME'] || env['APPDATA'] || join(homedir(), '.config');
  return join(folder, 'oauth-registry', `${nameOf(target).replace(/[^\w.-]/g, '_')}.json`);
}

function nameOf(target: string): string {
  if (!URL.canParse(target)) return target;
  const { host, pathname } = new URL(target);
  return host + pathname.replace(/\/$/, '');
}

/**
 * Writes a token file that only its owner can read, and returns its path. The file is replaced
 * atomically, so it never contains half a token or has other permissions.
 */
export async function storeToken(content: TokenFile, file: string): Promise<string> {
  const path = resolve(file);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await writeFile(draft, `${JSON.stringify(content, undefined, 2)}\n`, {
      mode: 0o600,
      flag: 'wx',
    });
    // The process umask may have removed permissions of the owner.
    await chmod(draft, 0o600);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  return path;
}

/** Reads a token file. */
export async function readToken(file: string): Promise<TokenFile> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) {
    throw new UsageError(`There is no token in ${file}. Log in first: oauth-registry login …`);
  }
  const { target, options, token } = parse(text, file);
  if (typeof target === 'string' && isObject(token))
    return { target, options: isObject(options) ? options : {}, token };
  throw new UsageError(`${file} was not written by "oauth-registry login". Log in again.`);
}

/** Removes a token file. */
export async function removeToken(file: string): Promise<void> {
  await rm(resolve(file), { force: true });
}

function parse(text: string, file: string): Partial<TokenFile> {
  try {
    return Object(JSON.parse(text)) as Partial<TokenFile>;
  } catch {
    // The message of the parser would have a part of the token.
    throw new UsageError(`${file} is not JSON. Log in again to replace it: oauth-registry login …`);
  }
}

function isObject(value: unknown): value is Record<string, never> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
