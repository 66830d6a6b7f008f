import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuthorizationRequest, OAuth1Client } from '@oauth-registry/core/types';
import { Browser, type Visit } from '../../support/browser.js';
import { comeBack, echo, login, redirectUri, rejection } from '../../support/login.js';
import { oauth1Client as options, startExpress, type TestApp } from '../../support/apps/express.js';
import { form } from '../../support/provider/response.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';
import { judge, param } from './judge.js';
import { oauth1Client } from './world.js';

let provider: FakeProvider;
let app: TestApp;
let client: OAuth1Client;

beforeAll(async () => {
  provider = await startProvider();
  client = oauth1Client(provider);
  app = await startExpress({ clients: { one: options(provider), two: options(provider) } });
});
beforeEach(() => provider.reset());
afterAll(() => Promise.all([provider.close(), app.close()]));

const codeOf = (visit: Visit): unknown => (visit.json() as { code?: unknown }).code;

/** Goes to the provider and stops in front of the callback. */
async function callbackOf(browser: Browser, name = 'one'): Promise<URL> {
  const until = ({ pathname }: URL): boolean => pathname.startsWith('/callback/');
  const { pending } = await browser.follow(`${app.url}/login/${name}`, { until });
  if (!pending) throw new Error('There was no callback.');
  return pending.url;
}

describe('session fixation (advisory 2009.1)', () => {
  it('[A5] the callback is sent and signed with the first request, "oob" as well (RFC 5849 §2.1)', async () => {
    const judged = judge(provider);
    for (const uri of [redirectUri, 'oob']) await client.createAuthorizationUrl(uri);
    expect(judged.map((request) => param(request, 'oauth_callback'))).toEqual([redirectUri, 'oob']);
  });

  it.each([
    'no-callback-confirmed',
    'callback-confirmed-upper-case',
    'callback-not-confirmed',
  ] as const)('[A5] the provider must confirm it: %s ends the login', async (quirk) => {
    provider.quirks.oauth1Request = quirk;
    const visit = await new Browser().follow(`${app.url}/login/one`);
    expect(codeOf(visit)).toBe('invalid_response');
    expect(provider.count('oauth1_authorize')).toBe(0);
  });

  it('[A5] the attacker’s approved callback is worth nothing in the victim’s browser', async () => {
    const victim = new Browser();
    await callbackOf(victim);
    const planted = await callbackOf(new Browser());
    expect(codeOf(await victim.get(planted))).toBe('mismatching_state');
    expect(provider.count('oauth1_access')).toBe(0);
  });

  it('[A5] the victim’s approval is worth nothing to the attacker, who knows the token alone', async () => {
    const request = await client.createAuthorizationUrl(redirectUri);
    await comeBack(request);
    for (const guess of [{}, { oauth_verifier: '' }, { oauth_verifier: ['a', 'b'] }]) {
      const back = { oauth_token: request.state, ...guess };
      const error = await rejection(client.fetchAccessToken(back, request));
      expect(error).toMatchObject({ code: 'invalid_callback' });
    }
    expect(provider.count('oauth1_access')).toBe(0);
  });
});

