import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { randomToken } from '../platform/crypto.js';
import type { Token } from '../model/types.js';

/** Where a login's token is kept unless told otherwise: below the user's configuration folder. */
export function defaultTokenFile(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const folder = env['XDG_CONFIG_HOME'] || env['APPDATA'] || join(homedir(), '.config');
  return join(folder, 'oauth-registry', `${name.replace(/[^\w.-]/g, '_')}.json`);
}

/**
 * Writes a token so that its owner alone can read it, whatever the file was before; returns the path.
 * The file is replaced as a whole, so that no moment shows half a token or somebody else's permissions.
 */
export async function keepToken(token: Token, file: string): Promise<string> {
  const path = resolve(file);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomToken(8)}`;
  try {
    await writeFile(draft, `${JSON.stringify(token, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
    // The mask of the process may have taken away what the owner needs.
    await chmod(draft, 0o600);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  return path;
}
