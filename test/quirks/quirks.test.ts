import { OAuth, type OAuth2Token, type RegisterOptions } from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { oauth1Client, openidClient, plainClient } from '../support/apps/express.js';
import { json } from '../support/provider/response.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { comeBack, login, redirectUri, rejection } from '../support/login.js';

let provider: FakeProvider;
const issued = { access_token: 'at', token_type: 'Bearer' };

beforeAll(async () => {
  provider = await startProvider({ openid: false });
});
afterAll(() => provider.close());
afterEach(() => {
  provider.reset();
  provider.settings.tokenEndpointAuthMethod = 'client_secret_basic';
});

function client(options: RegisterOptions = {}, config = {}) {
  return new OAuth({ config }).register('odd', plainClient(provider, options)).odd;
}

async function authorizeUrl(options: RegisterOptions, params = {}): Promise<URL> {
  return new URL((await client(options).createAuthorizationUrl(redirectUri, params)).url);
}

/** Logs in where the token endpoint answers this, whatever it is asked. */
async function loginWith(answer: object | string, options: RegisterOptions = {}) {
  provider.on('token', () => (typeof answer === 'string' ? { body: answer } : json(answer)));
  return await login(client(options));
}

describe('the authorization request of an odd provider', () => {
  it('[R6] joins scopes with what the provider asks for', async () => {
    for (const scope of ['a b', ['a', 'b']]) {
      const { searchParams } = await authorizeUrl({ scope, scopeSeparator: ',' });
      expect(searchParams.get('scope')).toBe('a,b');
    }
  });

  it('[R6] writes spaces as %20 if a plus is not understood', async () => {
    const url = await authorizeUrl({ scope: 'a+b c', scopeEncoding: '%20' });
    expect(url.search).toContain('scope=a%2Bb%20c');
    expect(url.search).not.toContain('+');
  });

  it('[R6] calls parameters what the provider calls them', async () => {
    const { searchParams } = await authorizeUrl({ paramNames: { client_id: 'client_key' } });
    expect(searchParams.get('client_key')).toBe(provider.settings.clientId);
    expect(searchParams.has('client_id')).toBe(false);
  });

  it('[R6] sends the code verifier itself as the challenge if nothing else is accepted (RFC 7636 §4.2)', async () => {
    const request = await client({ pkce: 'plain' }).createAuthorizationUrl(redirectUri);
    const { searchParams } = new URL(request.url);
    expect(searchParams.get('code_challenge')).toBe(request.codeVerifier);
    expect(searchParams.get('code_challenge_method')).toBe('plain');
  });

  it('[R6] fills the placeholders of fixed parameters, and of no others', async () => {
    const fixed = {
      nonce2: '{state}',
      app: 'x{client_id}',
      gone: '{token.x}',
      claims: '{"a":null}',
    };
    const url = await authorizeUrl({ authorizeParams: fixed }, { mine: '{state}' });
    const { searchParams } = url;
    expect(searchParams.get('nonce2')).toBe(searchParams.get('state'));
    expect(searchParams.get('app')).toBe(`x${provider.settings.clientId}`);
    expect(searchParams.has('gone')).toBe(false);
    expect(searchParams.get('claims')).toBe('{"a":null}');
    expect(searchParams.get('mine')).toBe('{state}');
  });

  it('[A17] leaves PKCE out only if told, and can write the challenge in hexadecimal', async () => {
    const off = await authorizeUrl({ pkce: 'off' });
    expect([...off.searchParams.keys()]).not.toContain('code_challenge');
    expect(off.searchParams.get('state')).toBeTruthy();
    const hex = await authorizeUrl({ pkce: 'S256-hex' });
    expect(hex.searchParams.get('code_challenge')).toMatch(/^[\da-f]{64}$/);
    provider.settings.pkceRequired = false;
    await login(client({ pkce: 'off' }));
    expect(provider.last('token').form.has('code_verifier')).toBe(false);
    provider.settings.pkceRequired = true;
  });
});

