import { OAuth, type OAuth1Token, type OAuth2Token } from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { oauth1Client, plainClient } from '../../../support/apps/express.js';
import { startProvider, type FakeProvider } from '../../../support/provider/index.js';
import { echo, login, rejection } from '../../../support/login.js';

let provider: FakeProvider;
/** Another server, which must never see a token; it counts what it sees. */
let evil: FakeProvider;
let tokens: { two: OAuth2Token; one: OAuth1Token };

/** One client a protocol, and variants of the first. */
function makeRegistry() {
  const api = (path: string) => ({ apiBaseUrl: provider.base + path });
  return new OAuth({ config: {} })
    .register('two', plainClient(provider, api('/api/v1')))
    .register('one', { ...oauth1Client(provider), requestTokenUrl: provider.oauth1.request })
    .register('slashed', plainClient(provider, api('/api/v1/')))
    .register('keyed', plainClient(provider, api('/api/v1?key=k%20&v=1')))
    .register('baseless', plainClient(provider, { apiBaseUrl: undefined } as object));
}

let oauth: ReturnType<typeof makeRegistry>;

beforeAll(async () => {
  [provider, evil] = await Promise.all([startProvider({ openid: false }), startProvider()]);
  oauth = makeRegistry();
  tokens = { two: await login(oauth.two), one: await login(oauth.one) };
});
afterAll(async () => {
  await Promise.all([provider.close(), evil.close()]);
});
afterEach(() => {
  provider.reset();
  evil.reset();
});

describe('the URL of a resource call', () => {
  it.each([
    ['two', 'user', '/api/v1/user'],
    ['two', '/user', '/api/v1/user'],
    ['two', '', '/api/v1'],
    ['two', '?a=1', '/api/v1?a=1'],
    ['two', 'user/a%2Fb?c=%7e', '/api/v1/user/a%2Fb?c=%7e'],
    ['slashed', 'user', '/api/v1/user'],
    ['slashed', '/user', '/api/v1/user'],
    ['slashed', '', '/api/v1/'],
    ['keyed', 'user', '/api/v1/user?key=k+&v=1'],
    ['keyed', '/user?a=1', '/api/v1/user?a=1&key=k+&v=1'],
  ] as const)('[A12] of %s, %j, is %s: below apiBaseUrl, whose query stays', async (...row) => {
    const [client, url, expected] = row;
    const seen = await echo(oauth[client].get(url, { token: tokens.two }));
    expect(seen.path + (seen.search && `?${seen.search}`)).toBe(expected);
  });

  it('[A12] may be absolute, as text or as a URL', async () => {
    const url = `${provider.base}/api/elsewhere?a=1`;
    for (const given of [url, new URL(url), url.replace('http:', 'HTTP:')]) {
      expect(await echo(oauth.two.get(given, { token: tokens.two }))).toMatchObject({
        path: '/api/elsewhere',
        search: 'a=1',
      });
    }
  });

  it('[A12] without apiBaseUrl must be absolute', async () => {
    await echo(oauth.baseless.get(`${provider.base}/api/user`, { token: tokens.two }));
    for (const url of ['user', 'https://[', 'http://127.0.0.1:99999/']) {
      const error = await rejection(oauth.baseless.get(url, { token: tokens.two }));
      expect(error).toMatchObject({ code: 'invalid_options', client: 'baseless' });
    }
  });
});

