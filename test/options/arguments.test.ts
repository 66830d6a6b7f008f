import {
  deserializeToken,
  discoverIssuer,
  OAuth,
  registerDynamically,
  serializeToken,
} from '@oauth-registry/core';
import { signRequest } from '@oauth-registry/core/oauth1';
import { OAuth as ExpressOAuth } from '@oauth-registry/express';
import { createSession, OAuth as NextOAuth } from '@oauth-registry/next';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oauth1Client, openidClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { login, rejection } from '../support/login.js';

type Call = (...args: unknown[]) => unknown;

const token = { access_token: 'a', token_type: 'Bearer' };
const home = 'https://app.example/callback';
const secret = 'a secret of thirty-two characters';
let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());

const registry = () =>
  new OAuth({ config: {} })
    .register('corp', openidClient(provider))
    .register('one', oauth1Client(provider) as { requestTokenUrl: string });

/** Calls a verb with arguments that the compiler would refuse. */
async function refused(client: object, verb: string, args: unknown[]) {
  const groups = ['grants', 'metadata', 'logout'].map((name) => Reflect.get(client, name) ?? {});
  const owner = groups.find((group) => verb in group) ?? client;
  const run = Reflect.get(owner, verb) as Call;
  return await rejection((async () => await run.apply(client, args))());
}

