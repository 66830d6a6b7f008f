import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Browser } from '../support/browser.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';

const root = join(import.meta.dirname, '../..');
const example = join(root, 'examples/sveltekit');
const folder = join(root, 'test/.samples/sveltekit');
const page = readFileSync(join(root, 'docs/sveltekit.md'), 'utf8');
/** The files of the page. */
const files = [...page.matchAll(/^```(?:ts|svelte)\n(?:\/\/|<!--) (\S+).*\n([\s\S]*?)^```$/gm)];

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await provider.close();
});

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, 'localhost', () => resolve(Object(server.address()).port as number));
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('the application of docs/sveltekit.md builds and logs in, with 25 lines for the login', async () => {
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  for (const file of [
    'vite.config.js',
    'svelte.config.js',
    'package.json',
    'tsconfig.json',
    'src/app.html',
  ]) {
    cpSync(join(example, file), join(folder, file));
  }
  symlinkSync(join(example, 'node_modules'), join(folder, 'node_modules'));
  expect(files.map(([, name]) => name)).toHaveLength(6);
  for (const [, name = '', text = ''] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    const code = text
      .replaceAll('5173', String(port))
      .replace('https://id.corp.example', provider.issuer);
    writeFileSync(join(folder, name), code);
  }
  const login = files.slice(0, 3).map(([, , text = '']) => text.split('\n'));
  const lines = login.flat().filter((line) => line.trim() !== '' && !line.startsWith('import'));
  expect(lines.length).toBeLessThanOrEqual(25);
  const vite = join(folder, 'node_modules/vite/bin/vite.js');
  const built = spawnSync(process.execPath, [vite, 'build'], { cwd: folder, encoding: 'utf8' });
  expect(built.status, built.stdout + built.stderr).toBe(0);
  const url = `http://localhost:${port}`;
  const { clientId, clientSecret } = provider.settings;
  const app = spawn(process.execPath, ['build/index.js'], {
    cwd: folder,
    env: {
      ...process.env,
      PORT: String(port),
      ORIGIN: url,
      CORP_CLIENT_ID: clientId,
      CORP_CLIENT_SECRET: clientSecret,
      SESSION_SECRET: 'thirty-two characters of secret!',
    },
    stdio: 'inherit',
  });
  try {
    const reached = () =>
      fetch(url).then(
        ({ status }) => status,
        () => 0,
      );
    await expect.poll(reached, { timeout: 20_000 }).toBe(200);
    for (const start of ['/login', '/auth/login/corp']) {
      const done = await new Browser().follow(url + start);
      expect([done.url.pathname, done.status]).toEqual(['/', 200]);
      expect(done.text()).toContain('user-1');
    }
  } finally {
    app.kill();
  }
});
