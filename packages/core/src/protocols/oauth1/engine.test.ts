import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHttp } from '../../platform/http/http.js';
import type { AuthorizeData, OAuth1Token, Engine, Token } from '../../model/types.js';
import { OAuth1Engine, type OAuth1EngineOptions, type OAuth1Verbs } from './engine.js';

/** The judge of our signatures is not ours: an independent implementation, HMAC-SHA1 only. */
const judge = createRequire(new URL('../../../../../test/package.json', import.meta.url))(
  'oauth-signature',
) as {
  generate(
    method: string,
    url: string,
    params: Record<string, string[]>,
    ...secrets: [clientSecret: string, tokenSecret: string, options: { encodeSignature: boolean }]
  ): string;
};

interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
  params: URLSearchParams;
  placement: 'header' | 'query' | 'body' | 'none';
}
interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body: string;
}

const form = 'application/x-www-form-urlencoded';
const clientSecret = 'c s&';
/** Token secrets by token; the empty token signs with an empty secret. */
const secrets: Record<string, string> = { '': '', 'rt+/=é': 'request&secret', 'at é': '' };
const verifier = 'v/+ é';

const seen: Seen[] = [];
/** Replies that replace the provider's own, one request each. */
const scripted: Reply[] = [];
let origin = '';

const server = createServer((request, response) => void serve(request, response));
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  seen.length = 0;
  scripted.length = 0;
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const record = await readRequest(request);
  seen.push(record);
  const { status = 200, headers = {}, body } = scripted.shift() ?? replyTo(record);
  response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(body);
}

async function readRequest(request: IncomingMessage): Promise<Seen> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
  const url = new URL(request.url ?? '/', origin);
  const { headers, method = '' } = request;
  const isForm = headers['content-type']?.startsWith(form) ?? false;
  const inHeader = [...(headers.authorization ?? '').matchAll(/(\w+)="([^"]*)"/g)]
    .filter(([, name]) => name !== 'realm')
    .map(([, name = '', value = '']) => [name, decodeURIComponent(value)]);
  const inBody = [...new URLSearchParams(isForm ? body : '')];
  const params = new URLSearchParams([...url.searchParams, ...inBody, ...inHeader]);
  const has = (list: string[][]): boolean => list.some(([name]) => name === 'oauth_signature');
  const placement = has(inHeader)
    ? 'header'
    : has(inBody)
      ? 'body'
      : url.searchParams.has('oauth_signature')
        ? 'query'
        : 'none';
  return { method, path: url.pathname, headers, body, params, placement };
}

/** Verifies the signature with the judge, then plays the provider. */
function replyTo(request: Seen): Reply {
  if (request.path === '/open') return { body: 'open' };
  if (!isSigned(request)) return { status: 401, body: 'oauth_problem=signature_invalid' };
  const { params, path } = request;
  if (path === '/request') {
    const token = 'oauth_token=rt%2B%2F%3D%C3%A9&oauth_token_secret=request%26secret';
    return { body: `${token}&oauth_callback_confirmed=true` };
  }
  if (path === '/access') {
    if (params.get('oauth_verifier') !== verifier) return { status: 401, body: 'no' };
    return { body: 'oauth_token=at%20%C3%A9&oauth_token_secret=&user_id=7&screen_name=ada' };
  }
  return { body: JSON.stringify({ id: 7, name: 'Ada', by: params.get('oauth_token') }) };
}

function isSigned({ method, path, params }: Seen): boolean {
  const covered: Record<string, string[]> = {};
  for (const name of new Set(params.keys())) {
    if (name !== 'oauth_signature') covered[name] = params.getAll(name);
  }
  const secret = secrets[params.get('oauth_token') ?? ''] ?? 'nobody';
  const options = { encodeSignature: false };
  const expected = judge.generate(method, origin + path, covered, clientSecret, secret, options);
  return params.getAll('oauth_signature').join() === expected;
}

