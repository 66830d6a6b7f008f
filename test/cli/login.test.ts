import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { skipPauses } from '../support/pauses.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { start, type Session } from './terminal.js';

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

function begin(...more: string[]): Session {
  const { clientId, clientSecret } = provider.settings;
  const env = {
    CLI_CLIENT_ID: clientId,
    CLI_CLIENT_SECRET: clientSecret,
    XDG_CONFIG_HOME: folder,
  };
  return start(['login', provider.issuer, ...more], env);
}

const address = /^ {2}(http\S+)$/m;

/** Where the provider sends the person back to. */
async function agree(url: string): Promise<URL> {
  const { pending } = await new Browser().follow(url, {
    until: (next) => next.pathname === '/callback',
  });
  if (!pending) throw new Error('There was no callback.');
  return pending.url;
}

function tokenIn(file: string): Record<string, string> {
  const { token } = JSON.parse(readFileSync(file, 'utf8')) as { token: Record<string, string> };
  return token;
}

describe('oauth-registry login', () => {
  it('[R4] logs in at a loopback redirect URI with PKCE (RFC 8252 §7.3, RFC 7636)', async () => {
    const session = begin();
    const url = await session.find(address);
    expect(new URL(url).searchParams.get('code_challenge_method')).toBe('S256');
    expect(new URL(url).searchParams.get('redirect_uri')).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\/callback$/,
    );

    const page = await new Browser().follow(url);
    expect(page.status).toBe(200);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(await session.code).toBe(0);
    expect(session.printed()).toContain('"email": "ada@example.com"');
    const steps = session.waits().filter((text) => text !== '');
    expect(steps).toContain('Waiting for the callback');
    expect(session.waits()).toHaveLength(2 * steps.length);
  });

  it('[R4] stores the token in a file of the user alone, and shows no token', async () => {
    const file = join(folder, 'token.json');
    writeFileSync(file, 'older', { mode: 0o644 });
    const session = begin('--out', file);
    await new Browser().follow(await session.find(address));
    expect(await session.code).toBe(0);

    expect(statSync(file).mode & 0o777).toBe(0o600);
    const token = tokenIn(file);
    expect(session.printed()).toContain(file);
    for (const name of ['access_token', 'refresh_token', 'id_token']) {
      expect(token[name]).toBeTypeOf('string');
      expect(session.printed()).not.toContain(token[name]);
    }
    expect(session.printed()).not.toContain(provider.settings.clientSecret);
  });

  it('[R4] takes a posted response if one was requested, and no other', async () => {
    const session = begin('--set', 'responseMode=form_post');
    const url = await session.find(address);
    const until = (next: URL): boolean => next.pathname === '/callback';
    const { pending } = await new Browser().follow(url, { until });
    if (!pending?.form) throw new Error('Nothing was posted.');
    const asQuery = await fetch(`${pending.url.href}?${pending.form}`);
    expect(asQuery.status).toBe(400);
    const padded = new URLSearchParams([...pending.form, ['padding', 'x'.repeat(65_536)]]);
    expect((await fetch(pending.url, { method: 'POST', body: padded })).status).toBe(400);
    expect((await fetch(pending.url, { method: 'PUT', body: '' })).status).toBe(404);
    expect((await fetch(pending.url, { method: 'POST', body: pending.form })).status).toBe(200);
    expect(await session.code).toBe(0);
    expect(session.printed()).toContain('the browser must be on this machine');

    const plain = begin();
    const callback = await agree(await plain.find(address));
    const post = { method: 'POST', body: callback.searchParams };
    expect((await fetch(callback.origin + callback.pathname, post)).status).toBe(400);
    expect((await fetch(callback)).status).toBe(200);
    expect(await plain.code).toBe(0);
  });

  it('[R4] fills in the parts of a preset’s URLs', async () => {
    const env = { AUTH0_CLIENT_ID: 'app', AUTH0_CLIENT_SECRET: 's', XDG_CONFIG_HOME: folder };
    const session = start(['login', 'auth0', '--set', 'domain=tenant.invalid'], env);
    expect(await session.code).toBe(1);
    expect(session.printed()).toMatch(/^(provider_unavailable|timeout): The metadata document/);
    for (const wrong of ['domain', '=x', 'domain=']) {
      const refused = start(['login', 'auth0', '--set', wrong], env);
      expect(await refused.code).toBe(2);
      expect(refused.printed()).toContain('name=value');
    }
  });

  it('[R4] stores the token below the configuration folder unless told otherwise', async () => {
    const session = begin();
    await new Browser().follow(await session.find(address));
    await session.code;
    const file = await session.find(/stored in (\S+\.json)/);
    expect(file.startsWith(join(folder, 'oauth-registry'))).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(tokenIn(file)).toHaveProperty('access_token');
  });

  it('[R4] leaves no token behind if it cannot be stored', async () => {
    const session = begin('--out', folder);
    await new Browser().follow(await session.find(address));
    expect(await session.code).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
    expect(
      readdirSync(dirname(folder)).filter((name) => name.startsWith(`${basename(folder)}.`)),
    ).toEqual([]);
  });

  it('[R4] takes the callback URL when it is pasted', async () => {
    const session = begin();
    const callback = await agree(await session.find(address));
    session.type('https://elsewhere.example/callback?code=1&state=2');
    await session.find(/That is not the callback URL of this login/);
    session.type(`  ${callback.href}  `);
    expect(await session.code).toBe(0);
    expect(session.printed()).toContain('"sub": "user-1"');
  });

  it('[R4] goes on waiting after a callback that is not of this login (RFC 6749 §10.12)', async () => {
    const session = begin();
    const url = await session.find(address);
    const callback = await agree(url);
    const forged = new URL(callback);
    forged.searchParams.set('state', 'forged');
    expect((await fetch(forged)).status).toBe(400);
    expect((await fetch(callback, { method: 'POST' })).status).toBe(400);
    expect((await fetch(new URL('/other', callback))).status).toBe(404);
    expect((await fetch(`${callback.origin}//[`)).status).toBe(404);
    expect(provider.count('token')).toBe(0);

    expect((await fetch(callback)).status).toBe(200);
    expect(await session.code).toBe(0);
  });

  it('[R4] says that the user denied, and stores nothing', async () => {
    const session = begin('--out', join(folder, 'none.json'));
    const callback = await agree(await session.find(address));
    callback.searchParams.delete('code');
    callback.searchParams.set('error', 'access_denied');
    await fetch(callback);
    expect(await session.code).toBe(1);
    expect(session.printed()).toContain('access_denied');
    expect(() => statSync(join(folder, 'none.json'))).toThrow('ENOENT');
  });

  it('[R4] needs no secret if the provider knows public clients (RFC 8252 §8.4)', async () => {
    provider.settings.tokenEndpointAuthMethod = 'none';
    const args = ['--client-id', provider.settings.clientId, '--out', join(folder, 'token.json')];
    const session = start(['login', provider.issuer, ...args]);
    await new Browser().follow(await session.find(address));
    expect(await session.code).toBe(0);
    provider.settings.tokenEndpointAuthMethod = 'client_secret_basic';
  });

  it('[R4] listens at the port it is told, on 127.0.0.1 alone, and says when it is taken', async () => {
    const first = begin();
    const { port } = new URL(await first.find(/(http:\/\/127\.0\.0\.1:\d+\/callback), which/));
    const second = begin('--port', port);
    expect(await second.code).toBe(2);
    expect(second.printed()).toContain(`Cannot listen on port ${port} of 127.0.0.1 (EADDRINUSE)`);
    await expect(fetch(`http://[::1]:${port}/callback`)).rejects.toThrow('fetch failed');
    await fetch(await agree(await first.find(address)));
    expect(await first.code).toBe(0);

    const third = begin('--port', port);
    await fetch(await agree(await third.find(address)));
    expect(await third.code).toBe(0);
    expect(third.printed()).toContain(`http://127.0.0.1:${port}/callback`);
  });

  it('[R4] logs in with a code on another device (RFC 8628)', async () => {
    provider.quirks.metadata = { device_authorization_endpoint: `${provider.base}/api/device` };
    provider.on('api', () => ({
      body: {
        device_code: 'secret-device-code',
        user_code: 'WDJB\u001B[2J-MJHT',
        verification_uri: 'https://provider.example/device',
        expires_in: 60,
        interval: 1,
      },
    }));
    provider.on('token', () => ({ body: { access_token: 'kept-secret', token_type: 'Bearer' } }));
    provider.on('userinfo', () => ({ body: { sub: 'user-1', name: 'Ada' } }));
    skipPauses();
    const session = begin('--device', '--scope', 'profile');
    expect(await session.code).toBe(0);
    expect(session.printed()).toContain('https://provider.example/device');
    expect(session.printed()).toContain('"name": "Ada"');
    // What a terminal would obey is not passed on.
    expect(session.printed()).toContain('WDJB\uFFFD[2J-MJHT');
    expect(session.printed()).not.toMatch(/secret-device-code|kept-secret/);
  });

  it('[R4] names the nearest preset, and explains itself when it is called wrongly', async () => {
    const unknown = start(['login', 'githbu', '--client-id', 'x']);
    expect(await unknown.code).toBe(2);
    expect(unknown.printed()).toContain('Did you mean github?');
    const wrong = [
      ['login'],
      ['logout', 'x'],
      ['login', 'github', '--port', 'x'],
      ['login', '--x'],
    ];
    for (const args of wrong) expect(await start(args).code).toBe(2);
    expect(await start(['--help']).code).toBe(0);
  });
});