describe('a callback', () => {
  it('[A5] is good once, also when it failed', async () => {
    for (const fault of [undefined, 'reset'] as const) {
      provider.reset();
      provider.quirks.fault.oauth1_access = fault;
      const browser = new Browser();
      const callback = await callbackOf(browser);
      await browser.get(callback);
      expect(codeOf(await browser.get(callback))).toBe('mismatching_state');
      expect(provider.count('oauth1_access')).toBe(1);
    }
  });

  it('[A5] is good once, also for two requests at the same moment', async () => {
    const browser = new Browser();
    const callback = await callbackOf(browser);
    const visits = await Promise.all([browser.get(callback), browser.get(callback)]);
    expect(visits.map(({ status }) => status).toSorted()).toEqual([200, 400]);
    expect(provider.count('oauth1_access')).toBe(1);
  });

  it('[A5] is good for the client that asked, and no other', async () => {
    const browser = new Browser();
    const callback = await callbackOf(browser, 'one');
    callback.pathname = '/callback/two';
    expect(codeOf(await browser.get(callback))).toBe('mismatching_state');
    expect(provider.count('oauth1_access')).toBe(0);
  });

  it.each([
    ['a foreign oauth_token', (params: URLSearchParams) => params.set('oauth_token', 'foreign')],
    ['an empty oauth_token', (params: URLSearchParams) => params.set('oauth_token', '')],
    ['no oauth_token', (params: URLSearchParams) => params.delete('oauth_token')],
    ['another case', (params: URLSearchParams) => params.set('oauth_token', (params.get('oauth_token') ?? '').toUpperCase())], // prettier-ignore
    ['oauth_token twice', (params: URLSearchParams) => params.append('oauth_token', params.get('oauth_token') ?? '')], // prettier-ignore
    ['another oauth_token behind', (params: URLSearchParams) => params.append('oauth_token', 'x')],
    ['oauth_verifier twice', (params: URLSearchParams) => params.append('oauth_verifier', 'x')],
    ['no oauth_verifier', (params: URLSearchParams) => params.delete('oauth_verifier')],
    ['an empty oauth_verifier', (params: URLSearchParams) => params.set('oauth_verifier', '')],
    ['denied twice', (params: URLSearchParams) => ['a', 'b'].forEach((v) => params.append('denied', v))], // prettier-ignore
  ] as const)('[A5] with %s asks for no access token (RFC 5849 §2.2)', async (_title, change) => {
    const request = await client.createAuthorizationUrl(redirectUri);
    const { searchParams } = await comeBack(request);
    change(searchParams);
    const error = await rejection(client.fetchAccessToken(searchParams, request));
    expect(['mismatching_state', 'invalid_callback']).toContain(error.code);
    expect(provider.count('oauth1_access')).toBe(0);
  });

  it('[A5] cannot replace what is stored: neither the token’s secret nor a parameter', async () => {
    const judged = judge(provider);
    const request = await client.createAuthorizationUrl(redirectUri);
    const { searchParams } = await comeBack(request);
    const planted = {
      oauth_token_secret: 'x',
      requestTokenSecret: 'x',
      oauth_nonce: '1',
      self: 'x',
    };
    for (const [name, value] of Object.entries(planted)) searchParams.set(name, value);
    searchParams.set('__proto__', 'x');
    expect(await client.fetchAccessToken(searchParams, request)).toHaveProperty('oauth_token');
    const sent = judged.find(({ endpoint }) => endpoint === 'oauth1_access');
    expect(sent && param(sent, 'oauth_token_secret')).toBeUndefined();
    expect(sent && param(sent, 'oauth_nonce')).not.toBe('1');
  });
});

describe('a response with credentials', () => {
  it.each([
    'duplicated-token',
    'duplicated-secret',
    'no-secret',
    'no-token',
    'empty-token',
    'html',
  ] as const)('[A5] is refused with %s (RFC 5849 §2.1, §2.3)', async (quirk) => {
    for (const endpoint of ['oauth1Request', 'oauth1Access'] as const) {
      provider.reset();
      provider.quirks[endpoint] = quirk;
      const error = await rejection(login(client));
      expect(error).toMatchObject({ code: 'invalid_response' });
      expect(provider.count('oauth1_api')).toBe(0);
    }
  });

  it.each(['HEADER', 'QUERY', 'BODY'] as const)(
    '[A5] with line breaks in it injects nothing into later requests, with %s',
    async (signatureType) => {
      const odd = 'x\r\nX-Injected: yes\r\n\r\nGET /evil HTTP/1.1\u0000"';
      const token = { oauth_token: odd, oauth_token_secret: odd };
      provider.quirks.oauth1Access = (fields) => form({ ...fields, ...token });
      provider.tokenCredentials.set(odd, { secret: odd, callback: '' });
      const judged = judge(provider);
      const careful = oauth1Client(provider, { signatureType });
      expect(await login(careful)).toMatchObject(token);
      const seen = await echo(careful.post('me', { token, form: { a: '1' } }));
      expect(seen.headers).not.toHaveProperty('x-injected');
      expect(judged.slice(-1).map((request) => param(request, 'oauth_token'))).toEqual([odd]);
      expect(provider.count('unknown')).toBe(0);
    },
  );

  it('[A5] with a line break in the request token stays inside the authorization URL', async () => {
    const fields = { oauth_token: 'a\r\nb&perms=all#x', oauth_token_secret: 's' };
    provider.on('oauth1_request', () => form({ ...fields, oauth_callback_confirmed: 'true' }));
    const { url } = await client.createAuthorizationUrl(redirectUri);
    expect(url).toContain('oauth_token=a%0D%0Ab%26perms%3Dall%23x');
    expect([...new URL(url).searchParams.keys()]).toEqual(['oauth_token']);
  });
});