describe('URLs with variables', () => {
  const options = (variable: object): RegisterOptions => ({
    authorizeUrl: `${provider.base}/{tenant}/authorize`,
    urlVariables: { tenant: variable },
  });

  it('[R6] take the value given, the configured one, or the default', async () => {
    const tenant = async (variable: object, config = {}) => {
      const made = client(options(variable), config);
      const { url } = await made.createAuthorizationUrl(redirectUri);
      return new URL(url).pathname.split('/')[1];
    };
    const config = { ODD_TENANT: 'configured' };
    expect(await tenant({ value: 'given', default: 'preset' }, config)).toBe('given');
    expect(await tenant({ default: 'preset' }, config)).toBe('configured');
    expect(await tenant({ default: 'preset' })).toBe('preset');
  });

  it('[R6] refuse a value that is missing, or would change the host', () => {
    for (const value of [undefined, 'a/b', 'a@evil.example', 'a?b', '..', '', 'a b']) {
      expect(() => client(options({ value }))).toThrow(
        expect.objectContaining({ code: 'invalid_options' }),
      );
    }
  });
});

describe('the token request of an odd provider', () => {
  it('[R6] carries headers, and parameters filled from the callback', async () => {
    const options: RegisterOptions = {
      headers: { token: { 'x-key': '{client_id}', 'x-none': '{token.x}' } },
      accessTokenParams: { device: '{callback.device_id}', again: '{state}' },
      callbackParams: ['device_id', 'access_token'],
      refreshTokenParams: { device: '{token.device_id}' },
    };
    const odd = client(options);
    const request = await odd.createAuthorizationUrl(redirectUri);
    const back = await comeBack(request);
    back.searchParams.set('device_id', 'd1');
    const token = await odd.fetchAccessToken(back.href, request);
    const { form, headers } = provider.last('token');
    expect(form.get('device')).toBe('d1');
    expect(form.get('again')).toBe(request.state);
    expect(headers['x-key']).toBe(provider.settings.clientId);
    expect(headers).not.toHaveProperty('x-none');
    expect(token['device_id']).toBe('d1');
    await odd.refreshToken(token);
    expect(provider.last('token').form.get('device')).toBe('d1');
  });

  it('[R6] is JSON, or in the query of a GET, if the provider wants it so', async () => {
    await loginWith(issued, { tokenRequest: { body: 'json' } });
    expect(JSON.parse(provider.last('token').body)).toMatchObject({ redirect_uri: redirectUri });
    expect(provider.last('token').headers['content-type']).toBe('application/json');
    await loginWith(issued, { tokenRequest: { method: 'GET' } });
    const { method, query, body } = provider.last('token');
    expect([method, query.get('redirect_uri'), body]).toEqual(['GET', redirectUri, '']);
  });

  it('[R6] has names of its own, which the authorization request does not use', async () => {
    const paramNames = { client_id: 'clientId', client_secret: 'clientSecret', grant_type: 'type' };
    const options: RegisterOptions = {
      tokenRequest: { body: 'json', paramNames },
      tokenEndpointAuthMethod: 'client_secret_post',
    };
    const { clientId, clientSecret } = provider.settings;
    expect((await authorizeUrl(options)).searchParams.get('client_id')).toBe(clientId);
    await loginWith(issued, options);
    const sent = JSON.parse(provider.last('token').body) as Record<string, string>;
    expect(sent).toMatchObject({ clientId, clientSecret, type: 'authorization_code' });
    expect(Object.keys(sent)).not.toContain('client_id');
    await client(options).refreshToken({ ...issued, refresh_token: 'rt' });
    expect(JSON.parse(provider.last('token').body)).toMatchObject({
      clientId,
      refresh_token: 'rt',
    });
  });

  it('[R6] puts no secret under a name of its own into an error', async () => {
    const { clientSecret } = provider.settings;
    provider.on('token', () =>
      json({ error: 'invalid_client', error_description: clientSecret }, 401),
    );
    const paramNames = { client_secret: 'clientSecret' };
    const odd = client({
      tokenRequest: { paramNames },
      tokenEndpointAuthMethod: 'client_secret_post',
    });
    const error = await rejection(odd.refreshToken({ ...issued, refresh_token: 'rt' }));
    expect(error).toMatchObject({ code: 'invalid_client' });
    expect(JSON.stringify([error, error.message])).not.toContain(clientSecret);
  });

  it('[R6] calls parameters what the provider calls them', async () => {
    await loginWith(issued, { paramNames: { code: 'auth_code' } });
    const { form } = provider.last('token');
    expect([form.get('auth_code'), form.has('code')]).toEqual([expect.any(String), false]);
  });

  it('[R6] is followed by a swap for a token that lives longer', async () => {
    provider.on('api', () => json({ access_token: 'long', expires_in: 5_000_000 }));
    const token = await loginWith(
      { access_token: 'short', user_id: 1 },
      {
        longLivedToken: {
          url: `${provider.base}/api/exchange`,
          params: { grant_type: 'swap', secret: '{client_secret}', t: '{token.access_token}' },
        },
      },
    );
    expect(token).toMatchObject({ access_token: 'long', user_id: 1 });
    const { query } = provider.last('api');
    expect(query.get('t')).toBe('short');
    expect(query.get('secret')).toBe(provider.settings.clientSecret);
  });
});

