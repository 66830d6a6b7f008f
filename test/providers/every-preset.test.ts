import { readdirSync, readFileSync } from 'node:fs';
import { OAuth, type OAuth2Token, type RegisterOptions, type Token } from '@oauth-registry/core';
import { byName, names } from '@oauth-registry/core/providers';
import { describe, expect, it } from 'vitest';
import {
  scriptedProvider,
  signJws,
  type Script,
  type ScriptedRequest,
} from '../support/provider/index.js';
import {
  clientSecret,
  described,
  login,
  samples,
  start,
  type Sample,
} from '../support/preset-login.js';
import { redirectUri, rejection } from '../support/login.js';

const read = <T>(path: string) =>
  JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as T;

/** Providers whose logins have a test of their own, for the protocol of them. */
const elsewhere = ['bluesky', 'shopify', 'plentymarkets', 'steam'];

/** Answers a wiki's signed profile as it signs it. */
function scriptOf(name: string): Script {
  const { expect: _, variables: __, ...script } = samples[name] as Sample;
  if (name !== 'wikimedia_oauth1') return script;
  const claims = { ...(script.profile as object), aud: 'app' };
  const profile = ({ headers }: ScriptedRequest): string => {
    const nonce = /oauth_nonce="(\w+)"/.exec(headers.get('authorization') ?? '')?.[1];
    return signJws({ ...claims, nonce }, { alg: 'HS256' }, clientSecret);
  };
  return { ...script, profile };
}

const logins = names.filter((name) => !elsewhere.includes(name));

describe.each(logins)('%s', (name) => {
  it('[M10][X5] logs in against its own provider, and says who it was', async () => {
    const { client, request, token, options } = await login(name, scriptOf(name));
    const { searchParams } = new URL(request.url);
    expect(
      searchParams.get(options.requestTokenUrl ? 'oauth_token' : 'response_type'),
    ).toBeTruthy();
    expect(token.userinfo).toMatchObject(samples[name]?.expect ?? {});
    expect(token.userinfo?.sub).toEqual(expect.any(String));
    expect(token.userinfo?.email_verified).toEqual(expect.any(Boolean));
    expect(token.userinfo?.raw).toBeTypeOf('object');
    const { iss, sub } = token.userinfo ?? {};
    const tenant = String(options.issuer).includes('{tenantid}') ? `${String(iss)}$` : '';
    const identity = client.identity(token);
    // Without a public server, the server is a part of the identity.
    if (options.publicAuthority === false) expect(identity).toMatch(/^\w+\$https:\/\//);
    else expect(identity).toBe(`${options.provider}$${tenant}${sub}`);
  });

  it('[M3][A19] responds to userinfo() in the standard claims', async () => {
    const { client, token } = await login(name, scriptOf(name));
    const user = await client.userinfo({ token });
    expect(user).toMatchObject(samples[name]?.expect ?? {});
    expect(JSON.stringify(user)).not.toContain(clientSecret);
  });

  it('[R6] tells a user who declined from a provider that failed', async () => {
    const { client, options } = start(name, scriptOf(name));
    if (options.requestTokenUrl !== undefined) return;
    const request = await client.createAuthorizationUrl(redirectUri);
    const params = { state: request.state, error: 'access_denied' };
    const error = await rejection(client.fetchAccessToken(params, request));
    expect(error).toMatchObject({ code: 'access_denied', client: 'it' });
  });

  it('[R6] passes on an error response of the token endpoint', async () => {
    const { client, provider, options } = start(name, { token: { error: 'invalid_grant' } });
    if (options.requestTokenUrl !== undefined) return;
    const request = await client.createAuthorizationUrl(redirectUri);
    const answer = provider.agree(request.url);
    const error = await rejection(client.fetchAccessToken(answer, request));
    expect(error).toMatchObject({ code: 'invalid_grant', phase: 'exchange' });
  });

  it('[F2] does not crash on a profile with nothing in it but who it is', async () => {
    const script = scriptOf(name);
    const bare: Script = {
      ...script,
      extra: {},
      profile: script.profile && emptied(script.profile),
    };
    const { token } = await login(name, bare).catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'invalid_userinfo' });
      return { token: {} as Token };
    });
    if (script.idToken?.['email'] === undefined && typeof bare.profile === 'object')
      expect(token.userinfo?.email_verified ?? false).toBe(false);
  });
});

