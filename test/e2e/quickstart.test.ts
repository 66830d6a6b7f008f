import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';

const root = join(import.meta.dirname, '../..');
// Below `test`, so that the programs find the packages.
const folder = join(root, 'test/.samples/quickstart');
const page = readFileSync(join(root, 'docs/quickstart.md'), 'utf8');

/** The program of a tab. */
function programOf(framework: string): string {
  const [, code = ''] =
    new RegExp(`^\`\`\`ts \\[${framework.replace('.', '\\.')}\\]\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(
      page,
    ) ?? [];
  return code;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, 'localhost', () => resolve(Object(server.address()).port as number));
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('the programs of the quick start', () => {
  let provider: FakeProvider;
  const running: ChildProcess[] = [];
  beforeAll(async () => {
    provider = await startProvider({ user: { sub: 'ada', name: 'Ada Lovelace' } });
    mkdirSync(folder, { recursive: true });
  });
  afterAll(async () => {
    for (const one of running) one.kill();
    rmSync(folder, { recursive: true, force: true });
    await provider.close();
  });

  it.each(['Express', 'Fastify', 'Hono'])(
    'log in on %s, in 25 lines or less',
    async (framework) => {
      const program = programOf(framework);
      const lines = program.split('\n').filter((line) => line.trim() !== '');
      expect(lines.length).toBeGreaterThan(10);
      expect(lines.length).toBeLessThanOrEqual(25);
      const port = await freePort();
      const code = program
        .replaceAll('3000', String(port))
        .replace('https://id.corp.example', provider.base);
      const { outputText } = ts.transpileModule(code, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
      });
      const file = join(folder, `${framework}.mjs`);
      writeFileSync(file, outputText);
      const { clientId, clientSecret } = provider.settings;
      const app = spawn(process.execPath, [file], {
        env: {
          ...process.env,
          CORP_CLIENT_ID: clientId,
          CORP_CLIENT_SECRET: clientSecret,
          SESSION_SECRET: 'thirty-two characters of secret!',
        },
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      running.push(app);
      await expect
        .poll(
          () =>
            fetch(`http://localhost:${port}/`).then(
              ({ status }) => status,
              () => 0,
            ),
          { timeout: 20_000 },
        )
        .toBe(200);

      const browser = new Browser();
      const before = await browser.get(`http://localhost:${port}/`);
      expect(before.text()).toContain('/login');
      const done = await browser.follow(`http://localhost:${port}/login`);
      expect(done.url.pathname).toBe('/');
      expect(done.json()).toMatchObject({ sub: 'ada', name: 'Ada Lovelace' });
    },
  );
});
