import { createPublicKey } from 'node:crypto';
import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { plainClient } from '../../../support/apps/express.js';
import { startProvider, type FakeProvider } from '../../../support/provider/index.js';
import { rejection } from '../../../support/login.js';
import { clientKey } from '../../../support/provider/keys.js';

let provider: FakeProvider;
const pem = clientKey().privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

beforeAll(async () => {
  provider = await startProvider({ openid: false });
});
afterAll(() => provider.close());
afterEach(() => provider.reset());

function client(more: RegisterOptions = {}, answer: object = {}) {
  provider.on('token', () => ({ body: { access_token: 'new', token_type: 'Bearer', ...answer } }));
  return new OAuth({ config: {} }).register('plain', plainClient(provider, more)).plain;
}

const sent = (): Record<string, string> => Object.fromEntries(provider.last('token').form);

describe('token exchange (RFC 8693)', () => {
  const grant_type = 'urn:ietf:params:oauth:grant-type:token-exchange';
  const access = 'urn:ietf:params:oauth:token-type:access_token';

  it('[X12] trades the access token of a token response (§2.1)', async () => {
    const issued = client({}, { issued_token_type: access });
    const token = await issued.grants.exchangeToken(
      { access_token: 'old', token_type: 'Bearer' },
      { audience: 'https://b.example', scope: 'less' },
    );
    expect(token).toMatchObject({ access_token: 'new', issued_token_type: access });
    expect(sent()).toEqual({
      grant_type,
      subject_token: 'old',
      subject_token_type: access,
      audience: 'https://b.example',
      scope: 'less',
    });
  });

  it('[X12] trades any token that is named by its type, with an actor (§1.1)', async () => {
    const params = {
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      actor_token: 'actor',
      actor_token_type: access,
      resource: ['https://b.example', 'https://c.example'],
    };
    await client().grants.exchangeToken('an id_token', params);
    expect(sent()).toMatchObject({
      subject_token: 'an id_token',
      ...params,
      resource: 'https://c.example',
    });
    expect(provider.last('token').form.getAll('resource')).toHaveLength(2);
  });

  it('[X12] takes what is no access token, and sends it nowhere (§2.2.1)', async () => {
    const saml = client({}, { token_type: 'N_A', issued_token_type: 'urn:x:saml2' });
    const token = await saml.grants.exchangeToken('t');
    expect(token.token_type).toBe('N_A');
    expect(await rejection(saml.get('me', { token }))).toMatchObject({
      code: 'unsupported_token_type',
    });
  });

  it('[X12] tells of a wrong audience with its own code (§2.2.2)', async () => {
    const plain = client();
    provider.on('token', () => ({ status: 400, body: { error: 'invalid_target' } }));
    expect(await rejection(plain.grants.exchangeToken('t'))).toMatchObject({
      code: 'invalid_target',
      phase: 'exchange',
    });
  });
});

describe('the JWT bearer grant (RFC 7523)', () => {
  const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

  it('[A25] hands in an assertion made elsewhere (§2.1)', async () => {
    expect(await client().grants.jwtBearerToken('a.b.c', { scope: 'more' })).toMatchObject({
      access_token: 'new',
    });
    expect(sent()).toEqual({ grant_type, assertion: 'a.b.c', scope: 'more' });
  });

  it.each([
    ['given', {}, { key: { key: pem, kid: 'k' } }],
    ["the client's", { privateKey: { key: pem, kid: 'k' } }, {}],
  ])('[A25] signs one with a key %s (§3)', async (_, options, key) => {
    const plain = client({ tokenEndpointAuthMethod: 'none', ...options });
    await plain.grants.jwtBearerToken({ ...key, subject: 'ada', claims: { scope: 'x' } });
    await plain.grants.jwtBearerToken({
      ...key,
      issuer: 'robot@example',
      audience: 'https://aud.example',
    });
    const assertions = provider.requests.map(({ form }) => form.get('assertion') ?? '');
    expect(decodeProtectedHeader(assertions[0] ?? '')).toMatchObject({ alg: 'RS256', kid: 'k' });
    const verified = await Promise.all(
      assertions.map((assertion) => jwtVerify(assertion, createPublicKey(pem))),
    );
    const [first, second] = verified.map(({ payload }) => payload);
    expect(first).toMatchObject({
      iss: provider.settings.clientId,
      sub: 'ada',
      aud: `${provider.base}/token`,
      scope: 'x',
    });
    expect(Number(first?.exp) - Number(first?.iat)).toBe(300);
    expect(second).toMatchObject({
      iss: 'robot@example',
      sub: 'robot@example',
      aud: 'https://aud.example',
    });
    expect(first?.jti).not.toBe(second?.jti);
  });

  it('[A25] explains a missing or broken key without a word of it', async () => {
    expect(await rejection(client().grants.jwtBearerToken(undefined as never))).toMatchObject({
      code: 'invalid_options',
    });
    expect(await rejection(client().grants.jwtBearerToken({}))).toMatchObject({
      code: 'invalid_options',
    });
    const broken = await rejection(client().grants.jwtBearerToken({ key: 'SECRET KEY' }));
    expect(broken).toMatchObject({ code: 'invalid_options' });
    expect(broken.message).not.toContain('SECRET');
  });
});

