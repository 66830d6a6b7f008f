import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isOAuthError, type OAuthError, type Token } from '@oauth-registry/express';
import { Browser } from '../../../support/browser.js';
import {
  startProvider,
  type FakeProvider,
  type Fault,
  type UserinfoQuirk,
} from '../../../support/provider/index.js';
import {
  oauth1Client,
  openidClient,
  plainClient,
  startExpress,
  type TestApp,
  type TestAppOptions,
} from '../../../support/apps/express.js';

let provider: FakeProvider;
let elsewhere: FakeProvider;
let app: TestApp;
/** The same clients, which do not wait for long. */
let hasty: TestApp;

beforeAll(async () => {
  [provider, elsewhere] = await Promise.all([startProvider(), startProvider()]);
  const options = (timeout: number): TestAppOptions => ({
    clients: {
      openid: openidClient(provider, { scope: 'openid email profile' }),
      plain: plainClient(provider),
      mapped: plainClient(provider, {
        userinfoComplianceFix: async (profile, { get }) => {
          const emails = (await (await get('emails')).json()) as { path: string };
          return { sub: `id-${String(profile['sub'])}`, name: 'Ada', website: emails.path };
        },
      }),
      pathless: plainClient(provider, { userinfoEndpoint: undefined } as object),
      one: oauth1Client(provider, { userinfoEndpoint: `${provider.oauth1.api}/me?full=1` }),
      bare: oauth1Client(provider),
    },
    oauth: {
      timeout,
      fetchToken: (name, request) =>
        (request as { tokens: Record<string, Token> } | undefined)?.tokens[name],
    },
  });
  [app, hasty] = await Promise.all([startExpress(options(10_000)), startExpress(options(200))]);
});
afterAll(async () => {
  await Promise.all([provider, elsewhere, app, hasty].map((server) => server.close()));
});
afterEach(() => {
  provider.reset();
  elsewhere.reset();
  provider.settings.openid = true;
  provider.settings.user['sub'] = 'user-1';
});

async function login(client: string): Promise<Token> {
  provider.settings.openid = client === 'openid';
  const visit = await new Browser().follow(`${app.url}/login/${client}`);
  expect(visit.status).toBe(200);
  return app.tokens.at(-1) as Token;
}

async function refusal(client: string, token: Token, by = app): Promise<OAuthError> {
  const error: unknown = await by
    .client(client)
    .userinfo({ token })
    .catch((thrown: unknown) => thrown);
  if (isOAuthError(error)) return error;
  throw new Error('The userinfo was not refused by an OAuthError.', { cause: error });
}

describe('userinfo() of an OpenID Connect login (OpenID Connect Core §5.3)', () => {
  it('[A19] returns the claims, and the response as it arrived in raw', async () => {
    const token = await login('openid');
    const user = await app.client('openid').userinfo({ token });
    expect(user).toMatchObject({ sub: 'user-1', name: 'Ada Lovelace', email: 'ada@example.com' });
    expect(user.raw).toEqual(provider.settings.user);
    const { headers, search } = provider.last('userinfo');
    const authorization = `Bearer ${token['access_token']}`;
    expect(headers).toMatchObject({ authorization, accept: 'application/json' });
    expect(search).toBe('');
  });

  it.each(['wrong-sub', 'no-sub', 'numeric-sub'] satisfies UserinfoQuirk[])(
    '[A20] refuses %s (§5.3.2, oidcc-client-test-userinfo-invalid-sub)',
    async (quirk) => {
      const token = await login('openid');
      provider.quirks.userinfo = quirk;
      expect(await refusal('openid', token)).toMatchObject({
        code: 'invalid_userinfo',
        client: 'openid',
        phase: 'userinfo',
      });
    },
  );

  it.each(['openid', 'plain'])(
    '[A19] takes no error for a profile: error-200, %s',
    async (name) => {
      const token = await login(name);
      provider.quirks.userinfo = 'error-200';
      expect(await refusal(name, token)).toMatchObject({
        code: 'invalid_token',
        providerStatus: 200,
      });
    },
  );

  it('[A20] compares sub with a stored token’s id_token, too', async () => {
    const { userinfo: _, ...stored } = await login('openid');
    const token = stored as Token;
    expect(await app.client('openid').userinfo({ token })).toMatchObject({ sub: 'user-1' });
    provider.quirks.userinfo = 'wrong-sub';
    expect(await refusal('openid', token)).toMatchObject({ code: 'invalid_userinfo' });
  });

  it('[A20] refuses a stored token whose id_token is unreadable', async () => {
    const { userinfo: _, ...stored } = await login('openid');
    for (const idToken of ['SECRET.SECRET', 'SECRET.e30.SECRET', 12345]) {
      const token = { ...stored, id_token: idToken } as Token;
      const error = await refusal('openid', token);
      expect(['invalid_token', 'invalid_userinfo']).toContain(error.code);
      expect(error.message).not.toContain('SECRET');
    }
  });

  it('[A19] verifies signed userinfo (§5.3.2)', async () => {
    const token = await login('openid');
    provider.quirks.userinfo = 'signed-jwt';
    expect(await app.client('openid').userinfo({ token })).toMatchObject({ sub: 'user-1' });
    provider.quirks.userinfo = 'forged-jwt';
    expect(await refusal('openid', token)).toMatchObject({ code: 'invalid_userinfo' });
  });

  it('[A19] calls a challenge invalid_token (RFC 6750 §3.1)', async () => {
    const token = await login('openid');
    provider.quirks.userinfo = 'challenge';
    const error = await refusal('openid', token);
    expect(error).toMatchObject({ code: 'invalid_token', providerStatus: 401 });
    expect(error.error).toBe('invalid_token');
  });

  it('[A19] takes a 200 for a 200, whatever challenge comes with it', async () => {
    const token = await login('openid');
    provider.quirks.userinfo = 'challenge-200';
    expect(await app.client('openid').userinfo({ token })).toMatchObject({ sub: 'user-1' });
  });

  it('[A19] is not harmed by an own __proto__ key', async () => {
    const token = await login('openid');
    provider.quirks.userinfo = 'proto-keys';
    const user = await app.client('openid').userinfo({ token });
    for (const claims of [user, user.raw ?? {}]) {
      expect(Object.hasOwn(claims, '__proto__')).toBe(false);
      expect(Object.getPrototypeOf(claims)).toBe(Object.prototype);
      expect(Object.assign({}, claims)).not.toHaveProperty('isAdmin');
    }
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
  });
});

