// Checks the packages as they are published: publint for package.json, Are the types wrong? for the declarations.
// Needs `pnpm build`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packAll } from './pack.mjs';

const folder = mkdtempSync(join(tmpdir(), 'published-'));
try {
  for (const { name, file } of packAll(folder)) {
    const tarball = new Uint8Array(readFileSync(file)).buffer;
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    const found = messages.map((message) => formatMessage(message, pkg));
    // The packages are ES modules only: what CommonJS sees is not checked.
    const types = spawnSync('npx', ['attw', file, '--profile', 'esm-only', '--format', 'ascii'], {
      encoding: 'utf8',
    });
    if (types.status !== 0) found.push(types.stdout + types.stderr);
    console.log(`${name.padEnd(30)} ${found.length === 0 ? 'good' : ''}`);
    for (const one of found) console.error(one);
    if (found.length > 0) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
