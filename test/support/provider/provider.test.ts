import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { leftHalfHash, startProvider, type FakeProvider } from './index.js';
import { authorizeByHand, authorizationParams, basic, postToken, redeemByHand } from './login.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

type Body = Record<string, unknown>;
const read = async (answer: Response | Promise<Response>) => (await (await answer).json()) as Body;
const login = async (changes?: Record<string, string>) =>
  read(redeemByHand(provider, await authorizeByHand(provider, changes)));
const withToken = (path: string, token: unknown) =>
  fetch(provider.base + path, { headers: { authorization: `Bearer ${String(token)}` } });

describe('[X9] a login by hand', () => {
  test('gives code, state and iss, then tokens, then the profile', async () => {
    const started = await authorizeByHand(provider, { max_age: '60' });
    expect(Object.fromEntries(started.callback)).toEqual({
      a: '1',
      code: expect.any(String),
      state: 'a-state',
      iss: provider.issuer,
    });
    const token = await read(redeemByHand(provider, started));
    expect(token).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'openid email' });

    const keys = createLocalJWKSet((await read(fetch(`${provider.base}/jwks`))) as never);
    const { payload, protectedHeader } = await jwtVerify(String(token['id_token']), keys, {
      issuer: provider.issuer,
      audience: provider.settings.clientId,
    });
    expect(protectedHeader).toEqual({ alg: 'RS256', kid: 'k1' });
    expect(payload).toMatchObject({
      sub: 'user-1',
      nonce: 'a-nonce',
      at_hash: leftHalfHash(String(token['access_token'])),
      auth_time: expect.any(Number),
    });

    const profile = await read(withToken('/userinfo', token['access_token']));
    expect(profile).toEqual({ sub: 'user-1', email: 'ada@example.com', email_verified: true });
    expect(provider.requests.map(({ endpoint }) => endpoint)).toEqual([
      'authorize',
      'token',
      'jwks',
      'userinfo',
    ]);
    expect(provider.count('token')).toBe(1);
    expect(provider.last('token').form.get('grant_type')).toBe('authorization_code');
  });

  test('redeems a code once, and revokes its tokens when it comes again', async () => {
    const started = await authorizeByHand(provider);
    const token = await read(redeemByHand(provider, started));
    expect(await read(redeemByHand(provider, started))).toMatchObject({ error: 'invalid_grant' });
    expect((await withToken('/api/me', token['access_token'])).status).toBe(401);
  });

  test.each([
    ['an unknown code', { code: 'unknown' }],
    ['another redirect_uri', { redirect_uri: 'http://127.0.0.1:9/callback' }],
    ['another code_verifier', { code_verifier: 'x'.repeat(43) }],
  ])('refuses %s', async (_title, changes) => {
    const answer = await redeemByHand(provider, await authorizeByHand(provider), changes);
    expect(answer.status).toBe(400);
    expect(await read(answer)).toMatchObject({ error: 'invalid_grant' });
  });

  test('refuses at /authorize what it does not know, without a redirect', async () => {
    const { params } = authorizationParams(provider, { client_id: 'other' });
    expect((await fetch(`${provider.base}/authorize?${params}`)).status).toBe(400);
    const { callback } = await authorizeByHand(provider, { code_challenge_method: 'plain' });
    expect(callback.get('error')).toBe('invalid_request');
  });

  test('rotates refresh tokens, and revokes the family of a spent one', async () => {
    const { refresh_token: first } = await login();
    const fields = { grant_type: 'refresh_token', refresh_token: String(first) };
    const second = await read(postToken(provider, fields));
    expect(second['refresh_token']).not.toBe(first);
    expect(await read(postToken(provider, fields))).toMatchObject({ error: 'invalid_grant' });
    expect((await withToken('/api/me', second['access_token'])).status).toBe(401);
  });
});

describe('[X9] client authentication', () => {
  test('is the configured method, and no other', async () => {
    const { clientId, clientSecret } = provider.settings;
    const fields = { grant_type: 'client_credentials' };
    const inBody = { client_id: clientId, client_secret: clientSecret };
    const status = async (body: Record<string, string>, header?: string) => {
      const headers: Record<string, string> = header ? { authorization: header } : {};
      return (await postToken(provider, { ...fields, ...body }, headers)).status;
    };
    const notEncoded = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
    expect(await status({}, basic(provider))).toBe(200);
    expect(await status({}, notEncoded)).toBe(401);
    expect(await status(inBody)).toBe(401);
    expect(await status(inBody, basic(provider))).toBe(401);
    provider.quirks.basicNotDecoded = true;
    expect(await status({}, notEncoded)).toBe(200);
    provider.settings.tokenEndpointAuthMethod = 'client_secret_post';
    expect(await status(inBody)).toBe(200);
    expect(await status({ ...inBody, client_secret: 'wrong' })).toBe(401);
    expect(await status({}, basic(provider))).toBe(401);
    provider.settings.tokenEndpointAuthMethod = 'none';
    expect(await status({ client_id: clientId })).toBe(200);
    provider.settings.tokenEndpointAuthMethod = 'client_secret_basic';
  });
});

describe('[X9] resources', () => {
  test('report what they saw, and in which place the token was', async () => {
    const { access_token: token } = await login();
    const header = await read(withToken('/api/items?x=1&x=2', token));
    expect(header).toMatchObject({ method: 'GET', path: '/api/items', search: 'x=1&x=2' });
    expect(header).toMatchObject({ placement: 'header' });
    const body = new URLSearchParams({ access_token: String(token) });
    const posted = fetch(`${provider.base}/api/items`, { method: 'POST', body });
    expect(await read(posted)).toMatchObject({ placement: 'body' });
    const inUri = fetch(`${provider.base}/api/items?access_token=${String(token)}`);
    expect(await read(inUri)).toMatchObject({ placement: 'uri' });
    const none = await fetch(`${provider.base}/api/items`);
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="api"',
    ]);
  });

  test('introspect and revoke tokens', async () => {
    const { access_token: token } = await login();
    const send = (path: string) =>
      fetch(provider.base + path, {
        method: 'POST',
        headers: { authorization: basic(provider) },
        body: new URLSearchParams({ token: String(token) }),
      });
    expect(await read(send('/introspect'))).toMatchObject({ active: true, sub: 'user-1' });
    expect((await send('/revoke')).status).toBe(200);
    expect(await read(send('/introspect'))).toEqual({ active: false });
  });
});

test('an issuer may have a path, and its metadata two URLs', async () => {
  const tenant = await startProvider({ issuerPath: '/tenant/' });
  const { issuer } = await read(fetch(tenant.metadataUrl));
  expect(issuer).toBe(`${tenant.origin}/tenant/`);
  const inserted = `${tenant.origin}/.well-known/oauth-authorization-server/tenant`;
  expect(await read(fetch(inserted))).toMatchObject({ token_endpoint: `${tenant.base}/token` });
  await tenant.close();
});
