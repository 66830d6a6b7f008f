import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  OAuth,
  type OAuth2Token,
  type OAuthOptions,
  type RegisterOptions,
} from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openidClient, plainClient } from '../../../support/apps/express.js';
import { json } from '../../../support/provider/response.js';
import { startProvider, type FakeProvider } from '../../../support/provider/index.js';
import { comeBack, login, redirectUri, rejection } from '../../../support/login.js';

let provider: FakeProvider;
let server: Server | undefined;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(() => {
  provider.reset();
  server?.close();
});

const register = (more: RegisterOptions = {}, options: OAuthOptions = {}) =>
  new OAuth({ config: {}, ...options }).register('corp', openidClient(provider, more)).corp;

const plain = (more: RegisterOptions = {}) =>
  new OAuth({ config: {} }).register('plain', plainClient(provider, more)).plain;

/** The id_token says this, too. */
function sayInIdToken(more: Record<string, unknown>): void {
  provider.idToken = ({ claims, sign }) => sign({ ...claims, ...more });
}

describe('a claim that is true or false (OpenID Connect Core §5.1)', () => {
  const values = [true, 'true', false, 'false', 'yes', '', 0, 1, {}, []];

  it.each(values)('is a boolean in the claims of the id_token: %j', async (value) => {
    sayInIdToken({ email_verified: value, phone_number_verified: value });
    const client = register();
    const token = await login(client);
    const expected = value === true || value === 'true';
    const claims = { email_verified: expected, phone_number_verified: expected };
    expect(token.userinfo).toMatchObject(claims);
    expect(token.userinfo?.raw).toMatchObject({ email_verified: value });
    expect(await client.parseIdToken(token)).toMatchObject(claims);
  });

  it.each(values)('is a boolean in the response of the userinfo endpoint: %j', async (value) => {
    provider.quirks.userinfo = { email_verified: value };
    const client = register();
    const user = await client.userinfo({ token: await login(client) });
    expect(user.email_verified).toBe(value === true || value === 'true');
    expect(user.raw).toMatchObject({ email_verified: value });
  });

  it('is a boolean for a client without OpenID Connect and after a "userinfoComplianceFix"', async () => {
    provider.settings.openid = false;
    provider.quirks.userinfo = { email_verified: 'false' };
    const client = plain({ userinfoComplianceFix: (profile) => ({ ...profile, email: 'a@b.c' }) });
    const user = await client.userinfo({ token: await login(client) });
    expect(user).toMatchObject({ email: 'a@b.c', email_verified: false });
    provider.settings.openid = true;
  });

  it('stays absent when it is absent or null', async () => {
    for (const email_verified of [undefined, null]) {
      sayInIdToken({ email_verified });
      expect((await login(register())).userinfo).not.toHaveProperty('email_verified');
    }
  });

  it('is compared as a boolean by "claimsOptions"', async () => {
    sayInIdToken({ email_verified: 'true' });
    const claimsOptions = { email_verified: { value: true } };
    await expect(login(register({ claimsOptions }))).resolves.toBeTruthy();
    sayInIdToken({ email_verified: 'false' });
    await expect(login(register({ claimsOptions }))).rejects.toThrow('"email_verified"');
  });

  it('is a boolean in a refreshed token', async () => {
    const client = register({ scope: 'openid email offline_access' });
    sayInIdToken({ email_verified: 'false' });
    const fresh = await client.refreshToken(await login(client));
    expect(fresh.userinfo).toMatchObject({ email_verified: false });
    expect(fresh.userinfo?.raw).toMatchObject({ email_verified: 'false' });
  });
});

