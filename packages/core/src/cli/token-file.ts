import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { randomToken } from '../platform/crypto.js';
import type { Token } from '../model/types.js';

/** Returns the default path of a login's token file, below the user's configuration folder. */
export function defaultTokenFile(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const folder = env['XDG_CONFIG_HOME'] || env['APPDATA'] || join(homedir(), '.config');
  return join(folder, 'oauth-registry', `${name.replace(/[^\w.-]/g, '_')}.json`);
}

/**
 * Writes a token file that only its owner can read, and returns its path. The file is replaced
 * atomically, so it never contains half a token or has other permissions.
 */
export async function storeToken(token: Token, file: string): Promise<string> {
  const path = resolve(file);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomToken(8)}`;
  try {
    await writeFile(draft, `${JSON.stringify(token, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
    // The process umask may have removed permissions of the owner.
    await chmod(draft, 0o600);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  return path;
}
