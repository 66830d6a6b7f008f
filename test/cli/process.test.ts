import { spawn, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { find } from './terminal.js';

const core = new URL('../../packages/core', import.meta.url).pathname;

let provider: FakeProvider;
/** The package as a folder that Node can run, in which its dependencies are found. */
let built: string;

beforeAll(async () => {
  provider = await startProvider();
  mkdirSync(join(core, 'dist'), { recursive: true });
  built = mkdtempSync(join(core, 'dist', 'test-'));
  const source = (name: string): string => join(core, 'src', `${name}.ts`);
  // A tenth of the time of `tsc`. What `tsc` builds is started in test/e2e/terminal.test.ts.
  const bundle = await rolldown({
    input: { 'cli/main': source('cli/main'), index: source('index') },
    platform: 'node',
    external: /^[^./]/,
  });
  await bundle.write({ dir: built });
  await bundle.close();
}, 120_000);
afterAll(async () => {
  await provider.close();
  rmSync(built, { recursive: true });
});

function spawned(args: string[]) {
  const { clientId, clientSecret } = provider.settings;
  const child: ChildProcess = spawn(process.execPath, [join(built, 'cli/main.js'), ...args], {
    env: {
      NODE_ENV: 'test',
      PATH: process.env['PATH'],
      HOME: built,
      CLI_CLIENT_ID: clientId,
      CLI_CLIENT_SECRET: clientSecret,
      CORP_CLIENT_ID: clientId,
      CORP_CLIENT_SECRET: clientSecret,
    },
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (data: Buffer) => (printed += data.toString('utf8')));
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  const text = () => printed;
  return { code, text, find: (what: RegExp) => find(text, what, () => child.exitCode !== null) };
}

describe('the command oauth-registry', { timeout: 30_000 }, () => {
  it('[R4] is a file of the package that Node can run', () => {
    const { bin } = JSON.parse(readFileSync(join(core, 'package.json'), 'utf8')) as {
      bin: Record<string, string>;
    };
    const command = join(core, bin['oauth-registry'] ?? '');
    expect(statSync(command).mode & 0o111).toBe(0o111);
    const code = readFileSync(command, 'utf8');
    expect(code).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(code).toContain("'../dist/cli/main.js'");
    expect(existsSync(join(core, 'src/cli/main.ts'))).toBe(true);
  });

  it('[R4] logs in as a process of its own', async () => {
    const command = spawned(['login', provider.issuer]);
    await new Browser().follow(await command.find(/^ {2}(http\S+)$/m));
    expect(await command.code).toBe(0);
    const file = await command.find(/stored in (\S+\.json)/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const token = JSON.parse(readFileSync(file, 'utf8')) as { access_token: string };
    expect(command.text()).toContain('"sub": "user-1"');
    expect(command.text()).not.toContain(token.access_token);
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
        `import { OAuth } from './index.js';
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
      `const { OAuth } = require('./index.js');
      exports.__esModule = true;
      exports.default = new OAuth({ baseUrl: 'https://app.example' });`,
    );
    const command = spawned(['doctor', file]);
    expect(await command.code).toBe(0);
    expect(command.text()).toBe('No errors.\n');
  });
});