describe('secrets', () => {
  const secrets = ['request-token-secret', 'access-token-secret', 'the-verifier', 'pass-word'];

  /** Everything a log could show of an error. */
  const textsOf = (error: Error): string =>
    [error.message, error.stack, JSON.stringify(error), inspect(error, { depth: 9 })].join();

  const steps: [string, (request: AuthorizationRequest) => Promise<unknown>][] = [
    ['the request token', () => client.fetchRequestToken(redirectUri)],
    ['the access token', (request) => client.fetchAccessToken({ oauth_token: request.state, oauth_verifier: 'the-verifier' }, request)], // prettier-ignore
    ['a direct token', () => client.directToken({ x_auth_password: 'pass-word' })],
    ['a renewal', () => client.refreshToken({ oauth_token: 't', oauth_token_secret: 'access-token-secret', oauth_session_handle: 'pass-word' })], // prettier-ignore
    ['a profile', () => client.userinfo({ token: { oauth_token: 't', oauth_token_secret: 'access-token-secret' } })], // prettier-ignore
  ];

  it.each(steps)('[A5] stay out of every error of %s', async (_title, step) => {
    const data = { state: 't', redirectUri, requestTokenSecret: 'request-token-secret', url: '' };
    const echoed = [...secrets, provider.settings.clientSecret].join('&');
    const answers = [
      { status: 200, body: `<html>${echoed}` },
      { status: 200, body: `oauth_token=t&oauth_token=u&oauth_token_secret=${echoed}` },
      { status: 401, body: `oauth_problem=token_rejected&oauth_problem_advice=${echoed}` },
      { status: 400, body: JSON.stringify({ error: echoed, oauth_problem: echoed }) },
      { status: 503, body: echoed },
      { status: 302, headers: { location: `https://evil.example/?${secrets.join()}` } },
      { destroy: true },
    ];
    for (const answer of answers) {
      provider.reset();
      for (const endpoint of ['oauth1_request', 'oauth1_access', 'oauth1_api'] as const) {
        provider.on(endpoint, () => answer);
      }
      const error = await rejection(step(data));
      const leaked = [...secrets, provider.settings.clientSecret].filter((secret) =>
        textsOf(error).includes(secret),
      );
      expect(leaked).toEqual([]);
    }
  });

  it('[A7] of PLAINTEXT go over https alone, whatever is allowed (RFC 5849 §3.4.4)', async () => {
    const sent: string[] = [];
    const fetch: typeof globalThis.fetch = async (url) => {
      sent.push(String(url));
      return new Response(new URLSearchParams({ oauth_token: 't', oauth_token_secret: 's', oauth_callback_confirmed: 'true' })); // prettier-ignore
    };
    const far = (scheme: string, signatureMethod: 'PLAINTEXT' | 'HMAC-SHA1'): OAuth1Client =>
      oauth1Client(
        provider,
        {
          signatureMethod,
          accessTokenUrl: `${scheme}://provider.example/access`,
          apiBaseUrl: `${scheme}://provider.example/api`,
        },
        { fetch, allowInsecureRequests: true },
      );
    const token = { oauth_token: 't', oauth_token_secret: 's' };
    const open = far('http', 'PLAINTEXT');
    for (const call of [
      open.directToken({}),
      open.get('me', { token }),
      open.get('me', { twoLegged: true }),
    ]) {
      expect(await rejection(call)).toMatchObject({ code: 'insecure_transport' });
    }
    expect(sent).toEqual([]);
    await far('https', 'PLAINTEXT').get('me', { token });
    await far('http', 'HMAC-SHA1').get('me', { token });
    expect(sent).toHaveLength(2);
  });

  it('[A5] are sent over https alone if nothing else is allowed, and never in a URL', async () => {
    for (const option of ['accessTokenUrl', 'authorizeUrl', 'apiBaseUrl', 'refreshTokenUrl']) {
      expect(() => oauth1Client(provider, { [option]: 'http://provider.example/x' })).toThrow(
        expect.objectContaining({ code: 'insecure_transport' }),
      );
    }
    const secret = oauth1Client(provider, { signatureType: 'QUERY' });
    const token = await login(secret);
    await secret.get('me', { token });
    const urls = provider.requests.map(({ url }) => decodeURIComponent(url)).join();
    expect(urls).not.toContain(token.oauth_token_secret);
    expect(urls).not.toContain(provider.settings.clientSecret);
  });
});

describe('a nonce (RFC 5849 §3.3)', () => {
  it('[A7] is never drawn twice: 500 calls at once, each accepted by a provider that remembers', async () => {
    const token = await login(client);
    const calls = Array.from({ length: 500 }, () => client.get('me', { token }));
    const statuses = new Set((await Promise.all(calls)).map(({ status }) => status));
    expect([...statuses]).toEqual([200]);
  });
});
