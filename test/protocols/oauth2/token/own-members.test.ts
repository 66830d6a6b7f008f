import { OAuth, type RegisterOptions, type Token } from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { oauth1Client } from '../../oauth1/world.js';
import { openidClient, plainClient } from '../../../support/apps/express.js';
import { json } from '../../../support/provider/response.js';
import { startProvider, type FakeProvider } from '../../../support/provider/index.js';
import { comeBack, login, posted, redirectUri } from '../../../support/login.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(() => {
  provider.reset();
  provider.settings.openid = true;
});

/** What a provider, or whoever stands in for it, may try to say of a token. */
const claimed = {
  server: { host: 'eu-1' },
  issuer: 'https://other.example',
  client_id: 'other',
  dpop_key: { kty: 'EC' },
  expires_unreadable: true,
  userinfo: { sub: 'somebody else' },
};

/** The same where only text arrives. */
const asText = Object.fromEntries(
  Object.entries(claimed).map(([name, value]) => [name, JSON.stringify(value)]),
);

function expectUnclaimed(token: Token): void {
  for (const name of ['server', 'issuer', 'client_id', 'dpop_key', 'expires_unreadable']) {
    expect(token).not.toHaveProperty(name);
  }
  expect(token.userinfo?.sub).not.toBe('somebody else');
}

function plain(options: RegisterOptions = {}) {
  provider.settings.openid = false;
  return new OAuth({ config: {} }).register('plain', plainClient(provider, options)).plain;
}

function corp(options: RegisterOptions = {}) {
  return new OAuth({ config: {} }).register('corp', openidClient(provider, options)).corp;
}

/** Lets the token endpoint say more, as JSON or as a form. */
function claim(): void {
  provider.quirks.tokenResponse = (body) => json({ ...body, ...claimed, extra: 'stays' });
}

const redeemed = { access_token: 'at', token_type: 'Bearer', ...claimed, extra: 'stays' };

describe('what the library writes into a token', () => {
  it('never comes from the response to a login, whose other members are preserved', async () => {
    claim();
    const token = await login(plain());
    expectUnclaimed(token);
    expect(token['extra']).toBe('stays');
  });

  it('does not change whose a token is (identity())', async () => {
    const client = corp();
    const honest = client.identity(await login(client));
    claim();
    expect(client.identity(await login(client))).toBe(honest);
  });

  it('never comes from a form-encoded response', async () => {
    const form = new URLSearchParams({ access_token: 'at', token_type: 'bearer', ...asText });
    provider.on('token', () => ({ body: form.toString() }));
    expectUnclaimed(await login(plain()));
  });

  it('never comes from a response that the client’s options reshape', async () => {
    provider.on('token', () => json({ data: { ...redeemed, host: 'eu-1', made: 'x' } }));
    const rename = { host: 'server', made: 'client_id' };
    expectUnclaimed(await login(plain({ tokenResponse: { path: 'data', rename } })));
  });

  it('never comes from a refresh, which leaves what is stored as it is', async () => {
    const client = corp({ scope: 'openid offline_access' });
    const stored = { ...(await login(client)), issuer: 'https://stored.example' };
    claim();
    const fresh = await client.refreshToken(stored);
    expect(fresh).toMatchObject({ issuer: 'https://stored.example', extra: 'stays' });
    const { issuer: _, ...others } = fresh;
    expectUnclaimed(others as Token);
  });

  it.each<[string, (client: ReturnType<typeof plain>) => Promise<Token>]>([
    ['client credentials', (one) => one.clientCredentialsToken()],
    ['a token exchange', (one) => one.grants.exchangeToken('subject')],
    ['a JWT bearer grant', (one) => one.grants.jwtBearerToken('a.b.c')],
    ['a password grant', (one) => one.grants.passwordToken({ username: 'u', password: 'p' })],
    [
      'a device grant',
      async (one) => {
        const pending = { device_code: 'd', interval: 5, expires_at: 9e9 } as never;
        return (await one.grants.pollDeviceAuthorization(pending)).token as Token;
      },
    ],
    [
      'backchannel authentication',
      async (one) => {
        const pending = { auth_req_id: 'r', interval: 5, expires_at: 9e9 } as never;
        return (await one.grants.pollBackchannelAuthentication(pending)).token as Token;
      },
    ],
  ])('never comes from the response to %s', async (_grant, get) => {
    provider.on('token', () => json(redeemed));
    const token = await get(plain({ allowLegacyGrants: ['password'] }));
    expectUnclaimed(token);
    expect(token['extra']).toBe('stays');
  });

  it('never comes from a token that is swapped for one that lives longer', async () => {
    provider.on('unknown', () => json({ ...redeemed, access_token: 'long' }));
    const longLivedToken = { url: `${provider.base}/swap`, params: {} };
    const token = await login(plain({ longLivedToken }));
    expect(token.access_token).toBe('long');
    expectUnclaimed(token);
  });

  it('never comes from a callback, also if "callbackParams" name it', async () => {
    const client = plain({ callbackParams: [...Object.keys(claimed), 'realmId'] });
    const request = await client.createAuthorizationUrl(redirectUri);
    const back = await comeBack(request);
    for (const [name, value] of Object.entries({ ...asText, realmId: '1' }))
      back.searchParams.set(name, value);
    const token = await client.fetchAccessToken(back, request);
    expectUnclaimed(token);
    expect(token['realmId']).toBe('1');
  });

  it.each(['code id_token', 'id_token token', 'id_token'] as const)(
    'never comes from an authorization response of the type %s',
    async (responseType) => {
      const client = corp({ responseType, clientSecret: provider.settings.clientSecret });
      const request = await client.createAuthorizationUrl(redirectUri);
      const form = await posted(request);
      for (const [name, value] of Object.entries(asText)) form.set(name, value);
      expectUnclaimed(await client.fetchAccessToken(form, request));
    },
  );

  it('never comes from an implicit response', async () => {
    const client = plain({ allowLegacyGrants: ['implicit'] });
    const data = await client.grants.createImplicitUrl(redirectUri);
    const fragment = new URLSearchParams({ access_token: 'at', state: data.state, ...asText });
    expectUnclaimed(await client.grants.parseImplicitResponse(`${redirectUri}#${fragment}`, data));
  });

  it('never comes from token credentials of OAuth 1', async () => {
    provider.quirks.oauth1Access = (fields) => ({
      body: new URLSearchParams({ ...fields, ...asText, user_id: '7' }).toString(),
    });
    const token = await login(oauth1Client(provider));
    expectUnclaimed(token);
    expect(token['user_id']).toBe('7');
  });
});

describe('the end of a token of OAuth 1', () => {
  it.each([
    ['2100-01-01T00:00:00Z', 4_102_444_800],
    ['4102444800000', 4_102_444_800],
    ['4102444800', 4_102_444_800],
  ])('is read from an "expires_at" of %s', async (text, expected) => {
    provider.quirks.oauth1Access = (fields) => ({
      body: new URLSearchParams({ ...fields, expires_at: text }).toString(),
    });
    expect((await login(oauth1Client(provider))).expires_at).toBe(expected);
  });

  it('is marked as unreadable if it is no number, which never means for ever', async () => {
    provider.quirks.oauth1Access = (fields) => ({
      body: new URLSearchParams({ ...fields, expires_at: 'soon' }).toString(),
    });
    const token = await login(oauth1Client(provider));
    expect(token).toMatchObject({ expires_unreadable: true });
    expect(token).not.toHaveProperty('expires_at');
  });
});
