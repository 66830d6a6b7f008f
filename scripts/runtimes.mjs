// Runs test/runtimes/smoke.mjs with the packed packages on every supported runtime and writes docs/runtimes.md.
// Needs `pnpm build` and a registry; takes a minute. By hand only.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packAll } from './pack.mjs';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'runtimes-'));
const { devDependencies: versions } = read(join(root, 'test/package.json'));

/** The runtimes that npm has as packages, and the arguments of each. */
const runtimes = [
  ['Node.js', 'node', '22.23.3', 'node_modules/node/bin/node'],
  ['Node.js', 'node', '24.21.0', 'node_modules/node/bin/node'],
  ['Node.js', 'node', '26.10.0', 'node_modules/node/bin/node'],
  ['Bun', 'bun', versions.bun, 'node_modules/.bin/bun'],
  [
    'Deno',
    'deno',
    versions.deno,
    'node_modules/.bin/deno',
    'run',
    '--node-modules-dir=manual',
    '--allow-net',
    '--allow-env',
    '--allow-read',
  ],
];

try {
  const app = join(folder, 'app');
  const packed = packAll(folder).filter(({ name }) => name.startsWith('@oauth-registry/'));
  const frameworks = ['express', 'express-session', 'fastify', 'fastify-plugin', 'next'];
  install(app, [
    ...packed.map(({ file }) => file),
    ...frameworks.map((name) => `${name}@${versions[name]}`),
  ]);
  cpSync(join(root, 'test/runtimes/smoke.mjs'), join(app, 'smoke.mjs'));
  const entries = packed.flatMap(({ name }) => entriesOf(app, name));

  const rows = [[`Node.js ${process.versions.node}`, smoke(app, entries, [process.execPath])]];
  for (const [title, name, version, program, ...flags] of runtimes) {
    const own = join(folder, `${name}-${version}`);
    install(own, [`${name}@${version}`]);
    rows.push([`${title} ${version}`, smoke(app, entries, [join(own, program), ...flags])]);
  }
  write(rows, entries.length);
  process.exitCode = rows.every(([, results]) => [...results.values()].every(Boolean)) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function read(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function install(to, names) {
  mkdirSync(to);
  writeFileSync(join(to, 'package.json'), '{ "type": "module", "private": true }');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', ...names], { cwd: to, stdio: 'pipe' });
}

/** What an application may import from a package. `browser` is for pages, but nothing happens when it is imported. */
function entriesOf(app, name) {
  const { exports } = read(join(app, 'node_modules', name, 'package.json'));
  const stores = readdirSync(join(app, 'node_modules/@oauth-registry/core/dist/stores'))
    .filter((file) => file.endsWith('.js'))
    .map((file) => `./stores/${file.slice(0, -'.js'.length)}`);
  return Object.keys(exports)
    .filter((path) => path !== './package.json')
    .flatMap((path) => (path === './stores/*' ? stores : path))
    .map((path) => `${name}${path.slice(1)}`);
}

/** The checks of a runtime, and whether each passed. */
function smoke(app, entries, [program, ...flags]) {
  const { status, stdout, stderr } = spawnSync(
    program,
    [...flags, 'smoke.mjs', JSON.stringify(entries)],
    { cwd: app, encoding: 'utf8', timeout: 120_000 },
  );
  const results = new Map();
  for (const line of stdout.split('\n').filter((one) => one.startsWith('{'))) {
    const { name, passed, error } = JSON.parse(line);
    results.set(name, passed);
    if (!passed) console.log(`${program}: ${name}: ${error}`);
  }
  if (status !== 0 || results.size === 0)
    throw new Error(`${program} ended with ${status}:\n${stderr}`);
  return results;
}

function write(rows, count) {
  const names = [...rows[0][1].keys()];
  const title = (name) => (name === 'imports' ? `imports (${count})` : name);
  const table = [
    `| | ${names.map(title).join(' | ')} |`,
    `| --- |${names.map(() => ' --- |').join('')}`,
    ...rows.map(
      ([runtime, results]) =>
        `| ${runtime} | ${names.map((name) => (results.get(name) ? 'yes' : 'no')).join(' | ')} |`,
    ),
  ];
  const page = join(root, 'docs/runtimes.md');
  const text = readFileSync(page, 'utf8');
  const [before] = text.split('<!-- run -->');
  const after = text.split('<!-- end of run -->')[1];
  const day = new Date().toISOString().slice(0, 10);
  writeFileSync(
    page,
    `${before}<!-- run -->

\`node scripts/runtimes.mjs\` ran this on ${day} with the packed packages:

${table.join('\n')}

<!-- end of run -->${after}`,
  );
  execFileSync('npx', ['prettier', '--write', page], { cwd: root, stdio: 'pipe' });
}