describe('a client without a preset', () => {
  const thin: FakeProvider['idToken'] = ({ claims, sign }) => {
    const { iss, sub, aud, exp, iat, nonce, at_hash } = claims;
    return sign({ iss, sub, aud, exp, iat, nonce, at_hash });
  };

  it('completes an id_token that has none of the claims asked for (OpenID Connect Core §5.4)', async () => {
    provider.idToken = thin;
    const token = await login(register({ scope: 'openid profile email' }));
    expect(token.userinfo).toMatchObject({
      sub: 'user-1',
      name: 'Ada Lovelace',
      email_verified: true,
    });
    expect(token.userinfo?.raw).not.toHaveProperty('name');
    expect(provider.count('userinfo')).toBe(1);
  });

  it('asks for nothing more when the id_token has the claims, or "onLogin" is false', async () => {
    await login(register({ scope: 'openid profile email' }));
    provider.idToken = thin;
    await login(register({ userinfo: { onLogin: false } }));
    await login(register({ scope: 'openid' }));
    expect(provider.count('userinfo')).toBe(0);
  });

  it('logs in with the id_token alone when the userinfo is about another user or does not come', async () => {
    provider.idToken = thin;
    for (const userinfo of ['wrong-sub', 'challenge', 'forged-jwt'] as const) {
      provider.quirks.userinfo = userinfo;
      const { userinfo: user } = await login(register());
      expect(user).toMatchObject({ sub: 'user-1' });
      expect(user).not.toHaveProperty('email');
    }
  });

  it('asks for the profile at the login with "onLogin: true", without OpenID Connect as well', async () => {
    expect(await login(plain())).not.toHaveProperty('userinfo');
    const token = await login(plain({ userinfo: { onLogin: true } }));
    expect(token.userinfo).toMatchObject({ sub: 'user-1', name: 'Ada Lovelace' });
  });
});

describe('metadata with an endpoint that cannot be used', () => {
  const unused = ['revocation_endpoint', 'introspection_endpoint', 'end_session_endpoint'];
  const bad = [null, '', '/relative', 'relative', 7, {}];

  it.each(bad)('serves logins that do not use it: %j', async (url) => {
    const endpoints = [...unused, 'registration_endpoint', 'device_authorization_endpoint'];
    provider.quirks.metadata = Object.fromEntries(endpoints.map((field) => [field, url]));
    await expect(login(register())).resolves.toHaveProperty('userinfo');
  });

  it.each(['/relative', 'javascript:alert(1)', 'http://provider.example/token'])(
    'refuses what needs it, and nothing is sent: %s',
    async (url) => {
      provider.quirks.metadata = { revocation_endpoint: url };
      const error = await rejection(register().revokeToken('at'));
      expect(error.message).toContain(`metadata's "revocation_endpoint"`);
      for (const field of ['authorization_endpoint', 'token_endpoint', 'jwks_uri']) {
        provider.quirks.metadata = { [field]: url };
        const start = await rejection(register().createAuthorizationUrl(redirectUri));
        expect(start.message).toContain(`metadata's "${field}"`);
      }
    },
  );

  it('takes an option in the place of the endpoint', async () => {
    provider.quirks.metadata = {
      jwks_uri: '/relative',
      token_endpoint: null,
      issuer: provider.issuer,
    };
    const options = { jwksUri: `${provider.base}/jwks`, accessTokenUrl: `${provider.base}/token` };
    await expect(login(register(options))).resolves.toHaveProperty('userinfo');
  });

  it('counts an endpoint that is null as one that is not there', async () => {
    provider.quirks.metadata = { userinfo_endpoint: null };
    const client = register();
    const error = await rejection(client.userinfo({ token: await login(client) }));
    expect(error.message).toContain('There is no userinfo endpoint');
  });

  it('takes the plain endpoint for an alias that is null, and no alias that cannot be used (RFC 8705 §5)', async () => {
    const mtls = { tlsClientCertificateBoundAccessTokens: true };
    provider.quirks.metadata = { mtls_endpoint_aliases: { token_endpoint: null } };
    await expect(login(register(mtls))).resolves.toHaveProperty('userinfo');
    provider.quirks.metadata = { mtls_endpoint_aliases: { token_endpoint: '/relative' } };
    const error = await rejection(register(mtls).createAuthorizationUrl(redirectUri));
    expect(error.message).toContain('metadata\'s "token_endpoint"');
  });
});

describe('null in a document of the provider', () => {
  it('is an absent claim: at_hash, azp, auth_time, and a name', async () => {
    sayInIdToken({ at_hash: null, azp: null, auth_time: null, acr: null, name: null });
    const { userinfo } = await login(register());
    expect(userinfo).not.toHaveProperty('name');
    expect(userinfo?.raw).toMatchObject({ name: null });
  });

  it('is no nonce, which has to come back', async () => {
    sayInIdToken({ nonce: null });
    await expect(login(register())).rejects.toThrow('"nonce"');
    await expect(login(register({ nonce: 'optional' }))).resolves.toBeTruthy();
  });

  it('is an absent member of a key, a token response and a userinfo response', async () => {
    provider.quirks.jwks = (keys) => ({
      keys: keys.map((key) => ({ ...key, use: null, key_ops: null, x5t: null })),
    });
    provider.quirks.tokenResponse = (body) => json({ ...body, refresh_token: null, scope: null });
    provider.quirks.userinfo = { name: null };
    const client = register();
    const token = await login(client);
    expect(token).not.toHaveProperty('refresh_token');
    const user = await client.userinfo({ token });
    expect(user).not.toHaveProperty('name');
  });
});