/** The same profile with every value gone but identifiers and names. */
function emptied(profile: NonNullable<Script['profile']>): NonNullable<Script['profile']> {
  if (typeof profile !== 'object') return profile;
  return JSON.parse(
    JSON.stringify(profile, (key, value: unknown) => {
      if (typeof value === 'object' && value !== null) return value;
      return /id|sub|login|name|uuid|uri|me$|ID|code|ok$|stat|token/.test(key) || key === ''
        ? value
        : null;
    }),
  ) as object;
}

describe('the table of presets', () => {
  const sources = read<Record<string, { checked: string; sources: string[] }>>(
    '../data/provider-sources.json',
  );

  it('[X5] has every file of `presets/` (`pnpm presets` writes the list), at least 150', () => {
    const files = readdirSync(
      new URL('../../packages/core/src/providers/presets/', import.meta.url),
    );
    expect(names.map((name) => `${name.replaceAll('_', '-')}.ts`).toSorted()).toEqual(
      files.toSorted(),
    );
    expect(names.length).toBeGreaterThanOrEqual(150);
  });

  it.each(names)('[X5] %s is complete, safe and has its sources', (name) => {
    const options = described(name);
    expect(options.provider).toMatch(/^[a-z\d_]+$/);
    expect(options.displayName).toEqual(expect.any(String));
    expect(options.brandColor).toMatch(/^#[\da-f]{6}$/);
    expect(options.profile?.['sub']).toBeDefined();
    const { accessTokenUrl, serverMetadataUrl, openid2Endpoint, serverLocator } = options;
    const place = accessTokenUrl ?? serverMetadataUrl ?? openid2Endpoint ?? serverLocator?.find;
    expect(place).toBeDefined();
    for (const url of JSON.stringify(options).match(/https?:[^"\s|]*/g) ?? []) {
      expect(url).toMatch(/^https:/);
    }
    if (String(options.scope).split(' ').includes('openid') && options.idToken !== 'ignore') {
      expect(options.issuer ?? options.serverMetadataUrl).toBeDefined();
    }
    expect(sources[name]?.sources.length).toBeGreaterThan(0);
    expect(sources[name]?.checked).toMatch(/^\d{4}-\d\d/);
  });

  it.each(names)('[X5] %s is one file', (name) => {
    const file = `../../packages/core/src/providers/presets/${name.replaceAll('_', '-')}.ts`;
    const text = readFileSync(new URL(file, import.meta.url), 'utf8');
    expect(text.match(/^export (?:const|function) /gm)).toHaveLength(1);
  });
});

describe('register() with a preset’s name', () => {
  const config = { GITHUB_CLIENT_ID: 'id', GITHUB_CLIENT_SECRET: 's' };

  it('[M10] is enough, with the credentials in the configuration', async () => {
    const oauth = new OAuth({ config }).register('github');
    const { url } = await oauth.github.createAuthorizationUrl(redirectUri);
    expect(url).toMatch(/^https:\/\/github\.com\/login\/oauth\/authorize\?/);
    expect(new URL(url).searchParams.get('client_id')).toBe('id');
  });

  it('[M10] takes options, and url variables from the configuration', async () => {
    const more = { AUTH0_CLIENT_ID: 'a', AUTH0_CLIENT_SECRET: 'b', AUTH0_DOMAIN: 't.eu.auth0.com' };
    const options = described('auth0');
    const { fetch } = scriptedProvider(
      { ...options, urlVariables: { domain: { value: 't.eu.auth0.com' } } },
      { token: {} },
    );
    const oauth = new OAuth({ config: more, fetch }).register('auth0', { scope: 'openid' });
    const { url } = await oauth.auth0.createAuthorizationUrl(redirectUri);
    expect(url).toMatch(/^https:\/\/t\.eu\.auth0\.com\/authorize\?/);
    expect(new URL(url).searchParams.get('scope')).toBe('openid');
  });

  const host = 'git.corp.example';
  const atHost = { ...config, GITHUB_HOST: host };
  it.each<[string, Record<string, string>, RegisterOptions | undefined]>([
    ['the configuration', atHost, undefined],
    ['the configuration, with options', atHost, { scope: 'repo' }],
    ['the configuration, with the preset named', atHost, { preset: 'github' }],
    ['an option', config, byName('github')({ host })],
    ['a url variable', config, byName('github')({ urlVariables: { host: { value: host } } })],
    ['neither, for the preset is settled', atHost, byName('github')()],
  ])('[M10][X4] has the login and the API at one host, from %s', async (_, all, options) => {
    const asked: string[] = [];
    const fetch = (input: RequestInfo | URL): Promise<Response> => {
      asked.push(new URL(new Request(input).url).host);
      return Promise.resolve(Response.json({ id: 1 }));
    };
    const { github } = new OAuth({ config: all, fetch }).register('github', options ?? {});
    const place = new URL((await github.createAuthorizationUrl(redirectUri)).url).host;
    await github.userinfo({ token: { access_token: 'at', token_type: 'Bearer' } });
    const api = place === 'github.com' ? 'api.github.com' : place;
    expect(asked).toEqual([api, api]);
    expect(place).toBe(options?.apiBaseUrl === 'https://api.github.com/' ? 'github.com' : host);
  });

  it('[M10] takes the key of an API from the configuration, too', async () => {
    const { fetch, requests } = scriptedProvider(described('stackexchange'), {
      token: {},
      profile: { items: [{ account_id: 7 }] },
    });
    const all = { STACKEXCHANGE_CLIENT_ID: 'a', STACKEXCHANGE_CLIENT_SECRET: 'b' };
    const oauth = new OAuth({ config: { ...all, STACKEXCHANGE_API_KEY: 'k' }, fetch }).register(
      'stackexchange',
    );
    const token = { access_token: 'at', token_type: 'Bearer' };
    await oauth.stackexchange.userinfo({ token });
    expect(Object.fromEntries(requests[0]?.url.searchParams ?? [])).toMatchObject({
      site: 'stackoverflow',
      key: 'k',
    });
  });

  it('[M10] leaves a provider alone that is described', async () => {
    const authorizeUrl = 'https://corp.example/authorize';
    const oauth = new OAuth({ config }).register('github', {
      authorizeUrl,
      accessTokenUrl: 'https://corp.example/token',
    });
    const { url } = await oauth.github.createAuthorizationUrl(redirectUri);
    expect(url.startsWith(authorizeUrl)).toBe(true);
  });

  it.each(['medium', 'goodreads', 'ubuntuone', 'vk', 'fitbit'])(
    '[M10] refuses %s, and says since when',
    (name) => {
      for (const attempt of [() => byName(name)(), () => new OAuth({ config }).register(name)]) {
        expect(attempt).toThrow(/no login since .*: .*\. (Use the preset|There is no)/);
      }
    },
  );

  it.each([
    ['azure', 'microsoft'],
    ['outlook', 'microsoft'],
    ['stackoverflow', 'stackexchange'],
    ['x', 'twitter_v2'],
    ['osm', 'openstreetmap'],
    ['wordpress.com', 'wordpress'],
  ])('[M10] knows %s as %s', (other, name) => {
    expect(byName(other)).toBe(byName(name));
  });

  it('[M10] takes another name of a provider, and uses its lasting one', () => {
    const named = { AZURE_CLIENT_ID: 'id', AZURE_CLIENT_SECRET: 's' };
    const oauth = new OAuth({ config: named }).register('azure');
    const token = { access_token: 'a', token_type: 'Bearer', userinfo: { sub: '7', raw: {} } };
    expect(oauth.azure.identity(token)).toBe('microsoft$7');
    expect(() => byName('live')()).toThrow(/Use the preset "microsoft"/);
  });

  it('[M10] says of an unknown one, when it is to log a user in, how presets are named', async () => {
    const oauth = new OAuth({ config: { INTRANET_CLIENT_ID: 'id' } }).register('intranet');
    await expect(oauth.intranet.createAuthorizationUrl(redirectUri)).rejects.toThrow(
      /or use a "preset"/,
    );
  });

  it('[M10] says of a misspelt one, when it is registered, which was probably meant', () => {
    const misspelt = { GITHUP_CLIENT_ID: 'id' };
    expect(() => new OAuth({ config: misspelt }).register('githup')).toThrow(
      /Did you mean "github"/,
    );
  });

  it('[M10] knows no preset of another name', () => {
    expect(() => byName('githup')).toThrow(/Did you mean "github"/);
    expect(() => byName('constructor')).toThrow(
      expect.objectContaining({ code: 'invalid_options' }),
    );
  });

  it('[X1] is typed by the protocol of the preset', () => {
    const all = { FLICKR_CLIENT_ID: 'a', FLICKR_CLIENT_SECRET: 'b', ...config };
    const oauth = new OAuth({ config: all }).register('flickr').register('github');
    const one: (uri: string) => Promise<Token> = oauth.flickr.fetchRequestToken;
    const two: (token: OAuth2Token) => Promise<OAuth2Token> = oauth.github.refreshToken;
    expect([typeof one, typeof two]).toEqual(['function', 'function']);
  });
});
