import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

function spawned(args: string[]) {
  const { clientId, clientSecret } = provider.settings;
  const child: ChildProcess = spawn(
    process.execPath,
    [join(cli, 'bin/oauth-registry.js'), ...args],
    {
      cwd: built,
      env: {
        NODE_ENV: 'test',
        PATH: process.env['PATH'],
        HOME: built,
        CLI_CLIENT_ID: clientId,
        CLI_CLIENT_SECRET: clientSecret,
        CORP_CLIENT_ID: clientId,
        CORP_CLIENT_SECRET: clientSecret,
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
        const reached = () =>
          fetch(`http://localhost:${port}/`).then(
            ({ status }) => status,
            () => 0,
          );
        await expect.poll(reached, { timeout: 20_000 }).toBe(200);
        const page = await new Browser().follow(`http://localhost:${port}/login`);
        expect(page.json()).toMatchObject({ sub: 'user-1' });
      } finally {
        app.kill();
      }
    },
  );

  it('explains what is missing', async () => {
    const none = spawned(['init', join(built, 'none')]);
    expect(await none.code).toBe(2);
    expect(none.text()).toContain('--framework: express, fastify, hono, next');
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