type App = Engine<OAuth1Token> & { verbs: OAuth1Verbs };

function createApp(options: OAuth1EngineOptions = {}): App {
  return new OAuth1Engine({
    name: 'tumblr',
    http: createHttp({ timeout: 2000 }),
    options: {
      clientId: 'client id',
      clientSecret,
      requestTokenUrl: `${origin}/request?a=1&a=`,
      authorizeUrl: `${origin}/authorize?lang=en%20gb`,
      accessTokenUrl: `${origin}/access`,
      userinfoEndpoint: `${origin}/me?fields=id+name`,
      ...options,
    },
  }) as App;
}

const redirectUri = 'https://app.example/cb?client=a%20b&x=é';
const kept: AuthorizeData = {
  state: 'rt+/=é',
  redirectUri,
  requestTokenSecret: 'request&secret',
};
const good = new URLSearchParams({ oauth_token: 'rt+/=é', oauth_verifier: verifier });
const accessToken: OAuth1Token = { oauth_token: 'at é', oauth_token_secret: '' };

async function login(app: App): Promise<OAuth1Token> {
  const { url: _, ...data } = await app.createAuthorizationUrl(redirectUri, {});
  const params = new URLSearchParams({ oauth_token: data.state, oauth_verifier: verifier });
  expect(app.readCallback(params)).toBe(data.state);
  return await app.completeLogin(await app.validateCallback(params, data), data);
}

describe('[A5] login with OAuth 1.0a (RFC 5849 §2)', () => {
  it.each(['HEADER', 'QUERY', 'BODY'] as const)(
    'works against a provider that checks every signature, with %s',
    async (signatureType) => {
      const app = createApp({ signatureType, realm: 'Photos' });
      const token = await login(app);
      expect(token).toEqual({ ...accessToken, user_id: '7', screen_name: 'ada' });
      expect(await app.fetchProfile(token)).toEqual({ id: 7, name: 'Ada', by: 'at é' });
      const place = signatureType.toLowerCase();
      const last = place === 'body' ? 'header' : place;
      expect(seen.map(({ placement }) => placement)).toEqual([place, place, last]);
    },
  );

  it('[A3] is an engine of kind oauth1, under its registered name', () => {
    expect(createApp()).toMatchObject({ name: 'tumblr', kind: 'oauth1' });
  });

  it('sends the redirect URI, byte for byte and signed, only with the first request (§2.1)', async () => {
    const { url, ...data } = await createApp().createAuthorizationUrl(redirectUri, {});
    expect(seen[0]).toMatchObject({ method: 'POST', body: '' });
    expect(seen[0]?.headers).not.toHaveProperty('content-type');
    expect(seen[0]?.params.get('oauth_callback')).toBe(redirectUri);
    expect(data).toEqual(kept);
    expect(url).toBe(`${origin}/authorize?lang=en%20gb&oauth_token=rt%2B%2F%3D%C3%A9`);
  });

  it('asks for an out-of-band verifier with "oob" (§2.1)', async () => {
    await createApp().verbs.fetchRequestToken('oob');
    expect(seen[0]?.params.get('oauth_callback')).toBe('oob');
  });

  it.each(['HEADER', 'QUERY', 'BODY'] as const)(
    '[A9] signs requestTokenParams and accessTokenParams, with %s',
    async (signatureType) => {
      const requestTokenParams = { perms: ['read', 'write'], x_auth_access_type: "it's * ok" };
      const accessTokenParams = { mode: 'client auth' };
      await login(createApp({ signatureType, requestTokenParams, accessTokenParams }));
      expect(seen[0]?.params.getAll('perms')).toEqual(['read', 'write']);
      expect(seen[0]?.params.get('x_auth_access_type')).toBe("it's * ok");
      expect(seen[1]?.params.get('mode')).toBe('client auth');
    },
  );

  it('[A9] puts authorizeParams on the URL; those of the call win', async () => {
    const app = createApp({ authorizeParams: { perms: 'read', expiration: 'never' } });
    const { url } = await app.createAuthorizationUrl(redirectUri, { perms: 'write all' });
    expect(url).toMatch(/&oauth_token=[^&]+&perms=write%20all&expiration=never$/);
  });

  it.each(['oauth_callback', 'oauth_token', 'oauth_token_secret'])(
    'refuses %s as an authorization parameter',
    async (name) => {
      const refused = expect.objectContaining({ code: 'invalid_options' });
      expect(() => createApp({ authorizeParams: { [name]: 'x' } })).toThrow(refused);
      const call = createApp().createAuthorizationUrl(redirectUri, { [name]: 'x' });
      await expect(call).rejects.toEqual(refused);
      expect(seen).toEqual([]);
    },
  );

  it('never puts a secret on a URL', async () => {
    const { url } = await createApp({ signatureType: 'QUERY' }).createAuthorizationUrl('oob', {});
    expect(decodeURIComponent(url)).not.toContain('secret');
  });

  it('says what to do when the provider refuses the signature', async () => {
    const app = createApp({ clientSecret: 'wrong' });
    const refused = app.createAuthorizationUrl(redirectUri, {});
    await expect(refused).rejects.toMatchObject({
      code: 'provider_refused',
      providerStatus: 401,
      error: 'signature_invalid',
      message: expect.stringContaining('Check "clientSecret"'),
    });
  });
});

