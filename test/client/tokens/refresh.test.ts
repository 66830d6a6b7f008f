import { OAuth, type OAuth2Token } from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openidClient, plainClient } from '../../support/apps/express.js';
import {
  attackerKey,
  startProvider,
  type FakeProvider,
  type IdTokenHook,
  type JsonObject,
} from '../../support/provider/index.js';
import { json } from '../../support/provider/response.js';
import { echo, login, rejection } from '../../support/login.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(() => {
  provider.reset();
  provider.settings.openid = true;
  provider.settings.rotateRefreshTokens = true;
  provider.settings.expiresIn = 3600;
  provider.settings.tokenEndpointAuthMethod = 'client_secret_basic';
});

function register(more: object = {}) {
  return new OAuth({ config: {} })
    .register('openid', openidClient(provider, more))
    .register('plain', plainClient(provider, more));
}

async function loggedIn(name: 'openid' | 'plain', more: object = {}) {
  provider.settings.openid = name === 'openid';
  const client = register(more)[name];
  return { client, token: await login(client) };
}

const without = (body: JsonObject, ...names: string[]): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)));

describe('refreshToken() (RFC 6749 §6)', () => {
  it.each(['client_secret_basic', 'client_secret_post', 'none'] as const)(
    '[R5] sends the refresh token to the token endpoint, with %s',
    async (method) => {
      provider.settings.tokenEndpointAuthMethod = method;
      const { client, token } = await loggedIn('plain', { tokenEndpointAuthMethod: method });
      await client.refreshToken(token);
      const { form, headers } = provider.last('token');
      expect(form.get('grant_type')).toBe('refresh_token');
      expect(form.getAll('refresh_token')).toEqual([token.refresh_token]);
      expect(form.has('scope')).toBe(false);
      expect(headers['authorization'] !== undefined).toBe(method === 'client_secret_basic');
      expect(form.has('client_secret')).toBe(method === 'client_secret_post');
    },
  );

  it('sends more parameters, such as a narrower scope and another resource (RFC 6749 §6, RFC 8707 §2.2)', async () => {
    const { client, token } = await loggedIn('plain');
    const resource = ['https://a.example/', new URL('https://b.example/')];
    provider.on('token', () => json({ access_token: 'fresh', token_type: 'Bearer' }));
    const fresh = await client.refreshToken(token, { scope: ['read', 'list'], resource });
    const { form } = provider.last('token');
    expect(form.getAll('scope')).toEqual(['read list']);
    expect(form.getAll('resource')).toEqual(['https://a.example/', 'https://b.example/']);
    expect(form.getAll('refresh_token')).toEqual([token.refresh_token]);
    // RFC 6749 §5.1: what the response does not say was granted as it was asked for.
    expect(fresh.scope).toBe('read list');
  });

  it('sends them over "refreshTokenParams", and leaves those of the next refresh alone', async () => {
    const { client, token } = await loggedIn('plain', {
      refreshTokenParams: { resource: 'https://a.example/', lang: 'de' },
    });
    const fresh = await client.refreshToken(token, { resource: 'https://b.example/' });
    const { form } = provider.last('token');
    expect([form.getAll('resource'), form.get('lang')]).toEqual([['https://b.example/'], 'de']);
    await client.refreshToken(fresh);
    expect(provider.last('token').form.getAll('resource')).toEqual(['https://a.example/']);
  });

  it('sends them also if a long-lived token is swapped for a fresh one', async () => {
    provider.on('api', () => json({ access_token: 'fresh', expires_in: 60 }));
    const url = `${provider.base}/api/swap`;
    const params = { t: '{token.access_token}' };
    const longLivedToken = { url, params, refresh: { url, params } };
    const { plain } = register({ longLivedToken });
    const token = { access_token: 'long', token_type: 'Bearer' };
    const more = {
      scope: 'read',
      resource: new URL('https://b.example/'),
      brace: '{client_secret}',
    };
    expect((await plain.refreshToken(token, more)).access_token).toBe('fresh');
    expect(Object.fromEntries(provider.last('api').query)).toEqual({
      t: 'long',
      scope: 'read',
      resource: 'https://b.example/',
      brace: '{client_secret}',
    });
  });

  it('[R5] returns a token that works, with the rotated refresh token, and renews expires_at', async () => {
    const { client, token } = await loggedIn('plain');
    const before = { ...token, expires_at: 1 };
    const fresh = await client.refreshToken(before);
    expect(fresh.access_token).not.toBe(token.access_token);
    expect(fresh.refresh_token).toBeTypeOf('string');
    expect(fresh.refresh_token).not.toBe(token.refresh_token);
    expect(Math.abs((fresh.expires_at ?? 0) - Date.now() / 1000 - 3600)).toBeLessThan(10);
    expect(await echo(client.get('me', { token: fresh }))).toMatchObject({ method: 'GET' });
    expect(before.expires_at).toBe(1);
    expect((await client.refreshToken(fresh)).access_token).not.toBe(fresh.access_token);
  });

  it('[R5] forgets when the old access token expired, if the response says nothing of it', async () => {
    const { client, token } = await loggedIn('plain');
    provider.quirks.tokenResponse = 'no-expires-in';
    const fresh = await client.refreshToken({ ...token, expires_at: 1 });
    expect(fresh).not.toHaveProperty('expires_at');
    expect(fresh).not.toHaveProperty('expires_in');
    expect(await echo(client.get('me', { token: fresh }))).toMatchObject({ method: 'GET' });
  });

  it('[R5] preserves what the response leaves out: refresh token, scope, id_token, userinfo', async () => {
    provider.settings.rotateRefreshTokens = false;
    const { client, token } = await loggedIn('openid');
    provider.quirks.tokenResponse = (body) => ({ body: without(body, 'scope', 'id_token') });
    const fresh = await client.refreshToken({ ...token, team: 'T1' });
    const { refresh_token, scope, id_token, userinfo } = token;
    expect(fresh).toMatchObject({ refresh_token, scope, id_token, userinfo, team: 'T1' });
    expect(fresh.access_token).not.toBe(token.access_token);
  });

  it.each(['null-refresh-token', 'empty-refresh-token'] as const)(
    '[R5] preserves the refresh token at %s',
    async (quirk) => {
      const { client, token } = await loggedIn('plain');
      provider.quirks.tokenResponse = quirk;
      expect((await client.refreshToken(token)).refresh_token).toBe(token.refresh_token);
    },
  );

  it('[R5] takes the narrower scope the response names', async () => {
    const { client, token } = await loggedIn('openid');
    provider.quirks.tokenResponse = 'scope-narrower';
    expect((await client.refreshToken(token)).scope).toBe('openid');
  });

  it('[R5] never takes "userinfo" from the response', async () => {
    const { client, token } = await loggedIn('plain');
    provider.quirks.tokenResponse = (body) => ({ body: { ...body, userinfo: { sub: 'admin' } } });
    expect(await client.refreshToken(token)).not.toHaveProperty('userinfo');
  });

  it('[R5] asks refreshTokenUrl if there is one, with refreshTokenParams', async () => {
    const { client, token } = await loggedIn('plain', {
      refreshTokenUrl: `${provider.base}/token?for=refresh`,
      refreshTokenParams: { resource: 'r', none: undefined },
      accessTokenParams: { audience: 'a' },
    });
    expect(provider.last('token').search).toBe('');
    await client.refreshToken(token);
    const { form, search } = provider.last('token');
    expect([search, form.get('resource')]).toEqual(['for=refresh', 'r']);
    expect([form.has('audience'), form.has('none')]).toEqual([false, false]);
  });

  it('[R5] goes through refreshTokenRequest and refreshTokenResponse alone', async () => {
    const { client, token } = await loggedIn('plain', {
      complianceFix: {
        refreshTokenRequest: ({ headers, body }: { headers: Headers; body: URLSearchParams }) => {
          headers.set('x-refresh', 'yes');
          body.set('extra', '1');
        },
        refreshTokenResponse: ({ data }: { data: JsonObject }) => ({ ...data, mended: true }),
      },
    });
    expect(provider.last('token').headers['x-refresh']).toBeUndefined();
    provider.quirks.tokenResponse = (body) => ({ body: { data: body } });
    expect(await client.refreshToken(token)).toMatchObject({ mended: true });
    const { form, headers } = provider.last('token');
    expect([headers['x-refresh'], form.get('extra')]).toEqual(['yes', '1']);
  });

  it('[R5] of no token at all, as from a session that is gone, says that there is none', async () => {
    const { client } = await loggedIn('plain');
    const error = await rejection(client.refreshToken(undefined as never));
    expect(error).toMatchObject({ code: 'missing_token', client: 'plain', phase: 'refresh' });
  });

  it.each([undefined, null, 7, ''])(
    '[R5] without a refresh token sends no request: %j',
    async (none) => {
      const { client, token } = await loggedIn('plain');
      const given = { ...token, refresh_token: none } as OAuth2Token;
      const error = await rejection(client.refreshToken(given));
      expect(error).toMatchObject({ code: 'missing_token', client: 'plain', phase: 'refresh' });
      expect(provider.count('token')).toBe(1);
    },
  );

  it('[R5] a spent one is invalid_grant, with the provider’s words beside the message', async () => {
    const { client, token } = await loggedIn('plain');
    await client.refreshToken(token);
    const error = await rejection(client.refreshToken(token));
    expect(error).toMatchObject({
      code: 'invalid_grant',
      client: 'plain',
      phase: 'refresh',
      error: 'invalid_grant',
      error_description: 'Unknown refresh token.',
    });
    expect(error.message + JSON.stringify(error)).not.toContain('Unknown refresh token');
    expect(error.message).not.toContain(token.refresh_token);
  });
});

