import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { start } from './terminal.js';

let provider: FakeProvider;
let folder: string;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oauth-registry-'));
});
afterEach(() => {
  provider.reset();
  rmSync(folder, { recursive: true });
});

/** Runs a command to its end. */
async function run(...args: string[]) {
  const { clientId: CLI_CLIENT_ID, clientSecret: CLI_CLIENT_SECRET } = provider.settings;
  const session = start(args, { CLI_CLIENT_ID, CLI_CLIENT_SECRET, XDG_CONFIG_HOME: folder });
  return { code: await session.code, printed: session.printed() };
}

const file = () => join(folder, 'token.json');

/** Logs in, and returns the stored token. */
async function loggedIn(): Promise<Record<string, string>> {
  const { clientId: CLI_CLIENT_ID, clientSecret: CLI_CLIENT_SECRET } = provider.settings;
  const env = { CLI_CLIENT_ID, CLI_CLIENT_SECRET };
  const scope = ['--scope', 'openid offline_access'];
  const session = start(['login', provider.issuer, '--out', file(), ...scope], env);
  await new Browser().follow(await session.find(/^ {2}(http\S+)$/m));
  expect(await session.code).toBe(0);
  return stored();
}

function stored(): Record<string, string> {
  const { token } = JSON.parse(readFileSync(file(), 'utf8')) as { token: Record<string, string> };
  return token;
}

describe('token', () => {
  it('inspects a stored token, and prints no secret of it', async () => {
    const token = await loggedIn();
    const { code, printed } = await run('token', 'inspect', provider.issuer, '--file', file());
    expect(code).toBe(0);
    const shown = JSON.parse(printed) as Record<string, string>;
    expect(shown['access_token']).toMatch(/^\(\d+ characters\)$/);
    expect(shown['expires']).toMatch(/^in \d+ s$/);
    for (const name of ['access_token', 'refresh_token', 'id_token'])
      expect(printed).not.toContain(token[name]);
  });

  it('refreshes a stored token, and stores the new one', async () => {
    const before = await loggedIn();
    const { code, printed } = await run('token', 'refresh', provider.issuer, '--file', file());
    expect([code, printed]).toEqual([0, expect.stringContaining('refreshed and stored')]);
    expect(stored()['access_token']).not.toBe(before['access_token']);
    expect(stored()['refresh_token']).not.toBe(before['refresh_token']);
    expect(printed).not.toContain(stored()['access_token']);
  });

  it('revokes a stored token at the provider', async () => {
    const { access_token: token = '', refresh_token: refresh = '' } = await loggedIn();
    const { code } = await run('token', 'revoke', provider.issuer, '--file', file());
    expect(code).toBe(0);
    expect(provider.accessTokens.has(token) && provider.refreshTokens.has(refresh)).toBe(false);
  });

  it('says that there is no token, and which actions there are', async () => {
    const none = await run(
      'token',
      'inspect',
      provider.issuer,
      '--file',
      join(folder, 'none.json'),
    );
    expect([none.code, none.printed]).toEqual([2, expect.stringContaining('Log in first')]);
    const other = await run('token', 'print', provider.issuer);
    expect([other.code, other.printed]).toEqual([2, expect.stringContaining('inspect, refresh')]);
  });
});

describe('providers', () => {
  it('lists all presets, or those that match', async () => {
    const all = await run('providers', '--json');
    expect((JSON.parse(all.printed) as unknown[]).length).toBeGreaterThan(150);
    const found = await run('providers', 'git', '--json');
    const names = (JSON.parse(found.printed) as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['github', 'gitlab']));
    expect((await run('providers', 'keycloak')).printed).toContain('(host, realm)');
    const none = await run('providers', 'nothing-of-the-kind');
    expect([none.code, none.printed]).toEqual([1, expect.stringContaining('No preset matches')]);
  });

  it('suggests a preset before it asks for anything else', async () => {
    const { code, printed } = await run('login', 'githib');
    expect([code, printed]).toEqual([2, expect.stringContaining('Did you mean github?')]);
  });
});

describe('secret', () => {
  it('prints 32 random bytes', async () => {
    const { printed } = await run('secret');
    expect(printed).toMatch(/^[\w-]{43}\n$/);
    const { secret } = JSON.parse((await run('secret', '--json')).printed) as { secret: string };
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(`${secret}\n`).not.toBe(printed);
  });
});

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish'])('knows the commands and presets in %s', async (shell) => {
    const { code, printed } = await run('completion', shell);
    expect(code).toBe(0);
    expect(printed).toMatch(/login doctor init/);
    expect(printed).toContain('github');
  });

  it('says which shells there are', async () => {
    const { code, printed } = await run('completion', 'tcsh');
    expect([code, printed]).toEqual([2, expect.stringContaining('bash, zsh, fish')]);
  });
});

describe('help', () => {
  it.each([[], ['login'], ['doctor'], ['init'], ['token'], ['providers']])(
    'fits 80 columns: %s',
    async (...command) => {
      const { code, printed } = await run(...command, '--help');
      expect(code).toBe(0);
      const long = printed.split('\n').filter((line) => line.length > 80);
      expect(long).toEqual([]);
    },
  );
});
