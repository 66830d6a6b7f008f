// Packs the published packages: the tarballs that npm would get. Needs `pnpm build`.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const packages = join(import.meta.dirname, '../packages');

/** Packs every package into a folder. Returns the name and the file of each. */
export function packAll(folder) {
  return readdirSync(packages).map((directory) => {
    const cwd = join(packages, directory);
    const { name } = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'));
    const output = execFileSync('pnpm', ['pack', '--pack-destination', folder], {
      cwd,
      encoding: 'utf8',
    });
    const file = output.trim().split('\n').at(-1);
    return { name, file };
  });
}