/** Addresses that lead, or would lead a careless reader, to `host`. */
const foreign: [title: string, url: (host: string, home: string) => string][] = [
  ['another origin', (host) => `http://${host}/x`],
  ['another origin, in capitals', (host) => `HTTP://${host}/x`],
  ['another scheme', (_host, home) => `https://${home}/x`],
  ['no host: https:evil', (host) => `https:${host}/x`],
  ['no host: http:evil', (host) => `http:${host}/x`],
  ['one slash: http:/evil', (host) => `http:/${host}/x`],
  ['backslashes: http:\\\\evil', (host) => `http:\\\\${host}/x`],
  ['no scheme: //evil', (host) => `//${host}/x`],
  ['no scheme and a third slash', (host) => `///${host}/x`],
  ['/\\evil', (host) => `/\\${host}/x`],
  ['\\\\evil', (host) => `\\\\${host}/x`],
  ['\\/evil', (host) => `\\/${host}/x`],
  ['a tab between the slashes', (host) => `/\t/${host}/x`],
  ['a newline between the slashes', (host) => `/\n/${host}/x`],
  ['a tab in front', (host) => `\t//${host}/x`],
  ['a zero byte in front', (host) => `\0//${host}/x`],
  ['a tab inside the scheme', (host) => `ht\ttp://${host}/x`],
  ['the home as user name', (host, home) => `http://${home}@${host}/x`],
  ['the home as user name, escaped', (host, home) => `http://${home}%2f@${host}/x`],
  [
    'the home as the beginning of the host',
    (host, home) => `http://${home.split(':')[0]}.${host}/x`,
  ],
  ['the home and a backslash', (host, home) => `http://${host}\\@${home}/x`],
  ['another port', (_host, home) => `http://${home.split(':')[0]}:9/x`],
  ['ftp', (host) => `ftp://${host}/x`],
  ['a file', () => 'file:///etc/passwd'],
];

/** Addresses that look foreign, and are paths below the API. */
const domestic = [' //', './/', './/', '/.//', '@', '/@', ':@', '%2f%2f', '?to=//', '#//', 'a:'];

describe.each(['two', 'one'] as const)('the token of client "%s"', (name) => {
  const client = () => oauth.createClient(name as string);
  const token = () => tokens[name];
  const hosts = () => [new URL(evil.origin).host, new URL(provider.origin).host] as const;

  it.each(foreign)('[R8] goes nowhere with %s', async (_title, url) => {
    const given = url(...hosts());
    const error = await rejection(client().get(given, { token: token() }));
    expect(error).toMatchObject({ code: 'foreign_origin', client: name, phase: 'resource' });
    expect(error.message).toContain(provider.origin);
    expect([...evil.requests, ...provider.requests]).toEqual([]);
  });

  it.each(domestic)('[R8] stays at home with %j', async (prefix) => {
    await client().get(`${prefix}${hosts()[0]}/x`, { token: token() });
    expect(evil.requests).toEqual([]);
    expect(provider.count()).toBe(1);
  });

  it('[R8] goes to no URL with user information', async () => {
    const url = provider.origin.replace('http://', 'http://user:SECRET@');
    const error = await rejection(client().get(`${url}/api/x`, { token: token() }));
    expect(['insecure_transport', 'invalid_options']).toContain(error.code);
    expect(error.message).not.toContain('SECRET');
    expect(provider.requests).toEqual([]);
  });

  it.each([301, 302, 303, 307, 308])(
    '[R8] does not follow a %i (RFC 9700 §4.12)',
    async (status) => {
      // A signed request may follow on its own origin, signed anew.
      const own = name === 'one' ? [] : [provider.origin];
      for (const to of [evil.origin, ...own]) {
        provider.reset();
        const answer = { status, headers: { location: `${to}/stolen` } };
        provider.on('api', () => answer);
        provider.on('oauth1_api', () => answer);
        const response = await client().post('x', { token: token(), form: { a: 1 } });
        expect(response.status).toBe(status);
        expect(response.headers.get('location')).toBe(`${to}/stolen`);
        expect(provider.count()).toBe(1);
      }
      expect(evil.requests).toEqual([]);
    },
  );

  it('[R8] is withheld on request, and then any absolute URL will do', async () => {
    const options = { token: token(), withholdToken: true, query: { a: 1 } };
    await client().get(`${evil.origin}/x`, options);
    await client().get('x', options);
    for (const request of [...evil.requests, ...provider.requests]) {
      expect(request.headers).not.toHaveProperty('authorization');
      expect(request.search).toBe('a=1');
      expect(request.body).toBe('');
    }
    expect([evil.count(), provider.count()]).toEqual([1, 1]);
  });

  it('[R8] is not needed if it is withheld, and plain http still is refused', async () => {
    const error = client().get('http://provider.example/', { withholdToken: true });
    expect(await rejection(error)).toMatchObject({ code: 'insecure_transport' });
    expect(await rejection(client().get('//evil.example', { withholdToken: true }))).toMatchObject({
      code: 'foreign_origin',
    });
  });
});
