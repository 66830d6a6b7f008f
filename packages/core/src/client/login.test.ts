import { describe, expect, it } from 'vitest';
import { FakeBrowser, memoryStore } from '../../../../test/support/fake-browser.js';
import { OAuthError } from '../model/errors.js';
import type { BrowserRequest } from '../model/ports.js';
import type { AuthorizeData, ChosenServer, Engine, Token } from '../model/types.js';
import type { EngineSource } from '../protocols/engine-source.js';
import { StoreStorage } from './login-state/in-store.js';
import { PendingLogins } from './login-state/pending-logins.js';
import { BrowserLogin, finishCallback } from './login.js';

const redirectUri = 'http://localhost/callback';
const here = { issuer: 'https://here.example' } as unknown as ChosenServer;
const there = { issuer: 'https://there.example' } as unknown as ChosenServer;

interface Given {
  source?: Partial<EngineSource>;
  engine?: Partial<Engine>;
  data?: Partial<AuthorizeData>;
  /** Pending logins shared with another client. */
  logins?: PendingLogins;
}

/** A client whose provider sends a callback with a state; it records what it does. */
function clientOf({ source, engine, data, logins }: Given = {}) {
  const steps: string[] = [];
  const one = {
    validateCallback: (params: URLSearchParams) => {
      steps.push(`validate ${params.get('code')}`);
      return params;
    },
    completeLogin: async (params: URLSearchParams) => {
      steps.push('complete');
      return {
        access_token: `at ${params.get('code')}`,
        token_type: 'Bearer',
        server: data?.server,
      };
    },
    fetchProfile: async () => ({ sub: 'found here' }),
    ...engine,
  } as Engine;
  const options = { userinfo: { onLogin: true } };
  const app = {
    name: 'corp',
    kind: 'oauth2',
    readCallback: (params: URLSearchParams) => params.get('state') ?? undefined,
    resume: async () => ({ engine: one, options }),
    of: async () => {
      steps.push('of');
      const profile = { fetchProfile: async () => ({ sub: 'found there' }) };
      return { engine: { ...one, ...profile } as Engine, options };
    },
    ...source,
  } as EngineSource;
  const config = {
    app,
    options: {},
    logins:
      logins ?? new PendingLogins(new StoreStorage(memoryStore(), { count: 9, bytes: 7000 }), 60),
    formBytes: 1000,
  };
  const request = { url: 'https://id.example/authorize', state: 's', redirectUri, ...data };
  const authorize = async () => {
    steps.push('authorize');
    return request;
  };
  return { login: new BrowserLogin<Token>(config, authorize), config, steps, request };
}

function requestOf(
  browser: FakeBrowser,
  more: Partial<BrowserRequest> = {},
): BrowserRequest & { sent: Record<string, string> } {
  const sent: Record<string, string> = {};
  const setHeader = (name: string, value: string): void => void (sent[name] = value);
  return { ...browser.request(), setHeader, sent, ...more };
}

const query = 'state=s&code=c';
const posted = (text = query): Partial<BrowserRequest> => ({
  method: 'POST',
  body: () => Object.fromEntries(new URLSearchParams(text)),
});
const withType = (browser: FakeBrowser, more: Partial<BrowserRequest>): BrowserRequest => {
  const request = requestOf(browser, more);
  const { header } = request;
  const type = 'application/x-www-form-urlencoded';
  return { ...request, header: (name) => (name === 'content-type' ? type : header(name)) };
};

describe('the start of a login', () => {
  it.each([
    ['GET', 302],
    ['POST', 303],
  ])('redirects a %s with the status %d, which no cache stores', async (method, status) => {
    const { login } = clientOf();
    const browser = new FakeBrowser();
    const request = requestOf(browser, { method });
    const location = 'https://id.example/authorize';
    expect(await login.start(request, {})).toEqual({ status, location });
    expect(request.sent).toMatchObject({ 'cache-control': 'no-store' });
    const { token } = await login.arrive(requestOf(browser, { query }), {});
    expect(token).toMatchObject({ access_token: 'at c', userinfo: { sub: 'found here' } });
  });

  it('sends no request for a HEAD or a prefetch', async () => {
    const { login, steps } = clientOf();
    const browser = new FakeBrowser();
    const header = (name: string) => (name === 'purpose' ? 'prefetch' : undefined);
    for (const more of [{ method: 'HEAD' }, { header }])
      expect((await login.start(requestOf(browser, more), {})).location).toBeUndefined();
    expect(steps).toEqual([]);
    expect(browser.cookies.size).toBe(0);
  });

  it('may be by the application: it stores the request itself', async () => {
    const { login, request } = clientOf();
    const browser = new FakeBrowser();
    await login.store(requestOf(browser), request);
    expect(await login.finish(requestOf(browser, { query }))).toMatchObject({
      access_token: 'at c',
    });
    const failing = {
      ...requestOf(browser),
      setCookie: () => {
        throw new OAuthError('storage_failed', 'It fails.');
      },
    };
    for (const started of [login.store(failing, request), login.start(failing, {})])
      await expect(started).rejects.toMatchObject({ client: 'corp', phase: 'authorize' });
  });
});