describe('the token response of an odd provider', () => {
  it.each<[string, object | string, RegisterOptions['tokenResponse'], Partial<OAuth2Token>]>([
    [
      'stands inside',
      { status: 0, body: issued },
      { path: 'body' },
      { access_token: 'at', status: 0 },
    ],
    ['stands in a list', { data: [issued] }, { path: 'data[0]' }, { access_token: 'at' }],
    [
      'has other names',
      { accessToken: 'at', tokenType: 'Bearer' },
      { rename: { accessToken: 'access_token', tokenType: 'token_type' } },
      { access_token: 'at', token_type: 'Bearer' },
    ],
    [
      'calls its lifetime otherwise',
      'access_token=at&expires=60',
      { rename: { expires: 'expires_in' } },
      { expires_in: 60 },
    ],
    [
      'counts milliseconds',
      { ...issued, expires_in: 60_000 },
      { expiresUnit: 'ms' },
      { expires_in: 60 },
    ],
    [
      'has a type of its own',
      { ...issued, token_type: 'User Access Token' },
      { tokenType: 'Bearer' },
      { token_type: 'Bearer' },
    ],
    [
      'joins scopes with commas',
      { ...issued, scope: 'a,b' },
      { scopeSeparator: ',' },
      { scope: 'a b' },
    ],
    [
      'has an id beyond 2^53',
      '{"access_token":"at","id":17841400000000001}',
      {},
      { id: '17841400000000001' },
    ],
  ])('[R6] %s', async (_what, answer, tokenResponse, expected) => {
    expect(await loginWith(answer, { tokenResponse })).toMatchObject(expected);
  });

  it('[R6] says with a zero that the token lives for ever, if told so', async () => {
    const answer = { ...issued, expires_in: 0 };
    expect(await loginWith(answer, { tokenResponse: { zeroIsNever: true } })).not.toHaveProperty(
      'expires_at',
    );
    expect(await loginWith(answer)).toHaveProperty('expires_at');
  });

  it('[R6] may identify the user and hold no token, if told so', async () => {
    const tokenResponse = { accessToken: 'optional' as const };
    const token = await loginWith({ me: 'ada' }, { tokenResponse });
    expect(token).toEqual({ me: 'ada' });
    expect(await loginWith(issued, { tokenResponse })).toMatchObject(issued);
    expect(await rejection(client({ tokenResponse }).get('user', { token }))).toMatchObject({
      code: 'invalid_token',
    });
    expect(await rejection(loginWith({ me: 'ada' }))).toMatchObject({ code: 'invalid_response' });
  });

  it('[R6] may be no JSON at all', async () => {
    const token = await loginWith('<token>at</token>', {
      transformResponse: (endpoint, text) =>
        endpoint === 'token' ? { access_token: /<token>(.*)</.exec(text)?.[1] } : undefined,
    });
    expect(token.access_token).toBe('at');
  });
});

