// Prints what the installation of each package takes: bytes and files of the package as it is published, and with its
// dependencies. Ends with exit code 1 if core, or an installation, takes more than its limit. Needs `pnpm build`.
import { readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const limits = {
  core: { bytes: 1_250_000, files: 120 },
  installation: { bytes: 2_000_000, files: 250 },
};

const sum = (sizes) =>
  sizes.reduce((all, one) => ({ bytes: all.bytes + one.bytes, files: all.files + one.files }), {
    bytes: 0,
    files: 0,
  });

/** The size of a file or folder, without nested packages. */
function sizeOf(path) {
  const stat = statSync(path);
  if (stat.isFile()) return { bytes: stat.size, files: 1 };
  const names = readdirSync(path).filter((name) => name !== 'node_modules');
  return sum(names.map((name) => sizeOf(join(path, name))));
}

/** The size of a package of the project: `files` of package.json, and what is always published. */
function publishedSize(folder) {
  const { files } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const license = join(root, 'LICENSE');
  const paths = [...files, 'package.json', 'README.md'].map((file) => join(folder, file));
  return sum([...paths, license].map(sizeOf));
}

/** The folders of a package's dependencies and of theirs. */
function dependenciesOf(folder, found = new Set()) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    const paths = createRequire(join(realpathSync(folder), 'package.json')).resolve.paths(name);
    const path = paths.map((modules) => join(modules, name)).find((one) => exists(one));
    const real = realpathSync(path);
    if (found.has(real)) continue;
    found.add(real);
    dependenciesOf(real, found);
  }
  return found;
}

function exists(path) {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function check(what, { bytes, files }, limit) {
  console.log(
    `${what.padEnd(36)} ${(bytes / 1e6).toFixed(2)} MB ${String(files).padStart(4)} files`,
  );
  if (limit === undefined || (bytes <= limit.bytes && files <= limit.files)) return;
  console.error(`The limit of ${what} is ${limit.bytes / 1e6} MB and ${limit.files} files.`);
  process.exitCode = 1;
}

const coreFolder = join(root, 'packages/core');
const core = publishedSize(coreFolder);
const dependencies = sum([...dependenciesOf(coreFolder)].map(sizeOf));
check('core', core, limits.core);
for (const name of ['express', 'fastify', 'next', 'web']) {
  const own = publishedSize(join(root, 'packages', name));
  check(name, own);
  check(
    `${name} with core and its dependencies`,
    sum([own, core, dependencies]),
    limits.installation,
  );
}
