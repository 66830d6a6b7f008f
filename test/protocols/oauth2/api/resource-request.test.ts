import { OAuth, type OAuth1Token, type OAuth2Token, type Token } from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { oauth1Client, plainClient } from '../../../support/apps/express.js';
import { startProvider, type FakeProvider } from '../../../support/provider/index.js';
import { echo, login, rejection } from '../../../support/login.js';

let provider: FakeProvider;
let tokens: { two: OAuth2Token; one: OAuth1Token };

const hook = vi.fn<(name: string, request?: unknown) => Promise<Token | undefined>>();
function makeRegistry(timeout = 10_000) {
  return new OAuth({ config: {}, fetchToken: hook, timeout })
    .register('two', plainClient(provider))
    .register('one', { ...oauth1Client(provider), requestTokenUrl: provider.oauth1.request });
}

let oauth: ReturnType<typeof makeRegistry>;

beforeAll(async () => {
  provider = await startProvider({ openid: false });
  oauth = makeRegistry();
  tokens = { two: await login(oauth.two), one: await login(oauth.one) };
});
afterAll(() => provider.close());
afterEach(() => {
  provider.reset();
  vi.resetAllMocks();
});

describe.each(['two', 'one'] as const)('a resource call of client "%s"', (name) => {
  const client = () => oauth.createClient(name as string);
  const token = () => tokens[name];
  const endpoint = name === 'two' ? 'api' : 'oauth1_api';

  it.each(['get', 'post', 'put', 'patch', 'delete'] as const)('[A12] %s', async (verb) => {
    const seen = await echo(client()[verb]('user', { token: token() }));
    expect(seen).toMatchObject({ method: verb.toUpperCase(), placement: 'header' });
    expect(seen.path).toMatch(/\/user$/);
  });

  it('[A12] head and any other method', async () => {
    expect((await client().head('user', { token: token() })).status).toBe(200);
    expect(provider.last(endpoint).method).toBe('HEAD');
    const seen = await echo(client().request('report', '/user', { token: token() }));
    expect(seen.method).toBe('REPORT');
  });

  it('[A12] sends json', async () => {
    const seen = await echo(client().post('notes', { token: token(), json: { a: [1, 'ü'] } }));
    expect(seen.headers['content-type']).toBe('application/json');
    expect(JSON.parse(seen.body)).toEqual({ a: [1, 'ü'] });
    const headers = { 'content-type': 'application/vnd.api+json' };
    const other = await echo(client().put('notes', { token: token(), json: null, headers }));
    expect([other.headers['content-type'], other.body]).toEqual([headers['content-type'], 'null']);
  });

  it('[A12] sends a form, repeated and odd values included', async () => {
    const form = { a: [1, 2], b: 'x y&=+ü', none: undefined, nil: null, yes: true };
    const seen = await echo(client().post('notes', { token: token(), form }));
    expect(seen.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
    const pairs = [
      ['a', '1'],
      ['a', '2'],
      ['b', 'x y&=+ü'],
      ['yes', 'true'],
    ];
    expect([...new URLSearchParams(seen.body)]).toEqual(pairs);
    const params = new URLSearchParams(pairs);
    const same = await echo(client().post('notes', { token: token(), form: params }));
    expect(same.body).toBe(seen.body);
  });

  it('[A12] adds a query to the one of the URL', async () => {
    const query = { b: ['2', 'x y&=+ü'], none: undefined };
    const seen = await echo(client().get('notes?a=1', { token: token(), query }));
    expect(seen.query).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['b', 'x y&=+ü'],
    ]);
  });

  it('[A12] sends headers, and a body of any kind', async () => {
    const headers = { accept: 'text/plain', 'x-trace': 'abc' };
    const bytes = new TextEncoder().encode('text');
    for (const body of ['text', bytes, new Blob([bytes]), new Blob([bytes]).stream()]) {
      const seen = await echo(client().post('notes', { token: token(), headers, body }));
      expect(seen.headers).toMatchObject(headers);
      expect(seen.body).toBe('text');
    }
  });

  it('[A12] has one body at most, and none with GET', async () => {
    const two = client().post('x', { token: token(), json: 1, form: { a: 1 } });
    expect(await rejection(two)).toMatchObject({ code: 'invalid_options', phase: 'resource' });
    const got = await rejection(client().get('x', { token: token(), form: { a: 1 } }));
    expect(got).toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining('"query"') as string,
    });
    expect(provider.requests).toEqual([]);
  });

  it.each(['CONNECT', 'TRACE', 'track'])(
    '[A12] is not sent with the method %s, which fetch does not allow',
    async (method) => {
      const error = await rejection(client().request(method, 'user', { token: token() }));
      expect(error).toMatchObject({ code: 'invalid_options' });
      expect(provider.requests).toEqual([]);
    },
  );

  it.each([400, 401, 404, 429, 500, 503])(
    '[A12] returns a response of %i as it is',
    async (status) => {
      provider.on(endpoint, () => ({ status, body: 'No.' }));
      const response = await client().get('user', { token: token() });
      expect(response).toBeInstanceOf(Response);
      expect([response.status, await response.text()]).toEqual([status, 'No.']);
    },
  );

  it('[A12] streams the response', async () => {
    async function* parts(): AsyncIterable<string> {
      yield 'one,';
      await new Promise((resolve) => setTimeout(resolve, 30));
      yield 'two';
    }
    provider.on(endpoint, () => ({ body: parts() }));
    const response = await client().get('user', { token: token() });
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).toBe('one,');
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('two');
  });

  it('[A12] ends when its signal says so: before, while waiting, and while reading', async () => {
    const reason = new Error('changed my mind');
    const aborted = client().get('user', { token: token(), signal: AbortSignal.abort(reason) });
    expect(await rejection(aborted)).toBe(reason);
    const controller = new AbortController();
    provider.quirks.fault = { api: 'hang', oauth1_api: 'hang' };
    const waiting = client().get('user', { token: token(), signal: controller.signal });
    setTimeout(() => controller.abort(reason), 30);
    expect(await rejection(waiting)).toBe(reason);
    provider.quirks.fault = { api: 'headers-then-hang', oauth1_api: 'headers-then-hang' };
    const later = new AbortController();
    const response = await client().get('user', { token: token(), signal: later.signal });
    setTimeout(() => later.abort(reason), 30);
    expect(await rejection(response.text())).toBe(reason);
  });

  it.each([
    ['hang', 'timeout'],
    ['reset', 'provider_unavailable'],
  ] as const)('[A12] ends with an error at %s', async (fault, code) => {
    provider.quirks.fault = { api: fault, oauth1_api: fault };
    const hasty = makeRegistry(code === 'timeout' ? 200 : 10_000).createClient(name as string);
    const error = await rejection(hasty.get('user', { token: token() }));
    expect(error).toMatchObject({ code, client: name, phase: 'resource' });
  });

  it('[A13] without a token asks fetchToken, with the name and the request', async () => {
    const request = { user: 7 };
    hook.mockResolvedValueOnce(token());
    await echo(client().get('user', { request }));
    expect(hook.mock.calls).toEqual([[name, request]]);
    const error = await rejection(client().get('user', { request }));
    expect(error).toMatchObject({
      code: 'missing_token',
      client: name,
      message: expect.stringContaining('fetchToken') as string,
    });
    expect(provider.count()).toBe(1);
  });

  it('[X1] refuses a token of the other protocol, or none at all, and says nothing of it', async () => {
    const foreign = name === 'two' ? tokens.one : tokens.two;
    const odd = ['SECRET-TOKEN', 7, {}, [], { access_token: 7 }, { oauth_token: 'SECRET-TOKEN' }];
    for (const given of [foreign, ...odd]) {
      const error = await rejection(client().get('user', { token: given as Token }));
      expect(error).toMatchObject({ code: 'invalid_token', client: name });
      expect(error.message).not.toContain('SECRET');
    }
    expect(provider.requests).toEqual([]);
  });

  it('refuses header values that no header can carry, without quoting them', async () => {
    const headers = { 'x-key': 'SECRET\r\nx-injected: 1' };
    const error = await rejection(client().get('user', { token: token(), headers }));
    expect(error).toMatchObject({ code: 'invalid_options' });
    expect(error.message).not.toContain('SECRET');
  });
});