describe('the error response of an odd provider', () => {
  it.each<[string, object, NonNullable<RegisterOptions['errors']>, object]>([
    [
      'with ok: false',
      { ok: false, error: 'bad_code', ...issued },
      [{ when: 'ok', is: false, error: 'error' }],
      { code: 'provider_refused', error: 'bad_code' },
    ],
    [
      'with a status in the body',
      { status: 503, error: 'Invalid Params' },
      [{ when: 'status', not: 0, message: 'error' }],
      { code: 'provider_refused', error: '503', error_description: 'Invalid Params' },
    ],
    [
      'with a word for a standard code',
      { error_type: 'OAuthException', error_message: 'No matching code' },
      [{ when: 'error_type', code: 'invalid_grant', message: 'error_message' }],
      { code: 'invalid_grant', error: 'OAuthException', error_description: 'No matching code' },
    ],
  ])('[R6] %s', async (_what, answer, errors, expected) => {
    expect(await rejection(loginWith(answer, { errors }))).toMatchObject(expected);
  });

  it('[R6] a value that means success is no error, whatever it is called', async () => {
    const answer = { ...issued, error: { code: 'ok' } };
    expect(await rejection(loginWith(answer))).toMatchObject({ code: 'provider_refused' });
    const errors = [{ when: 'error.code', not: 'ok' }];
    expect(await loginWith(answer, { errors })).toMatchObject(issued);
  });

  it('[R6] in the callback, with a word of its own for a user who declined', async () => {
    const odd = client({
      errors: [
        { endpoint: 'callback', when: 'error', is: ['user_cancelled'], code: 'access_denied' },
      ],
    });
    const request = await odd.createAuthorizationUrl(redirectUri);
    const answer = { state: request.state, error: 'user_cancelled', iss: provider.issuer };
    const error = await rejection(odd.fetchAccessToken(answer, request));
    expect(error).toMatchObject({ code: 'access_denied', error: 'user_cancelled' });
  });

  it('[R6] a callback with the code under another name', async () => {
    const odd = client({ callbackParamNames: { code: 'auth_code' } });
    const backTo = async (more: [string, string][]) => {
      const request = await odd.createAuthorizationUrl(redirectUri);
      const { searchParams } = await comeBack(request);
      const code = searchParams.get('code') ?? '';
      searchParams.delete('code');
      for (const [name, value] of more) searchParams.append(name, value || code);
      return await odd.fetchAccessToken(searchParams, request);
    };
    for (const more of [['auth_code'], ['code'], ['code', 'auth_code']])
      await backTo(more.map((name) => [name, '']));
    // The standard one counts for nothing beside the provider's own.
    await backTo([
      ['code', 'x'],
      ['auth_code', ''],
    ]);
    const sent = provider.count('token');
    const twice = backTo([
      ['auth_code', ''],
      ['auth_code', 'x'],
    ]);
    expect(await rejection(twice)).toMatchObject({ code: 'invalid_callback' });
    expect(provider.count('token')).toBe(sent);
  });

  it('[R6] a callback that the client’s own check refuses reaches no token endpoint', async () => {
    const odd = client({
      validateCallback: (params, { clientSecret, authorizeUrl: url }) => {
        expect([clientSecret, url]).toEqual([
          provider.settings.clientSecret,
          `${provider.base}/authorize`,
        ]);
        if (!params.has('hmac')) throw new Error('no hmac');
      },
    });
    expect(await rejection(login(odd))).toMatchObject({ message: 'no hmac' });
    expect(provider.count('token')).toBe(0);
  });
});

describe('API calls of an odd provider', () => {
  const token: OAuth2Token = { ...issued, uid: 7, home: 'x' };

  it.each<[string, RegisterOptions['tokenPlacement'], (seen: Seen) => unknown, unknown]>([
    [
      'under another scheme',
      { scheme: 'OAuth' },
      ({ headers }) => headers['authorization'],
      'OAuth at',
    ],
    ['in another header', { header: 'X-Token' }, ({ headers }) => headers['x-token'], 'at'],
    [
      'in the query under another name',
      { uri: 'oauth_token' },
      ({ query }) => query.get('oauth_token'),
      'at',
    ],
  ])('[A12] carry the token %s', async (_what, tokenPlacement, read, expected) => {
    await client({ tokenPlacement }).get('user', { token });
    const seen = provider.last('api');
    expect(read(seen)).toBe(expected);
    if (!JSON.stringify(tokenPlacement).includes('OAuth')) {
      expect(seen.headers).not.toHaveProperty('authorization');
    }
  });

  type Seen = ReturnType<FakeProvider['last']>;

  it('[R6] carry the headers and parameters of every call, which those of one call replace', async () => {
    const odd = client({
      headers: { api: { 'client-id': '{client_id}', version: '1' } },
      apiParams: { v: '2024', u: '{token.uid}' },
    });
    await odd.get('user?v=mine', { token, headers: { version: '2' } });
    const { headers, query } = provider.last('api');
    expect([headers['client-id'], headers['version']]).toEqual([provider.settings.clientId, '2']);
    expect([query.getAll('v'), query.get('u')]).toEqual([['mine'], '7']);
  });

  it('[R6] go to the URL that the token names, and fail without one', async () => {
    const odd = client({ apiBaseUrl: '{token.instance_url}/v1' });
    const here = { ...token, instance_url: `${provider.base}/api` };
    await odd.get('user', { token: here });
    expect(provider.last('api').path).toBe('/api/v1/user');
    expect(await rejection(odd.get('user', { token }))).toMatchObject({ code: 'invalid_options' });
  });
});

