// Sets the version that the changesets ask for. Changesets makes a minor version of core a major version of every
// package with a peer dependency on it, because ^0.1.0 does not include 0.2.0. All packages are released together, so
// during the run the adapters accept every version of core.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const own = '"@oauth-registry/core": "workspace:^"';
const any = '"@oauth-registry/core": "workspace:>=0.0.0"';

replaceAll(own, any);
try {
  execFileSync('npx', ['changeset', 'version'], { cwd: root, stdio: 'inherit' });
} finally {
  replaceAll(/"@oauth-registry\/core": "workspace:>=[^"]*"/, own);
}

function replaceAll(from, to) {
  for (const name of readdirSync(join(root, 'packages'))) {
    const file = join(root, 'packages', name, 'package.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
  }
}