describe('session fixation (RFC 5849 §2.1, OAuth advisory 2009.1)', () => {
  it.each(['', '&oauth_callback_confirmed=TRUE', '&oauth_callback_confirmed=false'])(
    'refuses temporary credentials that end with "%s", not with a confirmation',
    async (confirmation) => {
      scripted.push({ body: `oauth_token=rt&oauth_token_secret=leak-me${confirmation}` });
      const error: unknown = await createApp()
        .verbs.fetchRequestToken(redirectUri)
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'invalid_response',
        client: 'tumblr',
        phase: 'authorize',
        message: expect.stringContaining('session fixation'),
      });
      expect(String(error)).not.toContain('leak-me');
    },
  );

  it('reads a confirmation in JSON', async () => {
    const body = '{"oauth_token":"rt","oauth_token_secret":"s","oauth_callback_confirmed":true}';
    scripted.push({ body });
    const { state } = await createApp().createAuthorizationUrl(redirectUri, {});
    expect(state).toBe('rt');
  });

  it.each(['', 'oauth_verifier='])(
    'exchanges nothing without a verifier: "%s" (§2.2)',
    async (q) => {
      const params = new URLSearchParams(`oauth_token=rt&${q}`);
      const refused = createApp().completeLogin(params, kept);
      await expect(refused).rejects.toMatchObject({ code: 'invalid_callback' });
      expect(seen).toEqual([]);
    },
  );

  it('exchanges nothing without the request token secret', async () => {
    const { requestTokenSecret: _, ...data } = kept;
    const refused = createApp().completeLogin(good, data);
    await expect(refused).rejects.toMatchObject({ code: 'missing_request_token' });
    expect(seen).toEqual([]);
  });

  it('trades the verifier, signed with the request token (§2.3)', async () => {
    const params = { mode: 'x' };
    await createApp().completeLogin(good, kept, { params });
    expect(Object.fromEntries(seen[0]?.params ?? [])).toMatchObject({
      oauth_token: 'rt+/=é',
      oauth_verifier: verifier,
      mode: 'x',
    });
  });
});

