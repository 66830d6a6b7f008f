import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { OAuth } from '@oauth-registry/core';
import { names } from '@oauth-registry/core/providers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressOnly, httpsOnly, setupOf } from '../../packages/cli/src/setup.js';
import notes from '../data/provider-notes.json' with { type: 'json' };
import { start } from './terminal.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oauth-registry-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function init(provider: string, framework = 'express') {
  const session = start(['init', folder, '--framework', framework, '--provider', provider]);
  const code = await session.code;
  const read = (file: string): string =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : '';
  return { code, printed: session.printed(), read };
}

/** The parameters of the login that the written application starts. */
async function started(provider: string, read: (file: string) => string) {
  const [, baseUrl = ''] = /baseUrl: '([^']+)'/.exec(read('oauth.ts')) ?? [];
  const config = { ...(parseEnv(read('.env')) as Record<string, string>) };
  for (const name of Object.keys(config)) config[name] ||= name.endsWith('_ID') ? 'id' : 'secret';
  const client = new OAuth({ baseUrl, config }).register(provider).createClient(provider);
  const { url } = await (
    client as unknown as { createAuthorizationUrl(to: string): Promise<{ url: string }> }
  ).createAuthorizationUrl(`${baseUrl}/callback/${provider}`);
  return new URL(url).searchParams;
}

describe('init', () => {
  it('writes an application for Steam, which has no client ID (OpenID 2.0)', async () => {
    const { code, printed, read } = await init('steam');
    expect(code).toBe(0);
    expect(read('.env')).toMatch(/^STEAM_API_KEY= # optional/m);
    expect(read('.env') + read('oauth.ts') + printed).not.toContain('STEAM_CLIENT_ID');
    expect(printed).toContain('Steam needs no registration.');
    expect(printed).not.toContain('# set');
    const params = await started('steam', read);
    expect(params.get('openid.return_to')).toContain('http://localhost:3000/callback/steam?state=');
  });

  it('writes an application for Etsy, and says that its redirect URI must be https', async () => {
    const { code, printed, read } = await init('etsy');
    expect(code).toBe(0);
    expect(printed).toContain('Etsy accepts only https redirect URIs: set "baseUrl"');
    expect(printed).toContain('# set ETSY_CLIENT_ID, ETSY_CLIENT_SECRET in .env');
    expect((await started('etsy', read)).get('client_id')).toBe('id');
  });

  it.each(['express', 'sveltekit'])(
    'writes an application on %s for Bluesky with a client ID for development',
    async (framework) => {
      const { code, printed, read } = await init('atproto', framework);
      expect(code).toBe(0);
      const port = framework === 'express' ? 3000 : 5173;
      const env = parseEnv(read('.env'));
      expect(new URL(env['BLUESKY_CLIENT_ID'] ?? '').searchParams.get('redirect_uri')).toBe(
        `http://127.0.0.1:${port}/callback/bluesky`,
      );
      expect(read('.env')).not.toContain('BLUESKY_CLIENT_SECRET');
      expect(read('oauth.ts') + read('src/lib/oauth.server.ts')).toContain(
        `baseUrl: 'http://127.0.0.1:${port}'`,
      );
      expect(printed).toContain(`open http://127.0.0.1:${port}/login`);
      if (framework === 'sveltekit') {
        expect(read('package.json')).toContain('"dev": "vite dev --host 127.0.0.1"');
      }
    },
  );

  it.each([
    ['indieauth', 'needs a form in which users enter their URL'],
    ['plentymarkets', 'has no login in the browser'],
  ])('refuses %s, and writes nothing', async (provider, message) => {
    const { code, printed, read } = await init(provider);
    expect([code, printed]).toEqual([2, expect.stringContaining(message)]);
    expect(read('.env') + read('package.json')).toBe('');
  });

  it.each([{}, { type: 'commonjs' }])('refuses SvelteKit in a package with %o', async (type) => {
    const before = JSON.stringify({ name: 'old', ...type });
    writeFileSync(join(folder, 'package.json'), before);
    const { code, printed, read } = await init('github', 'sveltekit');
    expect([code, printed]).toEqual([2, expect.stringContaining('needs "type": "module" in')]);
    expect(read('package.json')).toBe(before);
    expect(read('.env')).toBe('');
  });

  it('knows which providers accept which redirect URIs', () => {
    const all = Object.entries(notes).map(
      ([name, { quirks = [] }]: [string, { quirks?: string[] }]) =>
        [name, quirks.join(' ')] as const,
    );
    const saying = (pattern: RegExp) =>
      all.filter(([, text]) => pattern.test(text)).map(([name]) => name);
    expect(httpsOnly).toEqual(saying(/Redirect URIs must be https(?!, or)/));
    expect(addressOnly).toEqual(saying(/`(?:http:\/\/)?127\.0\.0\.1`|127\.0\.0\.1:3000/));
  });

  it('writes the options that every preset needs', () => {
    for (const name of names.filter((one) => !['indieauth', 'plentymarkets'].includes(one))) {
      const { variables, origin } = setupOf(name, 3000);
      const config = Object.fromEntries(
        variables.map((one) => [
          one.name,
          one.value || (one.name === 'SHOPIFY_SHOP' ? 'a.myshopify.com' : 'x.example'),
        ]),
      );
      expect(
        () => new OAuth({ baseUrl: origin, config }).register(name).createClient(name),
        name,
      ).not.toThrow();
    }
  });
});

describe('login', () => {
  it('needs no client ID for Steam, and has one of its own for Bluesky', async () => {
    const steam = start(['login', 'steam', '--set', 'openid2Endpoint=http://127.0.0.1:9/login']);
    const url = new URL(await steam.find(/^ {2}(http\S+)$/m));
    steam.type(
      `${url.searchParams.get('openid.return_to') ?? ''}&openid.ns=http://specs.openid.net/auth/2.0&openid.mode=cancel`,
    );
    expect([await steam.code, steam.printed()]).toEqual([
      1,
      expect.stringContaining('access_denied'),
    ]);
    const bluesky = start(['login', 'bluesky'], { HTTPS_PROXY: '' });
    expect(await bluesky.code).toBe(1);
    expect(bluesky.printed()).not.toContain('client ID');
  });
});