describe('the password grant (RFC 6749 §4.3)', () => {
  const credentials = { username: 'ada', password: 'pä55 wörd' };

  it('[R3] trades a password for a token if it is allowed', async () => {
    const plain = client({ allowLegacyGrants: ['password'] });
    expect(await plain.grants.passwordToken(credentials)).toMatchObject({ access_token: 'new' });
    expect(sent()).toEqual({ grant_type: 'password', scope: 'read', ...credentials });
  });

  it.each<RegisterOptions>([{}, { allowLegacyGrants: [] }, { allowLegacyGrants: ['implicit'] }])(
    '[R3] is off with %j (RFC 9700 §2.4)',
    async (options) => {
      const error = await rejection(client(options).grants.passwordToken(credentials));
      expect(error).toMatchObject({ code: 'invalid_options' });
      expect(error.message).toContain('allowLegacyGrants');
      expect(provider.count('token')).toBe(0);
    },
  );

  it('[R3] sends nothing without a name and a password', async () => {
    const plain = client({ allowLegacyGrants: ['password'] });
    for (const half of [undefined, {}, { username: 'ada' }, { username: 'ada', password: 5 }]) {
      expect(await rejection(plain.grants.passwordToken(half as never))).toMatchObject({
        code: 'invalid_options',
      });
    }
    expect(provider.count('token')).toBe(0);
  });
});

describe('the implicit grant (RFC 6749 §4.2)', () => {
  const redirectUri = 'https://app.example/page?x=1';
  const legacy = (): ReturnType<typeof client> => client({ allowLegacyGrants: ['implicit'] });

  it('[R3] sends the user off and reads the token from the fragment', async () => {
    const plain = legacy();
    const request = await plain.grants.createImplicitUrl(redirectUri, { prompt: 'consent' });
    const { searchParams } = new URL(request.url);
    expect(Object.fromEntries(searchParams)).toEqual({
      client_id: provider.settings.clientId,
      response_type: 'token',
      redirect_uri: redirectUri,
      scope: 'read',
      state: request.state,
      prompt: 'consent',
    });
    const fragment = `access_token=at&token_type=bearer&expires_in=60&state=${request.state}`;
    const token = await plain.grants.parseImplicitResponse(`${redirectUri}#${fragment}`, request);
    expect(token).toMatchObject({ access_token: 'at', expires_in: 60 });
    expect(token.expires_at).toBeGreaterThan(Date.now() / 1000);
    expect(token).not.toHaveProperty('state');
  });

  it.each([
    ['of another state', 'access_token=at&token_type=bearer&state=other', 'mismatching_state'],
    ['without a state', 'access_token=at&token_type=bearer', 'mismatching_state'],
    ['with an error response', 'error=access_denied&state=STATE', 'access_denied'],
    ['with two tokens', 'access_token=a&access_token=b&state=STATE', 'invalid_callback'],
    ['without a token', 'token_type=bearer&state=STATE', 'invalid_response'],
    ['of another type', 'access_token=a&token_type=mac&state=STATE', 'unsupported_token_type'],
  ])('[R3] refuses a fragment %s', async (_, fragment, code) => {
    const plain = legacy();
    const request = await plain.grants.createImplicitUrl(redirectUri);
    const cameBackTo = `${redirectUri}#${fragment.replace('STATE', request.state)}`;
    expect(await rejection(plain.grants.parseImplicitResponse(cameBackTo, request))).toMatchObject({
      code,
    });
    const query = cameBackTo.replace('#', '&');
    expect(await rejection(plain.grants.parseImplicitResponse(query, request))).toMatchObject({
      code: 'mismatching_state',
    });
  });

  it('[R3] needs a valid redirect URI, and reads a URL as it reads text', async () => {
    const plain = client({ allowLegacyGrants: ['implicit'] });
    for (const nowhere of [undefined, 'callback', '']) {
      expect(await rejection(plain.grants.createImplicitUrl(nowhere as never))).toMatchObject({
        code: 'invalid_options',
      });
    }
    const request = await plain.grants.createImplicitUrl('https://app.example/');
    const fragment = `access_token=a&token_type=bearer&state=${request.state}`;
    const back = new URL(`https://app.example/#${fragment}`);
    expect(await plain.grants.parseImplicitResponse(back as never, request)).toMatchObject({
      access_token: 'a',
    });
    expect(
      await rejection(plain.grants.parseImplicitResponse(undefined as never, request)),
    ).toMatchObject({ code: 'mismatching_state' });
  });

  it('[R3] is off by default (RFC 9700 §2.1.2)', async () => {
    const plain = client();
    expect(await rejection(plain.grants.createImplicitUrl(redirectUri))).toMatchObject({
      code: 'invalid_options',
    });
  });
});
