import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../support/browser.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';

const root = join(import.meta.dirname, '../..');
const example = join(root, 'examples/nest');
const folder = join(root, 'test/.samples/nest');
const page = readFileSync(join(root, 'docs/nest.md'), 'utf8');
/** The files of the page. */
const files = [...page.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)];

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

/** Compiles the files of the page for a port, with the error filter of the page. */
function compile(port: number): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [, name = '', text = ''] of files) {
    const path = join(folder, 'src', name);
    mkdirSync(dirname(path), { recursive: true });
    const filter =
      "import { OAuthErrorFilter } from '../express/oauth-error.filter.js';\n" +
      text.replace(
        'await app.listen',
        'app.useGlobalFilters(new OAuthErrorFilter(app.getHttpAdapter()));\nawait app.listen',
      );
    const code = (name.endsWith('main.ts') ? filter : text)
      .replaceAll('3000', String(port))
      .replace('https://id.corp.example', provider.issuer);
    writeFileSync(path, code);
  }
  symlinkSync(join(example, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const options = { rootDir: 'src', outDir: 'dist', noPropertyAccessFromIndexSignature: false };
  const project = { extends: join(example, 'tsconfig.build.json'), compilerOptions: options };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ ...project, include: ['src'] }));
  const tsc = join(folder, 'node_modules/typescript/bin/tsc');
  const built = spawnSync(process.execPath, [tsc], { cwd: folder, encoding: 'utf8' });
  expect(built.status, built.stdout + built.stderr).toBe(0);
}

describe.each(['express', 'fastify'])('the application of docs/nest.md on %s', (platform) => {
  test('[A27] logs in, has the drop-in routes, and responds with the status of an error', async () => {
    const port = await freePort();
    compile(port);
    const { clientId, clientSecret } = provider.settings;
    const app = spawn(process.execPath, [`dist/${platform}/main.js`], {
      cwd: folder,
      env: {
        ...process.env,
        CORP_CLIENT_ID: clientId,
        CORP_CLIENT_SECRET: clientSecret,
        SESSION_SECRET: 'thirty-two characters of secret!',
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const url = `http://localhost:${port}`;
    try {
      const reached = () =>
        fetch(`${url}/auth/login`).then(
          ({ status }) => status,
          () => 0,
        );
      await expect.poll(reached, { timeout: 20_000 }).toBe(200);
      const browser = new Browser();
      const done = await browser.follow(`${url}/login`);
      expect([done.status, done.json()]).toEqual([200, { user: 'user-1' }]);
      const forged = await fetch(`${url}/callback/corp?code=x&state=y`);
      expect(forged.status).toBe(400);
      expect(await forged.text()).toContain('no pending login');
      const dropIn = await new Browser().follow(`${url}/auth/login/corp?returnTo=/account`);
      expect(dropIn.url.pathname).toBe('/account');
      if (platform === 'fastify') return;
      expect(dropIn.json()).toEqual({ user: 'user-1' });
      const stranger = await fetch(`${url}/account`);
      expect([stranger.status, await stranger.json()]).toMatchObject([
        401,
        { error: 'login_required' },
      ]);
    } finally {
      app.kill();
    }
  });
});