describe('a subject', () => {
  const composed = 'j\u00fcrgen';
  const decomposed = 'ju\u0308rgen';

  it('is any text, and two spellings of one name are two users', async () => {
    const client = register();
    const found: string[] = [];
    for (const sub of [composed, decomposed, '王小明', '👩‍🚀', "o'neil <x>"]) {
      sayInIdToken({ sub });
      provider.quirks.userinfo = { sub };
      const token = await login(client);
      expect(token.userinfo?.sub).toBe(sub);
      expect((await client.userinfo({ token })).sub).toBe(sub);
      found.push(client.identity(token));
    }
    expect(new Set(found).size).toBe(5);
    expect(found[0]?.normalize()).toBe(found[1]?.normalize());
  });

  it('of the userinfo in another spelling is another user', async () => {
    sayInIdToken({ sub: composed });
    provider.quirks.userinfo = { sub: decomposed };
    const client = register();
    const error = await rejection(client.userinfo({ token: await login(client) }));
    expect(error.code).toBe('invalid_userinfo');
  });

  it.each(['', 'a\u0000b', 'a\nb', 'a\u0085b', '\ud800', 'x\udc00y', 'x'.repeat(256)])(
    'is refused in every document of the provider: %j',
    async (sub) => {
      const client = plain({ introspectionEndpoint: `${provider.base}/introspect` });
      provider.on('userinfo', () => ({
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ sub }),
      }));
      provider.on('introspect', () => json({ active: true, sub }));
      const token = await login(client);
      const refused = await rejection(client.userinfo({ token }));
      expect(refused).toMatchObject({ code: 'invalid_userinfo' });
      expect((await rejection(client.introspectToken('at'))).message).toContain('"sub"');
      const stored: OAuth2Token = { ...token, userinfo: { sub } };
      expect(() => client.identity(stored)).toThrow(
        expect.objectContaining({ code: 'invalid_token' }),
      );
    },
  );
});

describe('a callback', () => {
  const finish = async (edit: (params: URLSearchParams) => void, more: RegisterOptions = {}) => {
    const client = register(more);
    const request = await client.createAuthorizationUrl(redirectUri);
    const { searchParams } = await comeBack(request);
    edit(searchParams);
    return await client.fetchAccessToken(searchParams, request);
  };

  it.each([
    ['token', 'x'],
    ['session_state', 'x'],
    ['foo', ''],
    ['error', ''],
  ])('ignores the parameter %s=%s beside a code (RFC 6749 §3.1, §4.1.2)', async (name, value) => {
    await expect(finish((params) => params.append(name, value))).resolves.toBeTruthy();
  });

  it.each(['response', 'id_token', 'access_token'])(
    'refuses %s, which was not asked for',
    async (name) => {
      const error = await rejection(finish((params) => params.append(name, 'x')));
      expect(error.code).toBe('invalid_callback');
    },
  );

  it.each([
    ['state', 'mismatching_state'],
    ['code', 'invalid_callback'],
    ['iss', 'mismatching_issuer'],
  ])('refuses an empty %s', async (name, code) => {
    expect((await rejection(finish((params) => params.set(name, '')))).code).toBe(code);
  });

  it('needs a code when "error" is empty', async () => {
    const edit = (params: URLSearchParams): void => {
      params.delete('code');
      params.set('error', '');
    };
    expect((await rejection(finish(edit))).code).toBe('invalid_callback');
  });
});