describe('an argument that a verb does not take', () => {
  it.each([
    ['parseIdToken', [token, 'nonce'], '"options" must be an object with nonce'],
    ['parseIdToken', [token, { nonse: 'n' }], 'did you mean "nonce"?'],
    ['parseIdToken', [token, { claimOptions: {} }], 'did you mean "claimsOptions"?'],
    ['parseIdToken', [token, { claimsOptions: { hd: { vale: 'x' } } }], 'did you mean "value"?'],
    ['parseIdToken', [token, { authorizationResponse: { cod: 'c' } }], 'did you mean "code"?'],
    ['fetchAccessToken', ['?code=c', {}, { claimOptions: {} }], 'did you mean "claimsOptions"?'],
    ['fetchAccessToken', ['?code=c', {}, { parms: {} }], 'did you mean "params"?'],
    ['post', ['/notes', { data: {} }], 'did you mean "json"?'],
    ['put', ['/notes', { params: {} }], 'did you mean "query"?'],
    ['get', ['/notes', { tokn: token }], 'did you mean "token"?'],
    ['request', ['GET', '/notes', { withholdtoken: true }], 'did you mean "withholdToken"?'],
    ['delete', ['/notes', { withholdToken: 'no' }], '"withholdToken" that must be true or false'],
    ['patch', ['/notes', { json: Promise.resolve({}) }], '"json" that is a promise'],
    ['head', ['/notes', { signal: 5 }], '"signal" that must be an AbortSignal'],
    ['get', [undefined], '"url" is missing'],
    ['revokeToken', [token, {}, 'access_token'], 'too many arguments'],
    ['userinfo', [{ tokens: token }], 'did you mean "token"?'],
    ['userinfo', [token], 'an object without "access_token"'],
    ['get', ['/notes', token], 'pass { token }'],
    ['userinfo', [{ oauth_token: 'a', oauth_token_secret: 'b' }], 'pass { token }'],
    ['post', ['/notes', { body: { a: 1 } }], 'pass an object or a list as "json"'],
    ['put', ['/notes', { body: [1] }], 'pass an object or a list as "json"'],
    ['refreshToken', [{ token }], 'pass the token itself'],
    ['revokeToken', [{ token }], 'pass the token itself'],
    ['introspectToken', [{ token }], 'pass the token itself'],
    ['fetchAccessToken', ['?code=c', home], 'must be what createAuthorizationUrl() returned'],
    [
      'fetchAccessToken',
      [{ url: 'https://id.example/', state: 's', redirectUri: home }, '?code=c'],
      'after the URL of the callback',
    ],
    ['createAuthorizationUrl', [home, { loginHint: 'a' }], 'did you mean "login_hint"?'],
    ['createAuthorizationUrl', [home, { maxAge: 1 }], 'did you mean "max_age"?'],
    ['createLogoutUrl', [home, { idTokenHint: 'a' }], 'did you mean "id_token_hint"?'],
    ['exchangeToken', [token, { requestedTokenType: 'a' }], 'did you mean "requested_token_type"?'],
    ['clientCredentialsToken', ['x'], '"params" must be an object'],
    ['clientCredentialsToken', [{}, { fresch: true }], 'did you mean "fresh"?'],
    ['deviceToken', ['prompt'], '"prompt" must be a function'],
    ['deviceToken', [() => undefined, {}, { signel: 1 }], 'did you mean "signal"?'],
    ['backchannelToken', [{ login_hint: 'ada' }, { timeout: 5 }], 'an object without "timeout"'],
    ['exchangeToken', [token, ['a']], '"params" must be an object'],
    ['jwtBearerToken', [{ subjekt: 'ada' }], 'did you mean "subject"?'],
    ['passwordToken', [{ user: 'ada', password: 'p' }], 'an object without "user"'],
    ['refreshToken', [token, 'read'], '"params" must be an object'],
    ['revokeToken', [token, 'refresh_token'], '"options" must be an object with hint'],
    ['introspectToken', [token, { hnt: 'access_token' }], 'did you mean "hint"?'],
    ['fetchJwkSet', [{ force: true }], '"force" must be true or false'],
    ['createAuthorizationUrl', [{ scope: 'openid' }], '"redirectUri" must be text or a URL'],
    ['createAuthorizationUrl', [home, new URLSearchParams({ prompt: 'login' })], '"params" must'],
    ['createAuthorizationUrl', [home, new Map([['prompt', 'login']])], '"params" must'],
    [
      'createAuthorizationUrl',
      [home, { claims: { id_token: { acr: { essental: true } } } }],
      'did you mean "essential"?',
    ],
    ['createAuthorizationUrl', [home, { claims: { idtoken: {} } }], 'did you mean "id_token"?'],
    ['createLogoutUrl', [{ id_token_hint: 'x' }], '"postLogoutRedirectUri" must be'],
    ['createLogoutUrl', [home, 'x'], '"params" must be an object'],
    ['saveToken', [token, { usrId: 'ada' }], 'did you mean "userId"?'],
    ['deleteToken', ['ada'], '"owner" must be an object with userId'],
    ['listTokens', [{ user: 'ada' }], 'did you mean "userId"?'],
    ['identity', [Promise.resolve(token)], '"token" is a promise: write "await"'],
    ['refreshToken', [Promise.resolve(token)], '"token" is a promise: write "await"'],
    ['fetchAccessToken', ['?code=c', Promise.resolve({})], '"data" is a promise'],
  ] as [string, unknown[], string][])(
    'is refused by %s(%j), which says: %s',
    async (verb, args, said) => {
      const before = provider.count();
      const error = await refused(registry().corp, verb, args);
      expect(error).toMatchObject({ code: 'invalid_options', client: 'corp' });
      expect(error.message).toContain(`${verb}(): `);
      expect(error.message).toContain(said);
      expect(provider.count()).toBe(before);
    },
  );

  it.each([
    ['fetchRequestToken', [home, 'x'], '"params" must be an object'],
    ['authorizationUrl', [{ oauth_token: 't' }, {}], '"redirectUri" must be text or a URL'],
    ['directToken', [undefined], '"params" is missing'],
    ['refreshToken', [Promise.resolve({})], '"token" is a promise'],
    ['get', ['/me', { qery: {} }], 'did you mean "query"?'],
  ] as [string, unknown[], string][])(
    'is refused by an OAuth 1 client’s %s(%j), which says: %s',
    async (verb, args, said) => {
      const error = await refused(registry().one, verb, args);
      expect(error).toMatchObject({ code: 'invalid_options', client: 'one' });
      expect(error.message).toContain(said);
    },
  );

  it('is refused by verbs of clients that find their server on use, before anything is sent', async () => {
    const { mcp, choosing } = new OAuth({ config: {} })
      .register('mcp', { resource: `${provider.base}/mcp` })
      .register('choosing', {
        clientId: 'app',
        issuer: 'https://{host}',
        urlVariables: { host: { ask: 'Your server' } },
      });
    const before = provider.count();
    for (const client of [mcp, choosing]) {
      const error = await refused(client, 'parseIdToken', [token, 'nonce']);
      expect(error).toMatchObject({ code: 'invalid_options' });
      expect(await refused(client, 'createLogoutUrl', [{}])).toMatchObject({
        code: 'invalid_options',
      });
    }
    expect(provider.count()).toBe(before);
  });
});

