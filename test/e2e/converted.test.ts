import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { root, samplesOf } from '../repository/docs-samples.js';
import { Browser } from '../support/browser.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { buildExample, startExample, type ExampleProcess } from './example-process.js';

// Below folders whose packages the programs find.
const folder = join(root, 'test/.samples/converted');
const nextFolder = join(root, 'test/.samples/converted-next');
const samples = samplesOf('docs/converted.md', {});

/** The code of a sample, for the provider of the test. */
function codeOf(path: string, provider: FakeProvider): string {
  const code = samples.find(({ file }) => file.endsWith(`/converted/${path}`))?.code ?? '';
  const github = { serverMetadataUrl: provider.metadataUrl, scope: 'openid profile' };
  return code
    .replace('https://id.corp.example/.well-known/openid-configuration', provider.metadataUrl)
    .replace('https://id.corp.example', provider.base)
    .replace('https://api.corp.example/v1', `${provider.base}/api`)
    .replace("register('github')", `register('github', ${JSON.stringify(github)})`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, 'localhost', () => resolve(Object(server.address()).port as number));
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('the converted applications', () => {
  let provider: FakeProvider;
  const running: ChildProcess[] = [];
  beforeAll(async () => {
    provider = await startProvider({ user: { sub: 'ada', name: 'Ada Lovelace' } });
    mkdirSync(folder, { recursive: true });
  });
  afterEach(() => {
    for (const one of running.splice(0)) one.kill();
  });
  afterAll(async () => {
    for (const one of [folder, nextFolder]) rmSync(one, { recursive: true, force: true });
    await provider.close();
  });

  /** Starts a program of the page; returns its URL. */
  async function start(path: string): Promise<string> {
    const port = String(await freePort());
    const { outputText } = ts.transpileModule(codeOf(path, provider).replaceAll('3000', port), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
    });
    const file = join(folder, path.replace('.ts', '.mjs'));
    writeFileSync(file, outputText);
    const { clientId: id, clientSecret: secret } = provider.settings;
    const names = ['CORP', 'GITHUB'];
    const ids = names.map((name) => [`${name}_CLIENT_ID`, id]);
    const secrets = names.map((name) => [`${name}_CLIENT_SECRET`, secret]);
    const env = {
      ...process.env,
      ...Object.fromEntries([...ids, ...secrets]),
      SESSION_SECRET: 'thirty-two characters of secret!',
    };
    const stdio = ['ignore', 'inherit', 'inherit'] as const;
    running.push(spawn(process.execPath, [file], { env, stdio: [...stdio] }));
    const url = `http://localhost:${port}`;
    const responds = () => fetch(url).then(Boolean, () => false);
    await expect.poll(responds, { timeout: 20_000 }).toBe(true);
    return url;
  }

  it('Flask with Authlib: logs in, calls the API with a refreshed token, and logs out', async () => {
    const url = await start('flask.ts');
    const browser = new Browser();
    expect((await browser.get(`${url}/`)).json()).toEqual({ user: null });
    provider.settings.expiresIn = 1;
    const done = await browser.follow(`${url}/login`);
    expect([done.url.href, done.json()]).toEqual([`${url}/`, { user: 'ada' }]);
    provider.settings.expiresIn = 3600;
    const before = provider.count('token');
    await new Promise((resolve) => setTimeout(resolve, 1100));
    for (const _ of [1, 2])
      expect((await browser.get(`${url}/projects`)).json()).toMatchObject({
        path: '/api/projects',
        sub: 'ada',
      });
    expect(provider.count('token')).toBe(before + 1);
    const out = await browser.post(`${url}/logout`);
    expect(out.status).toBe(303);
    expect((await browser.get(`${url}/`)).json()).toEqual({ user: null });
  });

  it('Express with passport: guards its page, logs in, and says why a login failed', async () => {
    const url = await start('passport.ts');
    const browser = new Browser();
    const refused = await browser.follow(`${url}/account`);
    expect(refused.url.pathname).toBe('/login');
    const done = await browser.follow(`${url}/auth/github`);
    expect(done.url.pathname).toBe('/account');
    expect(done.json()).toEqual({
      id: expect.stringMatching(/^github\$.*ada$/) as string,
      name: 'Ada Lovelace',
    });
    const again = await browser.follow(`${url}/auth/github/callback?error=access_denied&state=x`);
    expect(again.url.pathname).toBe('/login');
  });

  it(
    'Next.js with Auth.js: builds, logs in, calls the API, and logs out',
    { timeout: 180_000 },
    async () => {
      const files = ['oauth.ts', 'app/auth/[...path]/route.ts', 'app/page.tsx'];
      const example = join(root, 'examples/next-app');
      for (const file of files) {
        mkdirSync(dirname(join(nextFolder, file)), { recursive: true });
        writeFileSync(join(nextFolder, file), codeOf(file, provider));
      }
      for (const file of ['package.json', 'tsconfig.json', 'app/layout.tsx', 'app/style.css'])
        cpSync(join(example, file), join(nextFolder, file));
      symlinkSync(join(example, 'node_modules'), join(nextFolder, 'node_modules'));
      const application = {
        name: 'converted',
        folder: `${nextFolder}/`,
        build: ['next/dist/bin/next', 'build'] as [string, ...string[]],
        start: ['next', 'start'],
        callback: '/auth/callback/corp',
      };
      buildExample(application);
      const app: ExampleProcess = await startExample(application, provider);
      try {
        const browser = new Browser({ secureLoopback: true });
        expect((await browser.get(`${app.url}/`)).text()).toContain('Log in');
        const done = await browser.follow(`${app.url}/auth/login/corp`);
        expect(done.url.pathname).toBe('/');
        expect(done.text()).toContain('Ada Lovelace');
        expect(done.text()).toContain('/api/projects');
        await browser.post(`${app.url}/auth/logout`, {}, { from: app.url });
        expect((await browser.get(`${app.url}/`)).text()).not.toContain('Ada Lovelace');
      } finally {
        await app.stop();
      }
    },
  );
});
