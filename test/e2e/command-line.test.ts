import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'node:net';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { find } from '../cli/terminal.js';

const cli = new URL('../../packages/cli', import.meta.url).pathname;
/** A folder in which the packages are found. */
const built = new URL('../.samples/cli/', import.meta.url).pathname;

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
  mkdirSync(built, { recursive: true });
});
afterAll(async () => {
  await provider.close();
  rmSync(built, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, 'localhost', () => resolve(Object(server.address()).port as number));
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function statusOf(port: number): Promise<number> {
  return fetch(`http://localhost:${port}/`).then(
    ({ status }) => status,
    () => 0,
  );
}

function spawned(args: string[], more: Record<string, string> = {}, cwd = built) {
  const { clientId, clientSecret } = provider.settings;
  const child: ChildProcess = spawn(
    process.execPath,
    [join(cli, 'bin/oauth-registry.js'), ...args],
    {
      cwd,
      env: {
        NODE_ENV: 'test',
        PATH: process.env['PATH'],
        HOME: built,
        CLI_CLIENT_ID: clientId,
        CLI_CLIENT_SECRET: clientSecret,
        CORP_CLIENT_ID: clientId,
        CORP_CLIENT_SECRET: clientSecret,
        ...more,
      },
    },
  );
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (data: Buffer) => (printed += data.toString('utf8')));
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  const text = () => printed;
  return { code, text, find: (what: RegExp) => find(text, what, () => child.exitCode !== null) };
}

describe('the command oauth-registry', { timeout: 30_000 }, () => {
  it('[R4] is a file of the package that Node can run', () => {
    const { bin } = JSON.parse(readFileSync(join(cli, 'package.json'), 'utf8')) as {
      bin: Record<string, string>;
    };
    const command = join(cli, bin['oauth-registry'] ?? '');
    expect(statSync(command).mode & 0o111).toBe(0o111);
    expect(readFileSync(command, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('prints no warning of Node.js if NO_COLOR and FORCE_COLOR are set', async () => {
    const command = spawned(['secret'], { NO_COLOR: '1', FORCE_COLOR: '1' });
    expect(await command.code).toBe(0);
    expect(command.text()).toMatch(/^[\w-]{43}\n$/);
  });

  it.each(['18.20.8', '20.18.3', '21.7.3', '22.11.0', '23.11.1'])(
    'says that Node.js %s is too old',
    async (version) => {
      const preload = `data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '${version}' })`;
      const command = spawned(['secret'], { NODE_OPTIONS: `--import="${preload}"` });
      expect(await command.code).toBe(1);
      expect(command.text()).toBe(
        `oauth-registry needs Node.js 20.19, 22.12, 24 or newer; this is ${version}.\n`,
      );
    },
  );

  it('names the lines of .env that cannot be read', async () => {
    const folder = join(built, 'env');
    mkdirSync(folder);
    writeFileSync(join(folder, '.env'), 'GITHUB_CLIENT_ID: abc\nGITHUB_CLIENT_SECRET=\n');
    const command = spawned(['login', 'github'], {}, folder);
    expect(await command.code).toBe(2);
    expect(command.text()).toMatch(
      /^\.env, line 1: .*Write GITHUB_CLIENT_ID=value\.\n\.env, line 2: GITHUB_CLIENT_SECRET has no value/,
    );
    expect(command.text()).not.toContain('abc');
    expect(command.text()).toContain('There is no client ID.');
  });

  it('[R4] logs in as a process of its own', async () => {
    const command = spawned(['login', provider.issuer]);
    await new Browser().follow(await command.find(/^ {2}(http\S+)$/m));
    expect(await command.code).toBe(0);
    const file = await command.find(/stored in (\S+\.json)/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const token = JSON.parse(readFileSync(file, 'utf8')) as { token: { access_token: string } };
    expect(command.text()).toContain('"sub": "user-1"');
    expect(command.text()).not.toContain(token.token.access_token);
  });

  it.each([
    ['oauth', 'export const oauth =', 'https://app.example', 0],
    ['default', 'export default', 'http://app.example', 1],
  ])(
    '[X6] examines a registry file that exports "%s", and ends',
    async (name, exporting, baseUrl, code) => {
      const file = join(built, `${name}-registry.mjs`);
      const options = { serverMetadataUrl: provider.metadataUrl, scope: 'openid' };
      writeFileSync(
        file,
        `import { OAuth } from '@oauth-registry/core';
        setInterval(() => undefined, 60_000); // as a connection to a database would
        ${exporting} new OAuth({ baseUrl: '${baseUrl}' }).register('corp', ${JSON.stringify(options)});`,
      );
      const command = spawned(['doctor', file]);
      expect(await command.code).toBe(code);
      expect(command.text()).toMatch(/^ {2}ok +client authentication +accepted$/m);
    },
  );

  it('[X6] examines a registry file whose default export was compiled to CommonJS', async () => {
    const file = join(built, 'oauth.cjs');
    writeFileSync(
      file,
      `const { OAuth } = require('@oauth-registry/core');
      exports.__esModule = true;
      exports.default = new OAuth({ baseUrl: 'https://app.example' });`,
    );
    const command = spawned(['doctor', file]);
    expect(await command.code).toBe(0);
    expect(command.text()).toContain('No errors.');
  });
});

describe('oauth-registry init', { timeout: 60_000 }, () => {
  it.each(['express', 'fastify', 'hono'])(
    'writes an application on %s that logs in',
    async (framework) => {
      const folder = join(built, `init-${framework}`);
      const command = spawned(['init', folder, '--framework', framework, '--provider', 'keycloak']);
      expect(await command.code).toBe(0);
      expect(command.text()).toContain('npm install');
      expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600);
      const again = spawned(['init', folder, '--framework', framework, '--provider', 'keycloak']);
      expect(await again.code).toBe(2);
      expect(again.text()).toContain('Nothing was written');

      const port = await freePort();
      for (const file of ['oauth', 'app']) {
        const code = readFileSync(join(folder, `${file}.ts`), 'utf8').replaceAll(
          '3000',
          String(port),
        );
        const { outputText } = ts.transpileModule(code, {
          compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
        });
        writeFileSync(join(folder, `${file}.js`), outputText);
      }
      const { clientId, clientSecret } = provider.settings;
      const app = spawn(process.execPath, ['--env-file=.env', 'app.js'], {
        cwd: folder,
        env: {
          PATH: process.env['PATH'],
          NODE_ENV: 'test',
          KEYCLOAK_ISSUER: provider.issuer,
          KEYCLOAK_CLIENT_ID: clientId,
          KEYCLOAK_CLIENT_SECRET: clientSecret,
        },
        stdio: 'inherit',
      });
      try {
        await expect.poll(() => statusOf(port), { timeout: 20_000 }).toBe(200);
        const page = await new Browser().follow(`http://localhost:${port}/login`);
        expect(page.json()).toMatchObject({ sub: 'user-1' });
      } finally {
        app.kill();
      }
    },
  );

  it.each([
    ['next', 'next-app', 'node_modules/next/dist/bin/next', 3000],
    ['sveltekit', 'sveltekit', 'node_modules/vite/bin/vite.js', 5173],
  ])(
    'writes an application on %s that builds and logs in',
    { timeout: 180_000 },
    async (framework, example, bin, templatePort) => {
      const folder = join(built, `init-${framework}`);
      const command = spawned(['init', folder, '--framework', framework, '--provider', 'keycloak']);
      expect(await command.code).toBe(0);
      expect(command.text()).toContain(`open http://localhost:${templatePort}/login`);
      symlinkSync(
        join(cli, `../../examples/${example}/node_modules`),
        join(folder, 'node_modules'),
      );
      const port = await freePort();
      for (const file of ['oauth.ts', 'src/lib/oauth.server.ts']) {
        const path = join(folder, file);
        if (!existsSync(path)) continue;
        const code = readFileSync(path, 'utf8').replaceAll(String(templatePort), String(port));
        writeFileSync(path, code);
      }
      const { clientId, clientSecret } = provider.settings;
      const secret = /SESSION_SECRET=(\S+)/.exec(readFileSync(join(folder, '.env'), 'utf8'))?.[1];
      const env: NodeJS.ProcessEnv = {
        PATH: process.env['PATH'],
        NODE_ENV: 'production',
        NEXT_TELEMETRY_DISABLED: '1',
        KEYCLOAK_ISSUER: provider.issuer,
        KEYCLOAK_CLIENT_ID: clientId,
        KEYCLOAK_CLIENT_SECRET: clientSecret,
        SESSION_SECRET: secret,
        ORIGIN: `http://localhost:${port}`,
        PORT: String(port),
      };
      const build = spawnSync(process.execPath, [bin, 'build'], {
        cwd: folder,
        encoding: 'utf8',
        env,
      });
      expect(build.stdout + build.stderr).not.toMatch(/error TS|Failed/);
      expect(build.status, build.stdout + build.stderr).toBe(0);
      const start = framework === 'next' ? [bin, 'start'] : ['build/index.js'];
      const app = spawn(process.execPath, start, { cwd: folder, env, stdio: 'ignore' });
      try {
        await expect.poll(() => statusOf(port), { timeout: 20_000 }).toBe(200);
        const browser = new Browser({ secureLoopback: true });
        const page = await browser.follow(`http://localhost:${port}/login`);
        expect(page.text()).toContain('user-1');
      } finally {
        app.kill();
      }
    },
  );

  it('writes ES modules beside CommonJS modules, and leaves what is there', async () => {
    const folder = join(built, 'commonjs');
    mkdirSync(folder);
    const scripts = { dev: 'nodemon index.js' };
    const before = { name: 'old', main: 'index.js', type: 'commonjs', scripts };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(before));
    writeFileSync(join(folder, '.gitignore'), 'node_modules\n');
    writeFileSync(join(folder, '.env'), 'PORT=1\n');
    const init = spawned(['init', folder, '--framework', 'fastify', '--provider', 'github']);
    expect(await init.code).toBe(0);
    const after = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as typeof before;
    expect(after).toMatchObject(before);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['app.mts', 'oauth.mts']));
    expect(readFileSync(join(folder, 'app.mts'), 'utf8')).toContain("from './oauth.mjs'");
    expect(readFileSync(join(folder, '.env'), 'utf8')).toBe('PORT=1\n');
    expect(init.text()).toContain('Add ".env" to .gitignore');
    expect(init.text()).toContain('npx tsx watch --env-file=.env app.mts');
    expect(init.text()).toMatch(/add GITHUB_CLIENT_ID, .*SESSION_SECRET to \.env/);
  });

  it('names the variables that the URLs of a preset need', async () => {
    const folder = join(built, 'variables');
    const args = ['--framework', 'express', '--provider', 'keycloak', '--json'];
    const init = spawned(['init', folder, ...args]);
    expect(await init.code).toBe(0);
    const env = readFileSync(join(folder, '.env.example'), 'utf8');
    expect(env).toMatch(/^KEYCLOAK_HOST= # Your server$/m);
    expect(env).toMatch(/^KEYCLOAK_REALM=master /m);
    const { written, next } = JSON.parse(/^\{[^]*^\}/m.exec(init.text())?.[0] ?? '') as Record<
      string,
      string[]
    >;
    expect(written).toEqual(expect.arrayContaining(['app.ts', 'oauth.ts', 'package.json']));
    expect(next?.join(' ')).toContain('KEYCLOAK_HOST');
  });

  it('explains what is missing', async () => {
    const none = spawned(['init', join(built, 'none')]);
    expect(await none.code).toBe(2);
    expect(none.text()).toContain('--framework: express, fastify, hono, next, sveltekit');
  });

  it('writes nothing beside a package.json that is not JSON', async () => {
    const folder = join(built, 'broken');
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), '{');
    const init = spawned(['init', folder, '--framework', 'hono', '--provider', 'github']);
    expect(await init.code).toBe(2);
    expect(init.text()).toContain('package.json is not JSON. Nothing was written');
    expect(readdirSync(folder)).toEqual(['package.json']);
  });
});