describe('an argument of a framework’s verb', () => {
  const req = { method: 'GET', url: '/callback?code=c&state=s', headers: {} };
  const res = { setHeader: () => undefined, appendHeader: () => undefined };

  it.each([
    ['authorizeAccessToken', [req, res, { claimOptions: {} }], 'did you mean "claimsOptions"?'],
    ['authorizeRedirect', [req, res, { scope: 'openid' }], '"redirectUri" must be text or a URL'],
    ['authorizeRedirect', [req, res, home, 'login'], '"params" must be an object'],
    ['login', [req, res, home, ['login']], '"params" must be an object'],
    ['saveAuthorizeData', [req, 'state'], '"data" must be what createAuthorizationUrl()'],
    ['saveAuthorizeData', [{ ...req, res }, Promise.resolve({})], '"data" is a promise'],
    ['logoutRedirect', [req, res, { id_token_hint: 'x' }], '"postLogoutRedirectUri" must be'],
  ] as [string, unknown[], string][])(
    'is refused by Express’ %s, which says: %s',
    async (verb, args, said) => {
      const { corp } = new ExpressOAuth({
        config: {},
        baseUrl: 'https://app.example',
        secret,
      }).register('corp', openidClient(provider));
      const given = verb === 'saveAuthorizeData' ? [{ ...req, res }, args[1]] : args;
      const error = await refused(corp, verb, given);
      expect(error).toMatchObject({ code: 'invalid_options', client: 'corp' });
      expect(error.message).toContain(said);
    },
  );

  it.each([
    ['authorizeRedirect', [{ scope: 'openid' }], '"redirectUri" must be text or a URL'],
    ['logoutRedirect', [home, 'x'], '"params" must be an object'],
  ] as [string, unknown[], string][])(
    'is refused by Next.js’ %s, which says: %s',
    async (verb, args, said) => {
      const { corp } = new NextOAuth({
        config: {},
        baseUrl: 'https://app.example',
        secret,
      }).register('corp', openidClient(provider));
      const error = await refused(corp, verb, [new Request('https://app.example/x'), ...args]);
      expect(error).toMatchObject({ code: 'invalid_options' });
      expect(error.message).toContain(said);
    },
  );
});

describe('an option of a function', () => {
  const wrong = (value: object): never => value as never;

  it.each([
    [
      'registerDynamically',
      () => registerDynamically(provider.base, {}, wrong({ initialAccesToken: 'x' })),
    ],
    ['discoverIssuer', () => discoverIssuer('ada@example.com', wrong({ timeOut: 5 }))],
    ['serializeToken', () => serializeToken(token, secret, wrong({ contxt: 'ada' }))],
    ['deserializeToken', () => deserializeToken('x', secret, wrong({ contxt: 'ada' }))],
    [
      'signRequest',
      () =>
        signRequest(
          { method: 'GET', url: 'https://api.example/' },
          { clientId: 'id' },
          wrong({ signatureMethd: 'PLAINTEXT' }),
        ),
    ],
    ['signRequest', () => signRequest(wrong({ metod: 'GET', url: home }), { clientId: 'id' })],
    ['createSession', () => createSession(wrong({ secret, max_age: 5 }))],
    ['loginButton', () => registry().loginButton('corp', wrong({ lable: 'x' }))],
    ['loginPage', () => registry().loginPage(wrong({ titel: 'x' }))],
    [
      'routes',
      () => new ExpressOAuth({ config: {} }).routes(wrong({ onLogin: () => '/', onlogout: 1 })),
    ],
  ] as [string, () => unknown][])('is refused by %s() when it is unknown', async (name, call) => {
    const error = await rejection((async () => await call())());
    expect(error).toMatchObject({ code: 'invalid_options' });
    expect(error.message).toContain(`${name}()`);
    expect(error.message).toMatch(/did you mean/i);
  });
});