describe('a token response without an access token', () => {
  const drop = (): void => {
    provider.idToken = ({ claims, sign }) => sign({ ...claims, at_hash: undefined });
    provider.quirks.tokenResponse = (body) => json({ ...body, access_token: undefined });
  };

  it('is refused, and the message names the option (OpenID Connect Core §3.1.3.3)', async () => {
    drop();
    const error = await rejection(login(register()));
    expect(error).toMatchObject({ code: 'invalid_response' });
    expect(error.message).toContain("tokenResponse: { accessToken: 'optional' }");
  });

  it.each(['openid', 'openid email'])(
    'is accepted with the option, for scope %s',
    async (scope) => {
      drop();
      const token = await login(register({ scope, tokenResponse: { accessToken: 'optional' } }));
      expect(token).not.toHaveProperty('access_token');
      expect(token.userinfo).toMatchObject({ sub: 'user-1' });
      expect(provider.count('userinfo')).toBe(0);
    },
  );

  it('still needs an id_token', async () => {
    provider.quirks.tokenResponse = () => json({ scope: 'openid' });
    const client = register({ tokenResponse: { accessToken: 'optional' } });
    expect((await rejection(login(client))).code).toBe('invalid_id_token');
  });

  it.each([503, 500, 429])(
    'with "temporarily_unavailable" and status %i says that the provider is unavailable',
    async (status) => {
      provider.on('token', () => json({ error: 'temporarily_unavailable' }, status));
      const client = register();
      const token = { access_token: 'a', token_type: 'Bearer', refresh_token: 'r' };
      for (const call of [() => login(client), () => client.refreshToken(token)]) {
        expect(await rejection(call())).toMatchObject({
          code: 'provider_unavailable',
          providerStatus: status,
        });
      }
    },
  );
});

describe('discovery', () => {
  /** A host that has the provider's metadata at one path, and this everywhere else. */
  async function host(
    path: string,
    elsewhere: RequestListener,
    edit: (metadata: Record<string, unknown>) => object = (metadata) => metadata,
  ): Promise<string> {
    let issuer = '';
    const listening = createServer((request, response) => {
      if (request.url !== path) return elsewhere(request, response);
      const endpoints = { authorization_endpoint: `${issuer}/a`, token_endpoint: `${issuer}/t` };
      const document = { issuer, ...endpoints, jwks_uri: `${issuer}/j` };
      response.end(JSON.stringify(edit(document)));
    });
    server = listening;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    issuer = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
    return issuer;
  }
  const answering =
    (status: number, body: string, headers = {}): RequestListener =>
    (_request, response) =>
      void response.writeHead(status, headers).end(body);
  const client = (options: RegisterOptions) =>
    new OAuth({ config: {} }).register('corp', { clientId: 'app', scope: 'openid', ...options })
      .corp;
  const oauthPath = '/.well-known/oauth-authorization-server';
  const openidPath = '/.well-known/openid-configuration';

  it.each([
    ['a web page', answering(200, '<!doctype html>')],
    ['another JSON document', answering(200, '{"message":"hello"}')],
    ['a list', answering(200, '[]')],
    ['a redirect', answering(302, '', { location: '/login' })],
    ['401', answering(401, '')],
    ['502', answering(502, '')],
    ['404', answering(404, '')],
  ])('takes the next URL when the first one has %s', async (_, elsewhere) => {
    const issuer = await host(oauthPath, elsewhere);
    const { url } = await client({ issuer }).createAuthorizationUrl(redirectUri);
    expect(url).toContain(`${issuer}/a`);
  });

  it.each([
    ['a web page', answering(200, '<!doctype html>'), 'invalid_metadata'],
    ['401', answering(401, ''), 'provider_unavailable'],
    ['a redirect', answering(302, '', { location: '/login' }), 'invalid_response'],
  ])('ends when a URL given by hand has %s', async (_, elsewhere, code) => {
    const issuer = await host(oauthPath, elsewhere);
    const corp = client({ serverMetadataUrl: `${issuer}${openidPath}` });
    const error = await rejection(corp.createAuthorizationUrl(redirectUri));
    expect(error).toMatchObject({ code, client: 'corp' });
    expect(error.message).toContain(`of "corp" at ${issuer}${openidPath}`);
  });

  it('names both URLs, and the first 401 decides before the second 404', async () => {
    const issuer = await host('/none', (request, response) =>
      answering(request.url === openidPath ? 401 : 404, '')(request, response),
    );
    const error = await rejection(client({ issuer }).createAuthorizationUrl(redirectUri));
    expect(error).toMatchObject({ code: 'provider_unavailable', providerStatus: 401 });
    expect(error.message).toContain(`HTTP 401 at ${issuer}${openidPath}`);
    expect(error.message).toContain(`HTTP 404 at ${issuer}${oauthPath}`);
  });

  it('says for which client and at which URL the provider could not be reached', async () => {
    const corp = client({
      serverMetadataUrl: 'http://127.0.0.1:1/id/.well-known/openid-configuration',
    });
    const error = await rejection(corp.createAuthorizationUrl(redirectUri));
    expect(error.message).toContain(
      '"corp" at http://127.0.0.1:1/id/.well-known/openid-configuration',
    );
  });

  it.each([`${openidPath}/`, `${openidPath}?version=2`, `${openidPath}/?a=b`])(
    'takes the issuer of %s, whatever follows the well-known path',
    async (path) => {
      const issuer = await host(path, answering(404, ''));
      const corp = client({ serverMetadataUrl: `${issuer}${path}` });
      await expect(corp.createAuthorizationUrl(redirectUri)).resolves.toBeTruthy();
    },
  );

  it.each(['/o', '/o/'])(
    'takes the issuer with the path %s of a URL that ends in a slash',
    async (end) => {
      const path = `/o${openidPath}/`;
      const edit = (metadata: Record<string, unknown>) => ({
        ...metadata,
        issuer: `${String(metadata['issuer'])}${end}`,
      });
      const issuer = await host(path, answering(404, ''), edit);
      const corp = client({ serverMetadataUrl: `${issuer}${path}` });
      await expect(corp.createAuthorizationUrl(redirectUri)).resolves.toBeTruthy();
    },
  );

  it('blames the provider for the issuer of another one (502)', async () => {
    const foreign = (metadata: Record<string, unknown>) => ({
      ...metadata,
      issuer: 'https://a.example',
    });
    const issuer = await host(openidPath, answering(404, ''), foreign);
    const corp = client({ issuer });
    const expected = { code: 'mismatching_issuer', status: 502 };
    expect(await rejection(corp.createAuthorizationUrl(redirectUri))).toMatchObject(expected);
    const data = { state: 's', redirectUri, codeVerifier: 'v', openid: true, nonce: 'n' };
    const callback = corp.fetchAccessToken({ code: 'c', state: 's' }, data);
    expect(await rejection(callback)).toMatchObject(expected);
  });
});

