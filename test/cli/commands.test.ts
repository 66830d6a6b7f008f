import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  return { code: await session.code, printed: session.printed(), waits: session.waits() };
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

const refresh = () => run('token', 'refresh', provider.issuer, '--file', file());

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

  it('leaves the file as it is when the refresh fails', async () => {
    const before = await loggedIn();
    provider.quirks.fault = { token: 'reset' };
    const { code, printed, waits } = await refresh();
    expect([code, printed]).toEqual([1, expect.stringMatching(/^[a-z_]+: /)]);
    expect(waits).toEqual(['Refreshing the token', '']);
    expect(stored()).toEqual(before);
    expect(readdirSync(folder)).toEqual(['token.json']);
    provider.reset();
    expect((await refresh()).code).toBe(0);
  });

  it('revokes a stored token at the provider, and removes its file', async () => {
    const { access_token: token = '', refresh_token: refreshToken = '' } = await loggedIn();
    const { code, printed } = await run('token', 'revoke', provider.issuer, '--file', file());
    expect([code, printed]).toEqual([0, expect.stringContaining(`${file()} was removed`)]);
    expect(provider.accessTokens.has(token)).toBe(false);
    expect(provider.refreshTokens.has(refreshToken)).toBe(false);
    expect(existsSync(file())).toBe(false);
    const again = await run('token', 'revoke', provider.issuer, '--file', file());
    expect([again.code, again.printed]).toEqual([2, expect.stringContaining('Log in first')]);
  });

  it('prints the result of a revocation as JSON', async () => {
    await loggedIn();
    const revoked = await run('token', 'revoke', provider.issuer, '--file', file(), '--json');
    const [json = ''] = /^\{[^]*^\}/m.exec(revoked.printed) ?? [];
    expect(JSON.parse(json)).toEqual({ revoked: true, file: file() });
  });

  it('leaves the file when the token could not be revoked', async () => {
    const before = await loggedIn();
    provider.quirks.fault = { revoke: 'reset' };
    const { code } = await run('token', 'revoke', provider.issuer, '--file', file());
    expect([code, stored()]).toEqual([1, before]);
  });

  it.each([
    ['{"target": "secret-token', 'is not JSON. Log in again'],
    ['', 'is not JSON. Log in again'],
    ['null', 'was not written by "oauth-registry login"'],
    ['{"target": "github", "token": "secret-token"}', 'was not written by'],
  ])('explains a file with %o', async (text, message) => {
    writeFileSync(file(), text);
    const { code, printed } = await run('token', 'inspect', 'github', '--file', file());
    expect([code, printed]).toEqual([2, expect.stringContaining(`${file()} ${message}`)]);
    expect(printed).not.toContain('secret-token');
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

  it('knows every option, and the values of options, in bash', async () => {
    const { printed } = await run('completion', 'bash');
    const words = (...typed: string[]): string[] => {
      const line = typed.map((word) => `'${word}'`).join(' ');
      const script = `${printed}\nCOMP_WORDS=(oauth-registry ${line}) COMP_CWORD=${typed.length}\n_oauth_registry; echo "\${COMPREPLY[@]}"`;
      return spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim().split(' ');
    };
    expect(words('do')).toEqual(['doctor']);
    expect(words('init', '--pro')).toEqual(['--provider']);
    expect(words('init', '--provider', 'githu')).toEqual(['github']);
    expect(words('init', '--framework', 's')).toEqual(['sveltekit']);
    expect(words('login', 'keyclo')).toEqual(['keycloak']);
    expect(words('token', 're')).toEqual(expect.arrayContaining(['refresh', 'revoke']));
    expect(words('token', '--cl')).toEqual(['--client-secret']);
    expect(words('doctor', '--')).toEqual(['--callback', '--json', '--help']);
  });

  it.each(['bash', 'zsh', 'fish'])('has every option of every command in %s', async (shell) => {
    const { printed } = await run('completion', shell);
    for (const command of ['login', 'doctor', 'init', 'token', 'providers']) {
      const help = await run(command, '--help');
      for (const [, name] of help.printed.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm))
        expect(printed).toContain(shell === 'fish' ? `-l ${name}` : `--${name}`);
    }
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
