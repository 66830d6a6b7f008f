// Shows that what would be published works: packs the packages, installs them in an empty folder with npm, runs the
// program of the README's quick start there and logs in. Needs `pnpm build` and a registry. Publishes nothing.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packAll } from './pack.mjs';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'release-'));
const port = 3000;

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const install = /^npm install (.*@oauth-registry\/express.*)$/m.exec(readme)?.[1];
const program = /```ts\n([^`]*app\.listen\([^`]*)```/.exec(readme)?.[1];
const metadataUrl = 'https://id.corp.example/.well-known/openid-configuration';
if (!install || !program?.includes(metadataUrl)) {
  throw new Error(
    `README.md needs "npm install … @oauth-registry/express …" and a program with ${metadataUrl}.`,
  );
}

try {
  const packed = new Map(packAll(folder).map(({ name, file }) => [name, file]));
  const names = install.split(' ').map((name) => packed.get(name) ?? name);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  run('npm', ['install', '--no-audit', '--no-fund', ...names]);
  run('npm', ['install', '--no-audit', '--no-fund', '--save-dev', 'typescript', '@types/node@20']);

  const testing = join(folder, 'node_modules/@oauth-registry/core/dist/testing/testing.js');
  const { Browser, startProvider } = await import(pathToFileURL(testing).href);
  const provider = await startProvider();
  writeFileSync(join(folder, 'app.mts'), program.replace(metadataUrl, provider.metadataUrl));
  run('npx', ['tsc', 'app.mts', '--module', 'nodenext', '--target', 'es2023', '--noCheck']);
  const { clientId, clientSecret } = provider.settings;
  const env = {
    ...process.env,
    CORP_CLIENT_ID: clientId,
    CORP_CLIENT_SECRET: clientSecret,
    SESSION_SECRET: randomBytes(32).toString('base64url'),
  };
  const app = spawn(process.execPath, ['app.mjs'], { cwd: folder, env, stdio: 'inherit' });
  try {
    await ready(app);
    const page = await new Browser().follow(`http://localhost:${port}/login`);
    if (page.status !== 200 || !page.text().includes(provider.settings.user.sub)) {
      throw new Error(`The login of the README's program ended with status ${page.status}.`);
    }
    console.log(
      `The README's program logs in with the packed packages: ${[...packed.keys()].join(', ')}`,
    );
  } finally {
    app.kill();
    await provider.close();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(command, args) {
  console.log(`$ ${[command, ...args.map((one) => one.replace(`${folder}/`, ''))].join(' ')}`);
  execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Waits until the application accepts connections. */
async function ready(app) {
  for (let tries = 0; tries < 100; tries += 1) {
    if (app.exitCode !== null) throw new Error(`The README's program ended with ${app.exitCode}.`);
    const up = await fetch(`http://localhost:${port}/`).then(
      () => true,
      () => false,
    );
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The README's program does not listen on port ${port}.`);
}