describe('a nested option of register()', () => {
  it.each([
    ['claimsOptions', { hd: { vale: 'example.com' } }, 'did you mean "value"?'],
    ['claimsOptions', { hd: { essential: 'yes' } }, '"essential" that must be true or false'],
    ['claimsOptions', { hd: { value: undefined } }, '"value" without a value'],
    ['claimsOptions', { hd: { essential: true, values: undefined } }, '"values" without a value'],
    ['claimsOptions', { hd: { values: [] } }, '"values" that must be a list with a value'],
    ['claimsOptions', { hd: {} }, 'has no condition'],
    ['claimsOptions', { hd: 'example.com' }, 'must be an object with essential'],
    ['complianceFix', { accessTokenRespnse: () => ({}) }, 'did you mean "accessTokenResponse"?'],
    [
      'claimSources',
      { 'https://a.example': { jwksUrl: 'https://a.example' } },
      'did you mean "jwksUri"?',
    ],
    ['clientSecretJwt', { kye: 'x', issuer: 'i', audience: 'a' }, 'did you mean "key"?'],
    ['privateKey', { key: 'x', kidd: 'y' }, 'an object without "kidd"'],
    ['serverLocator', { finde: () => ({}) }, 'did you mean "find"?'],
    ['urlVariables', { host: { defualt: 'a.example' } }, 'did you mean "default"?'],
    ['headers', { tokens: {} }, 'did you mean "token"?'],
    ['tokenRequest', { methd: 'GET' }, 'did you mean "method"?'],
    ['tokenResponse', { renames: {} }, 'did you mean "rename"?'],
    ['errors', [{ whn: 'error' }], 'did you mean "when"?'],
    ['errors', [{ code: 'access_denied' }], 'is missing the member "when"'],
    [
      'longLivedToken',
      { url: 'https://a.example', params: {}, refesh: {} },
      'did you mean "refresh"?',
    ],
    ['userinfo', { extra: { emails: { uri: '/emails' } } }, 'did you mean "url"?'],
    ['revocation', { tokn: 'token' }, 'did you mean "token"?'],
    ['authorizeParams', { claims: { id_token: { acr: { vales: [] } } } }, 'did you mean "values"?'],
    ['authorizeParams', new URLSearchParams({ prompt: 'login' }), 'must be an object'],
    ['clientRegistrations', { get: () => undefined }, 'must be an object with get() and put()'],
  ] as [string, unknown, string][])('is refused: %s %j, which says: %s', (option, value, said) => {
    const options = { ...openidClient(provider), [option]: value };
    const register = () => new OAuth({ config: {} }).register('corp', options as object);
    expect(register).toThrow(expect.objectContaining({ code: 'invalid_options' }));
    expect(register).toThrow(said);
  });

  it.each([
    ['limits', { pendingLogin: 5 }, 'pendingLogins'],
    ['refresh', { refreshAhed: 5 }, 'refreshAhead'],
    ['stateStorage', { put: 1, take: () => undefined }, 'put() and take()'],
  ] as [string, unknown, string][])('is refused in new OAuth(): %s %j', (option, value, said) => {
    const make = () => new OAuth({ config: {}, [option]: value } as object);
    expect(make).toThrow(said);
  });
});

describe('an essential claim (claimsOptions)', () => {
  it.each([
    ['', false],
    [[], false],
    [{}, false],
    [null, false],
    ['example.com', true],
    [['staff'], true],
    [false, true],
    [0, true],
  ])('that is %j passes: %s', async (value, passes) => {
    const { name } = provider.settings.user;
    provider.settings.user['name'] = value;
    const { corp } = new OAuth({ config: {} }).register('corp', {
      ...openidClient(provider),
      scope: 'openid profile',
      claimsOptions: { name: { essential: true } },
    });
    const attempt = login(corp).then(
      () => true,
      (error: unknown) => (error as { code?: string }).code === 'invalid_id_token' && false,
    );
    expect(await attempt).toBe(passes);
    provider.settings.user['name'] = name ?? null;
  });
});

describe('arguments that say nothing', () => {
  it('let userinfo() ask fetchToken for the token', async () => {
    const client = openidClient(provider);
    const { corp } = new OAuth({ config: {}, fetchToken: () => undefined }).register(
      'corp',
      client,
    );
    expect(await rejection(corp.userinfo())).toMatchObject({ code: 'missing_token' });
  });
});