describe('the user of an odd provider', () => {
  const profile = { data: { id: 17, login: 'ada', mail: '', bot: { owner: 'x' } } };
  const mapping = {
    sub: '$.data.id',
    preferred_username: '$.data.login',
    email: 'mails[?primary].address',
    email_verified: 'mails[?primary].ok',
  };
  const claims = { sub: '17', preferred_username: 'ada', email_verified: false };

  it('[M3] is in the token after the login, in the standard claims', async () => {
    provider.on('userinfo', () => json(profile));
    const token = await login(client({ profile: mapping }));
    expect(token.userinfo).toEqual({ ...claims, raw: profile });
    expect(await client({ profile: mapping }).userinfo({ token })).toEqual(token.userinfo);
  });

  it('[M3] may take a second request, which is skipped without its scope and done without when refused', async () => {
    provider.on('userinfo', () => json(profile));
    const mails = [{ address: 'a@b.example', primary: true, ok: true }];
    let status = 200;
    provider.on('api', () => json(mails, status));
    const extra = { mails: { url: 'users/{data.login}/mails', params: { n: '1' }, scope: 'read' } };
    const options = { profile: mapping, userinfo: { extra } };
    expect((await login(client(options))).userinfo).toMatchObject({
      email: 'a@b.example',
      email_verified: true,
    });
    expect(provider.last('api').url).toContain('/api/users/ada/mails?n=1');
    status = 404;
    expect((await login(client(options))).userinfo).toEqual({ ...claims, raw: profile });
    status = 503;
    expect(await rejection(login(client(options)))).toMatchObject({ code: 'provider_unavailable' });
    const before = provider.count('api');
    await login(client({ ...options, scope: 'other' }));
    expect(provider.count('api')).toBe(before);
  });

  it('[A19] is asked for by POST, as JSON or a form, or with parameters', async () => {
    provider.on('userinfo', () => json(profile));
    const ask = async (userinfo: RegisterOptions['userinfo']) => {
      await login(client({ profile: { sub: '$.data.id' }, userinfo }));
      return provider.last('userinfo');
    };
    const graphql = await ask({ json: { query: '{ viewer { id } }' } });
    expect([graphql.method, JSON.parse(graphql.body)]).toEqual([
      'POST',
      { query: '{ viewer { id } }' },
    ]);
    expect((await ask({ form: { id: '{client_id}' } })).form.get('id')).toBe(
      provider.settings.clientId,
    );
    expect((await ask({ params: { fields: 'id,name' } })).query.get('fields')).toBe('id,name');
    expect((await ask({ method: 'POST' })).method).toBe('POST');
  });

  it('[M3] may stand in the token response, whose secrets stay out of it', async () => {
    const answer = { ...issued, refresh_token: 'rt', owner: { id: 5, api_token: 'secret' } };
    const token = await loginWith(answer, {
      userinfo: { from: 'token' },
      profile: { sub: '$.owner.id' },
    });
    expect(token.userinfo?.sub).toBe('5');
    expect(JSON.stringify(token.userinfo)).not.toMatch(/secret|"rt"|"at"/);
    expect(provider.count('userinfo')).toBe(0);
  });

  it('[M3] may be public: asked for without the token, and done without', async () => {
    const options: RegisterOptions = {
      userinfo: { from: 'public' },
      profile: { ...mapping, sub: 'token.uid' },
    };
    provider.on('userinfo', () => json(profile));
    const known = await loginWith({ ...issued, uid: 'u1' }, options);
    expect(known.userinfo).toEqual({ ...claims, sub: 'u1', raw: profile });
    expect(provider.last('userinfo').headers['authorization']).toBeUndefined();
    for (const status of [404, 503]) {
      provider.on('userinfo', () => json({ error: 'no' }, status));
      const unknown = await loginWith({ ...issued, uid: 'u1' }, options);
      expect(unknown.userinfo).toEqual({ sub: 'u1', email_verified: false, raw: {} });
    }
  });

  it('[M3] is left for later if told so', async () => {
    const options = { profile: mapping, userinfo: { onLogin: false } };
    expect(await login(client(options))).not.toHaveProperty('userinfo');
    expect(provider.count('userinfo')).toBe(0);
  });

  it('[R6] may be refused with status 200', async () => {
    provider.on('userinfo', () => json({ resultcode: '024', message: 'no' }));
    const errors = [
      { endpoint: 'userinfo' as const, when: 'resultcode', not: '00', message: 'message' },
    ];
    expect(await rejection(login(client({ profile: mapping, errors })))).toMatchObject({
      code: 'provider_refused',
      phase: 'userinfo',
      error: '024',
    });
  });

  it('[M3] of an OAuth 1 provider is in the token too, asked for with signed parameters', async () => {
    provider.on('oauth1_api', () => json({ person: { nsid: '1@N00' } }));
    const one = new OAuth({ config: {} }).register('one', {
      ...oauth1Client(provider),
      requestTokenUrl: provider.oauth1.request,
      userinfoEndpoint: `${provider.oauth1.api}/rest`,
      userinfo: { params: { method: 'getInfo', who: '{token.oauth_token}' } },
      headers: { api: { 'x-app': 'me' } },
      profile: { sub: '$.person.nsid' },
    }).one;
    const token = await login(one);
    expect(token.userinfo?.sub).toBe('1@N00');
    const { query, headers } = provider.last('oauth1_api');
    expect([query.get('method'), query.get('who')]).toEqual(['getInfo', token.oauth_token]);
    expect(headers['x-app']).toBe('me');
  });
});