describe('sizes and times of what a provider signs', () => {
  const day = 86_400;
  const now = () => Math.floor(Date.now() / 1000);

  it('accepts an id_token as long as "limits.jwtBytes", and none that is longer', async () => {
    sayInIdToken({
      groups: Array.from({ length: 300 }, (_, index) => `/group-${index}`.padEnd(60)),
    });
    const error = await rejection(login(register()));
    expect(error.message).toContain('"limits.jwtBytes"');
    const token = await login(register({}, { limits: { jwtBytes: 32_768 } }));
    const { length } = token.id_token ?? '';
    expect(length).toBeGreaterThan(16_384);
    await expect(login(register({}, { limits: { jwtBytes: length } }))).resolves.toBeTruthy();
    await expect(login(register({}, { limits: { jwtBytes: length - 1 } }))).rejects.toThrow(
      `${length - 1} bytes`,
    );
  });

  it('accepts an "exp" as far ahead as "limits.idTokenLifetime", and none further', async () => {
    sayInIdToken({ exp: now() + 400 * day });
    const error = await rejection(login(register()));
    expect(error.message).toMatch(
      /"exp" is more than 366 days in the future.*"limits.idTokenLifetime"/,
    );
    const limits = (idTokenLifetime: number) => ({ limits: { idTokenLifetime } });
    await expect(login(register({}, limits(400 * day)))).resolves.toBeTruthy();
    await expect(login(register({}, limits(399 * day)))).rejects.toThrow('399 days');
  });

  it('accepts an "iat" as far back as "limits.idTokenAge", and none further', async () => {
    sayInIdToken({ iat: now() - 2 * day });
    const error = await rejection(login(register()));
    expect(error.message).toMatch(/"iat" is more than 1 days? in the past.*"limits.idTokenAge"/);
    const limits = (idTokenAge: number) => ({ limits: { idTokenAge } });
    await expect(login(register({}, limits(2 * day)))).resolves.toBeTruthy();
    await expect(login(register({}, limits(2 * day - 60)))).rejects.toThrow('"iat"');
  });

  it('accepts several audiences without "azp" when "trustedAudiences" lists them (Core §3.1.3.7)', async () => {
    sayInIdToken({ aud: [provider.settings.clientId, 'api'] });
    await expect(login(register())).rejects.toThrow('"trustedAudiences"');
    await expect(login(register({ trustedAudiences: ['api'] }))).resolves.toBeTruthy();
    await expect(login(register({ trustedAudiences: ['other'] }))).rejects.toThrow('"aud"');
    expect(() => register({ trustedAudiences: 'api' as never })).toThrow('must be a list');
  });
});