describe('resource requests (RFC 5849 §3)', () => {
  const send = (method: string, path: string, body: BodyInit | null = null): Promise<Response> => {
    const request = { method, url: new URL(path, origin), headers: {}, body };
    return createApp().send(request, accessToken);
  };

  it.each([
    ['GET', '/api/a%20b/~x?q=a+b&q=a%2Bb&empty=&é=(!)', null],
    ['POST', '/api', new URLSearchParams({ status: 'Ladies + Gentlemen * é' })],
    ['PUT', '/api', '{"a":1}'],
    ['PATCH', '/api', new Blob(['x'])],
    ['DELETE', '/api', null],
  ])('sends what it signed: %s %s', async (method, path, body) => {
    const response = await send(method, path, body);
    expect(response.status).toBe(200);
    expect(seen[0]?.method).toBe(method);
    expect(seen[0]?.params.get('oauth_token')).toBe('at é');
  });

  it('signs each try with a fresh nonce (§3.3)', async () => {
    await send('GET', '/api');
    await send('GET', '/api');
    const [first, second] = seen.map(({ params }) => params.get('oauth_nonce'));
    expect(first).not.toBe(second);
  });

  it('stops when the caller loses interest', async () => {
    const request = { method: 'GET', url: new URL('/api', origin), headers: {} };
    const signal = AbortSignal.abort(new Error('enough'));
    const stopped = createApp().send({ ...request, body: null }, accessToken, signal);
    await expect(stopped).rejects.toThrow('enough');
    expect(seen).toEqual([]);
  });

  it('sends without any signature when the token is withheld', async () => {
    const request = { method: 'GET', url: new URL('/open', origin), body: null };
    const response = await createApp().send({ ...request, headers: {} }, undefined);
    expect(await response.text()).toBe('open');
    expect(seen[0]?.placement).toBe('none');
    expect(seen[0]?.headers.authorization).toBeUndefined();
  });

  it.each([
    [{ access_token: 'leak-me', token_type: 'bearer' }, 'An OAuth 2 token was given.'],
    [{ oauth_token: 'leak-me' }, 'The token is incomplete.'],
    [{ oauth_token: 'leak-me', oauth_token_secret: null }, 'The token is incomplete.'],
  ])('refuses %s', async (token, message) => {
    const given = token as unknown as Token as OAuth1Token;
    const refused = createApp().fetchProfile(given);
    await expect(refused).rejects.toMatchObject({ code: 'invalid_token' });
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.not.toThrow('leak-me');
    expect(seen).toEqual([]);
  });
});

describe('the profile', () => {
  it.each(['[{"id":7}]', '"x"', '<html>leak-me', ''])('must be a JSON object: %s', async (body) => {
    scripted.push({ body });
    const refused = createApp().fetchProfile(accessToken);
    await expect(refused).rejects.toMatchObject({ code: 'invalid_userinfo', providerStatus: 200 });
    await expect(refused).rejects.not.toThrow('leak-me');
  });

  it('preserves the status of an error response', async () => {
    scripted.push({ status: 401, body: 'oauth_problem=token_revoked' });
    const refused = createApp().fetchProfile(accessToken);
    await expect(refused).rejects.toMatchObject({ providerStatus: 401, error: 'token_revoked' });
  });
});

describe('configuration', () => {
  const calls: [string, (app: App) => Promise<unknown>][] = [
    ['requestTokenUrl', (app) => app.createAuthorizationUrl(redirectUri, {})],
    ['authorizeUrl', (app) => app.createAuthorizationUrl(redirectUri, {})],
    ['accessTokenUrl', (app) => app.completeLogin(good, kept)],
    ['userinfoEndpoint', (app) => app.fetchProfile(accessToken)],
  ];

  it.each(calls)('says that %s is missing', async (option, call) => {
    const app = createApp({ [option]: undefined });
    await expect(call(app)).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining(`"${option}" is missing`),
    });
  });

  it.each(calls)('sends nothing over plain http: %s', async (option, call) => {
    const app = createApp({ [option]: 'http://provider.example/x' });
    await expect(call(app)).rejects.toMatchObject({
      code: 'insecure_transport',
      message: expect.stringContaining(`"${option}"`),
    });
    expect(seen).toEqual([]);
  });

  it('refuses a realm that cannot be quoted', () => {
    expect(() => createApp({ realm: 'a"b' })).toThrow('"realm" must be visible ASCII');
  });
});