describe('identity()', () => {
  it('[F2] names a user by provider and subject, whatever the client is called', () => {
    const token = { ...issued, userinfo: { sub: '583231' } };
    expect(client().identity(token)).toBe('odd$583231');
    expect(client({ provider: 'codehub' }).identity(token)).toBe('codehub$583231');
    expect(() => client().identity(undefined as never)).toThrow('has no "userinfo.sub"');
  });

  it('[F2] identifies no user without a subject', () => {
    for (const userinfo of [undefined, {}, { sub: '' }]) {
      expect(() => client().identity({ ...issued, ...(userinfo ? { userinfo } : {}) })).toThrow(
        expect.objectContaining({ code: 'invalid_token' }),
      );
    }
  });
});

describe('id_tokens of an odd OpenID provider', () => {
  let openid: FakeProvider;
  beforeAll(async () => {
    openid = await startProvider();
  });
  afterAll(() => openid.close());
  afterEach(() => openid.reset());

  const odd = (options: RegisterOptions) =>
    new OAuth({ config: {} }).register('odd', openidClient(openid, options)).odd;

  it.each(['optional', 'optional'] as const)(
    '[A20] may lack the nonce if told so (%s), but never carry a wrong one',
    async (nonce) => {
      openid.idToken = ({ claims, sign }) => sign({ ...claims, nonce: undefined });
      expect(await rejection(login(odd({})))).toMatchObject({ code: 'invalid_id_token' });
      const strict = rejection(login(odd({ nonce: 'required' })));
      expect(await strict).toMatchObject({ code: 'invalid_id_token' });
      expect((await login(odd({ nonce }))).userinfo?.sub).toBe('user-1');
      openid.idToken = ({ claims, sign }) => sign({ ...claims, nonce: 'another' });
      expect(await rejection(login(odd({ nonce })))).toMatchObject({ code: 'invalid_id_token' });
    },
  );

  it('[A20] may be missing if told so; one that comes is verified', async () => {
    openid.idToken = () => undefined;
    expect(await login(odd({ idToken: 'optional' }))).not.toHaveProperty('userinfo');
    openid.idToken = ({ claims, sign }) => sign({ ...claims, aud: 'another' });
    expect(await rejection(login(odd({ idToken: 'optional' })))).toMatchObject({
      code: 'invalid_id_token',
    });
  });

  it('[A20] are thrown away if told so, and then identify no user', async () => {
    openid.idToken = () => 'not.a.jwt';
    const token = await login(odd({ idToken: 'ignore' }));
    expect(token).not.toHaveProperty('id_token');
    expect(token).not.toHaveProperty('userinfo');
  });

  it('[M3] have their claims read as the client says; the subject stays the verified one', async () => {
    const profile = { sub: '$.email', nickname: '$.preferred_username', email: '$.email' };
    const token = await login(odd({ profile, scope: 'openid email profile' }));
    expect(token.userinfo).toMatchObject({ sub: 'user-1', nickname: 'ada', iss: openid.issuer });
  });

  it('[A19] a mapped profile of another user is refused (OpenID Connect Core §5.3.2)', async () => {
    const mapped = odd({ profile: { sub: '$.id' } });
    const token = await login(mapped);
    openid.on('userinfo', () => json({ id: 'user-2' }));
    expect(await rejection(mapped.userinfo({ token }))).toMatchObject({ code: 'invalid_userinfo' });
    openid.on('userinfo', () => json({ id: 'user-1' }));
    expect((await mapped.userinfo({ token })).sub).toBe('user-1');
  });
});