describe('a callback', () => {
  it('is spent by its first step', async () => {
    const { login, steps } = clientOf({
      engine: {
        validateCallback: () => {
          throw new OAuthError('invalid_callback', 'It is invalid.');
        },
      },
    });
    const browser = new FakeBrowser();
    await login.start(requestOf(browser), {});
    const finish = () => login.finish(requestOf(browser, { query }));
    await expect(finish()).rejects.toMatchObject({ code: 'invalid_callback', phase: 'callback' });
    await expect(finish()).rejects.toMatchObject({ code: 'mismatching_state' });
    expect(steps).toEqual(['authorize']);
  });

  it.each([
    ['without a state', {}, 'code=c'],
    ['of another client', { name: 'other' }, query],
    ['of another protocol', { kind: 'oauth1' as const }, query],
  ])('%s belongs to no login', async (_, source, sent) => {
    const { login, config } = clientOf();
    const browser = new FakeBrowser();
    await login.start(requestOf(browser), {});
    const { login: other, steps } = clientOf({ source, logins: config.logins });
    await expect(other.finish(requestOf(browser, { query: sent }))).rejects.toMatchObject({
      code: 'mismatching_state',
    });
    expect(steps).toEqual([]);
  });

  it.each([
    ['GET', {}, true],
    ['POST', {}, false],
    ['GET', { formPost: true }, false],
    ['POST', { formPost: true }, true],
    ['GET', { fragment: true }, false],
    ['POST', { fragment: true }, true],
  ])('by %s to a login with %j is accepted: %s', async (method, data, accepted) => {
    const arrival = async (source: Partial<EngineSource>) => {
      const { login } = clientOf({ data, source });
      const browser = new FakeBrowser();
      await login.start(requestOf(browser), {});
      return login.finish(withType(browser, method === 'GET' ? { query } : posted()));
    };
    if (accepted) await expect(arrival({})).resolves.toBeDefined();
    else await expect(arrival({})).rejects.toMatchObject({ code: 'invalid_callback' });
    await expect(arrival({ acceptsGetAndPost: true })).resolves.toBeDefined();
  });

  it('is repeated once, by a GET with the cookies of the session', async () => {
    const { login, steps } = clientOf({ data: { formPost: true } });
    const browser = new FakeBrowser();
    await login.start(requestOf(browser), { carry: { link: 'user' } });
    const carries: unknown[] = [];
    const carried = (carry: object) => {
      carries.push(carry);
      return 'again' as const;
    };
    const first = await login.arrive(withType(browser, posted()), { carried });
    expect(first).toEqual({ again: 's' });
    expect(steps).toEqual(['authorize']);
    const repeated = requestOf(browser, { query: 'state=s&code=injected' });
    const { token } = await login.arrive(repeated, { carried });
    expect(token?.['access_token']).toBe('at c');
    expect(carries).toEqual([{ link: 'user' }, { link: 'user' }]);
  });

  it('names the phase that failed', async () => {
    const failing = () => Promise.reject(new OAuthError('provider_unavailable', 'It is down.'));
    for (const [phase, engine] of [
      ['exchange', { completeLogin: failing }],
      ['userinfo', { fetchProfile: failing }],
    ] as const) {
      const { login } = clientOf({ engine });
      const browser = new FakeBrowser();
      await login.start(requestOf(browser), {});
      await expect(login.finish(requestOf(browser, { query }))).rejects.toMatchObject({
        client: 'corp',
        phase,
      });
    }
  });

  it.each([
    ['the server of the login', here, { ...here }, 'found here'],
    ['no server', undefined, undefined, 'found here'],
    ['another server', here, there, 'found there'],
    ['a server, after a login without one', undefined, there, 'found there'],
  ])('has the profile of its token: %s', async (_, started, server, sub) => {
    const completeLogin = async () =>
      ({ access_token: 'a', token_type: 'Bearer', server }) as Token;
    const data = started === undefined ? {} : { server: started };
    const { login } = clientOf({ data, engine: { completeLogin } });
    const browser = new FakeBrowser();
    await login.start(requestOf(browser), {});
    const token = await login.finish(requestOf(browser, { query }));
    expect(token.userinfo?.raw).toEqual({ sub });
  });
});

describe('a callback with stored data of the application', () => {
  it('must have its state', async () => {
    const { config, steps, request } = clientOf();
    const finish = (data: unknown, text = query) =>
      finishCallback(config, new URLSearchParams(text), { data: data as AuthorizeData });
    for (const data of [undefined, null, {}, { ...request, state: 'other' }])
      await expect(finish(data)).rejects.toMatchObject({ code: 'mismatching_state' });
    await expect(finish(request, 'code=c')).rejects.toMatchObject({ code: 'mismatching_state' });
    await expect(finish({ ...request, state: '' }, 'code=c')).rejects.toMatchObject({
      code: 'mismatching_state',
    });
    expect(steps).toEqual([]);
    expect(await finish(request)).toMatchObject({ access_token: 'at c' });
  });
});

describe('a URL for both login and callback', () => {
  it.each([
    ['state=s', true],
    ['code=c', true],
    ['error=e', true],
    ['response=r', true],
    ['id_token=i', true],
    ['oauth_token=t', true],
    ['denied=t', true],
    ['openid.mode=m', true],
    ['returnTo=/', false],
    ['', false],
  ])('gets a callback with "%s": %s', async (text, callback) => {
    const { login } = clientOf();
    const browser = new FakeBrowser();
    const request = requestOf(browser, { query: text });
    expect(await login.isCallback(request)).toEqual([callback, request]);
    const [is, read] = await login.isCallback(withType(browser, posted(text)));
    expect(is).toBe(callback);
    expect(String(read.body())).toBe(String(new URLSearchParams(text)));
  });
});