describe('userinfo() of a plain OAuth 2 login', () => {
  it('[A19] accepts a profile without sub (GitHub, Discord)', async () => {
    const token = await login('plain');
    provider.quirks.userinfo = 'no-sub';
    const user = await app.client('plain').userinfo({ token });
    expect([user.sub, user.preferred_username]).toEqual([undefined, 'ada']);
  });

  it('[A19] is mapped by userinfoComplianceFix, which can ask for more', async () => {
    const token = await login('mapped');
    const user = await app.client('mapped').userinfo({ token });
    expect(user).toEqual({
      sub: 'id-user-1',
      name: 'Ada',
      website: '/api/emails',
      raw: provider.settings.user,
    });
    expect(provider.last('api').headers['authorization']).toBe(`Bearer ${token['access_token']}`);
  });

  it('[A13] finds the token with fetchToken, from the request', async () => {
    const token = await login('plain');
    const request = { tokens: { plain: token } };
    expect(await app.client('plain').userinfo({ request })).toMatchObject({ sub: 'user-1' });
    await expect(app.client('plain').userinfo({})).rejects.toMatchObject({
      code: 'missing_token',
      phase: 'userinfo',
    });
  });

  it.each([
    ['expired', { expires_at: 1 }, 'token_expired'],
    ['of another type', { token_type: 'mac' }, 'unsupported_token_type'],
    ['unsendable', { access_token: 'SECRET\r\nX: 1' }, 'invalid_token'],
  ])('[A19] sends no request with a token that is %s', async (_title, change, code) => {
    const token = { ...(await login('plain')), ...change } as Token;
    const error = await refusal('plain', token);
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('SECRET');
    expect(provider.count('userinfo')).toBe(0);
  });
});

describe('userinfo() of an OAuth 1.0a login', () => {
  it('[A19] signs the request for the profile (RFC 5849 §3)', async () => {
    const token = await login('one');
    const user = await app.client('one').userinfo({ token });
    const expected = { query: [['full', '1']], user: { sub: 'user-1' } };
    expect(user).toMatchObject({ ...expected, raw: expected });
  });

  it('[A19] refused by the provider is an error', async () => {
    const token = await login('one');
    const error = await refusal('one', { ...token, oauth_token_secret: 'wrong' } as Token);
    expect(error).toMatchObject({ providerStatus: 401, error: 'signature_invalid' });
  });
});

it.each(['pathless', 'bare'])(
  '[A19] userinfo() of %s, without an endpoint, says which option to give',
  async (client) => {
    expect(await refusal(client, await login(client))).toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining('userinfoEndpoint') as string,
    });
  },
);

describe.each(['plain', 'one'] as const)('a broken response to userinfo() of %s', (client) => {
  it.each([
    ['hang', 'timeout'],
    ['drip', 'timeout'],
    ['reset', 'provider_unavailable'],
    ['cut', 'provider_unavailable'],
    ['huge', 'response_too_large'],
    ['gzip-bomb', 'response_too_large'],
    ['html-500', 'provider_unavailable'],
    ['rate-limited', 'provider_unavailable'],
    ['missing-404', 'provider_refused'],
    ['html-200', 'invalid_userinfo'],
    ['array', 'invalid_userinfo'],
    ['null', 'invalid_userinfo'],
    ['deep-json', 'invalid_userinfo'],
    ['redirect-302', 'invalid_response'],
    ['redirect-307', 'invalid_response'],
  ] as [Fault, string][])('[A19] %s is %s', async (fault, code) => {
    const token = await login(client);
    provider.quirks.elsewhere = elsewhere.origin;
    provider.quirks.fault = { userinfo: fault, oauth1_api: fault };
    const error = await refusal(client, token, code === 'timeout' ? hasty : app);
    expect(error).toMatchObject({ code, client, phase: 'userinfo' });
    expect(elsewhere.requests).toEqual([]);
  });
});