describe('the id_token of a refresh (OpenID Connect Core §12.2)', () => {
  it('[R5] is verified, carries no nonce, and replaces what was known', async () => {
    const { client, token } = await loggedIn('openid');
    provider.settings.user['email'] = 'countess@example.com';
    const fresh = await client.refreshToken(token);
    provider.settings.user['email'] = 'ada@example.com';
    expect(fresh.id_token).not.toBe(token.id_token);
    expect(fresh.userinfo).toMatchObject({ sub: 'user-1', email: 'countess@example.com' });
  });

  const others: [string, IdTokenHook][] = [
    [
      'another sub (oidcc-client-test-refresh-token-invalid-sub)',
      ({ claims, sign }) => sign({ ...claims, sub: 'user-2' }),
    ],
    [
      'another issuer (oidcc-client-test-refresh-token-invalid-issuer)',
      ({ claims, sign }) => sign({ ...claims, iss: 'https://evil.example' }),
    ],
    ['another audience', ({ claims, sign }) => sign({ ...claims, aud: 'someone-else' })],
    ['no audience at all', ({ claims, sign }) => sign({ ...claims, aud: [] })],
    [
      'another sub below a foreign signature',
      ({ claims, header, sign }) => sign({ ...claims, sub: 'user-2' }, header, attackerKey()),
    ],
    [
      'another sub, unsigned',
      ({ claims, sign }) => sign({ ...claims, sub: 'u2' }, { alg: 'none' }),
    ],
  ];

  it.each(others)(
    '[R5] ends the authorization with %s, and nothing of it is used',
    async (_, hook) => {
      const { client, token } = await loggedIn('openid');
      provider.idToken = hook;
      const error = await rejection(client.refreshToken(token));
      expect(error).toMatchObject({ code: 'invalid_id_token', client: 'openid', status: 401 });
      expect(error.message).not.toContain('evil.example');
    },
  );

  const filled = (claims: object): object =>
    JSON.parse(JSON.stringify(claims).replaceAll('CLIENT', provider.settings.clientId)) as object;
  const now = (): number => Math.floor(Date.now() / 1000);

  const dropped: [what: string, before: object, after: IdTokenHook][] = [
    ['no sub', {}, ({ claims, sign }) => sign(without(claims, 'sub'))],
    ['no aud', {}, ({ claims, sign }) => sign(without(claims, 'aud'))],
    ['an old date', {}, ({ claims, sign }) => sign({ ...claims, exp: 1 })],
    [
      'a date ahead',
      {},
      ({ claims, sign }) => sign({ ...claims, iat: now() + 40, nbf: now() + 40 }),
    ],
    ['a foreign key', {}, ({ claims, header, sign }) => sign(claims, header, attackerKey())],
    ['no signature', {}, ({ claims, sign }) => sign(claims, { alg: 'none' })],
    ['an unknown key', {}, ({ claims, header, sign }) => sign(claims, { ...header, kid: 'new' })],
    ['nonsense', {}, () => 'e30.e30.e30'],
    ['no JWT', {}, () => 'opaque'],
    [
      'a later auth_time',
      { auth_time: 1000 },
      ({ claims, sign }) => sign({ ...claims, auth_time: 1001 }),
    ],
    ['another nonce', {}, ({ claims, sign }) => sign({ ...claims, nonce: 'another' })],
    ['a wrong hash', {}, ({ claims, sign }) => sign({ ...claims, at_hash: 'AAAA' })],
    [
      'one audience more',
      { azp: 'CLIENT' },
      ({ claims, sign }) => sign({ ...claims, ...filled({ aud: ['CLIENT', 'api'] }) }),
    ],
    [
      'one audience less',
      { aud: ['CLIENT', 'api'], azp: 'CLIENT' },
      ({ claims, sign }) => sign({ ...claims, ...filled({ aud: ['CLIENT'], azp: 'CLIENT' }) }),
    ],
    ['another azp', { azp: 'CLIENT' }, ({ claims, sign }) => sign({ ...claims, azp: 'another' })],
  ];

  it.each(dropped)(
    '[R5] is dropped with %s, an event says so, and the tokens of the same response are returned (RFC 6749 §5.1)',
    async (_, before, after) => {
      const oauth = register();
      const warnings: object[] = [];
      oauth.events.on('token:warning', (event) => warnings.push(event));
      provider.idToken = ({ claims, sign }) => sign({ ...claims, ...filled(before) });
      const token = await login(oauth.openid);
      provider.idToken = after;
      const fresh = await oauth.openid.refreshToken(token);
      expect(fresh.refresh_token).not.toBe(token.refresh_token);
      expect(fresh.access_token).not.toBe(token.access_token);
      expect([fresh.id_token, fresh.userinfo]).toEqual([token.id_token, token.userinfo]);
      expect(warnings).toMatchObject([{ client: 'openid', field: 'id_token' }]);
      provider.idToken = ({ claims, sign }) => sign({ ...claims, ...filled(before) });
      expect((await oauth.openid.refreshToken(fresh)).id_token).not.toBe(token.id_token);
    },
  );

  const rows: [before: object, after: object][] = [
    [{ azp: 'CLIENT' }, { azp: undefined, aud: 'CLIENT' }],
    [{ auth_time: 1000 }, { auth_time: 1000 }],
    [{ azp: 'CLIENT' }, { aud: ['CLIENT'], azp: 'CLIENT' }],
    [
      { aud: ['CLIENT', 'api'], azp: 'CLIENT' },
      { aud: ['api', 'CLIENT'], azp: 'CLIENT' },
    ],
  ];
  it.each(rows)(
    '[R5] is used with %j before and %j after, which say the same',
    async (before, after) => {
      provider.idToken = ({ claims, sign }) => sign({ ...claims, ...filled(before) });
      const { client, token } = await loggedIn('openid');
      provider.idToken = ({ claims, sign }) => sign({ ...claims, ...filled(after) });
      expect((await client.refreshToken(token)).id_token).not.toBe(token.id_token);
    },
  );

  it('[R5] is not believed of another user if "profile" throws: the tokens are returned', async () => {
    const profile = {
      sub: '$.sub',
      name: () => {
        if (provider.count('token') > 1) throw new Error('a fault of the application');
        return 'Ada';
      },
    };
    const { client, token } = await loggedIn('openid', { profile, userinfo: { onLogin: false } });
    const fresh = await client.refreshToken(token);
    expect(fresh.refresh_token).not.toBe(token.refresh_token);
    expect(fresh.id_token).toBe(token.id_token);
  });

  it.each([null, '', 'no JWT', 'a.b.c', 7, {}])(
    '[R5] is verified and used if the stored one is %j',
    async (stored) => {
      const { client, token } = await loggedIn('openid');
      const { userinfo: _, ...rest } = { ...token, id_token: stored as string };
      const fresh = await client.refreshToken(rest);
      expect(fresh.refresh_token).not.toBe(token.refresh_token);
      expect(fresh.userinfo).toMatchObject({ sub: 'user-1' });
    },
  );

  it.each([503, 404])(
    '[R5] has its keys loaded before the refresh token is sent, which is not spent at HTTP %s',
    async (jwksStatus) => {
      const { token } = await loggedIn('openid');
      const restarted = register().openid;
      provider.requests.length = 0;
      provider.quirks.jwksStatus = jwksStatus;
      const error = await rejection(restarted.refreshToken(token));
      expect(error).toMatchObject({ code: 'provider_unavailable', phase: 'metadata' });
      expect(provider.count('token')).toBe(0);
      provider.quirks.jwksStatus = undefined;
      expect(await register().openid.refreshToken(token)).toHaveProperty('id_token');
    },
  );

  it('[R5] asks for no keys if no id_token was asked for', async () => {
    const { client, token } = await loggedIn('plain');
    await client.refreshToken(token);
    expect(provider.count('jwks')).toBe(0);
  });

  it('[R5] is compared with the stored userinfo if the id_token was not stored', async () => {
    const { client, token } = await loggedIn('openid');
    const stored = without(token, 'id_token') as OAuth2Token;
    provider.idToken = ({ claims, sign }) => sign({ ...claims, sub: 'user-2' });
    const error = await rejection(client.refreshToken(stored));
    expect(error).toMatchObject({ code: 'invalid_id_token' });
  });
});
