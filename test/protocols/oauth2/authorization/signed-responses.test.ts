import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { CompactEncrypt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openidClient } from '../../../support/apps/express.js';
import {
  attackerKey,
  signJws,
  startProvider,
  type FakeProvider,
} from '../../../support/provider/index.js';
import { comeBack, login, redirectUri, rejection } from '../../../support/login.js';
import { clientKey } from '../../../support/provider/keys.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(() => provider.reset());

const register = (more: RegisterOptions = {}) =>
  new OAuth({ config: {} }).register(
    'corp',
    openidClient(provider, { responseMode: 'jwt', ...more }),
  ).corp;

type Claims = Record<string, unknown>;
type Sign = (claims: Claims) => string | Promise<string>;

const right: Sign = (claims) =>
  signJws(claims, { alg: 'RS256', kid: provider.keys.rsa.kid }, provider.keys.rsa);

/** The provider signs its answers from now on. */
function answerSigned(sign: Sign = right): void {
  provider.on('authorize', async (request, respond) => {
    request.params.delete('response_mode');
    const answer = await respond();
    const location = new URL(String(answer.headers?.['location']));
    const response = await sign({
      ...Object.fromEntries(location.searchParams),
      iss: provider.issuer,
      aud: provider.settings.clientId,
      exp: Math.floor(Date.now() / 1000) + 60,
    });
    location.search = new URLSearchParams({ response }).toString();
    return { ...answer, headers: { ...answer.headers, location: location.href } };
  });
}

const signed = (claims: Claims | string, header: Claims = {}): string =>
  signJws(claims, { alg: 'RS256', kid: provider.keys.rsa.kid, ...header }, provider.keys.rsa);

function twoKids(claims: Claims): string {
  const [, payload = '', signature = ''] = signed(claims).split('.');
  const header = Buffer.from('{"alg":"RS256","kid":"a","kid":"b"}').toString('base64url');
  return [header, payload, signature].join('.');
}

describe('encrypted authorization responses (JARM §2.2)', () => {
  const keys = clientKey();
  const encrypt =
    (alg = 'RSA-OAEP-256', enc = 'A128CBC-HS256'): Sign =>
    async (claims) =>
      await new CompactEncrypt(new TextEncoder().encode(await right(claims)))
        .setProtectedHeader({ alg, enc, cty: 'JWT' })
        .encrypt(keys.publicKey);
  const registerEncrypted = () =>
    register({
      authorizationEncryptedResponseAlg: 'RSA-OAEP-256',
      decryptionKeys: [String(keys.privateKey.export({ format: 'pem', type: 'pkcs8' }))],
    });

  it('[X12] are decrypted, then verified', async () => {
    answerSigned(encrypt());
    const client = registerEncrypted();
    expect((await login(client)).userinfo?.sub).toBe('user-1');
    answerSigned(async (claims) => await encrypt()({ ...claims, aud: 'another' }));
    await expect(login(client)).rejects.toMatchObject({ code: 'invalid_callback' });
    expect(provider.count('token')).toBe(1);
  });

  it.each([
    ['no encryption', right, 'invalid_callback'],
    ['another alg', encrypt('RSA-OAEP'), 'mismatching_state'],
    ['another enc', encrypt('RSA-OAEP-256', 'A128GCM'), 'mismatching_state'],
  ])('[X12] are refused with %s than the one asked for', async (_, answer, code) => {
    answerSigned(answer);
    const error = await rejection(login(registerEncrypted()));
    expect(error).toMatchObject({ code });
    expect(error.message).toMatch(/authorizationEncryptedResponse(Alg|Enc)"/);
    expect(provider.count('token')).toBe(0);
  });

  it('[X12] need a key to decrypt with', () => {
    expect(() => register({ authorizationEncryptedResponseAlg: 'RSA-OAEP' })).toThrow(
      /"decryptionKeys"/,
    );
    expect(() => register({ authorizationEncryptedResponseAlg: 'RSA1_5' })).toThrow(
      /"authorizationEncryptedResponseAlg" must be one of/,
    );
  });
});

describe('signed authorization responses (JARM §2.4)', () => {
  it('[X12] are opened, and what stands beside the JWT does not count', async () => {
    answerSigned();
    const client = register();
    const request = await client.createAuthorizationUrl(redirectUri);
    const callback = await comeBack(request);
    callback.searchParams.set('code', 'of-someone-else');
    const token = await client.fetchAccessToken(callback.searchParams, request);
    expect(token.userinfo?.sub).toBe('user-1');
    expect(provider.last('token').form.get('code')).not.toBe('of-someone-else');
  });

  const without = (claims: Claims, name: string): Claims =>
    Object.fromEntries(Object.entries(claims).filter(([claim]) => claim !== name));
  const refused: [string, Sign][] = [
    [
      'signature-is-not-none',
      (claims) =>
        `${btoa('{"alg":"none"}').replaceAll('=', '')}.${btoa(JSON.stringify(claims)).replaceAll('=', '')}.`,
    ],
    ['with-invalid-sig', (claims) => signJws(claims, { alg: 'RS256' }, attackerKey())],
    ['with-invalid-iss', (claims) => right({ ...claims, iss: `${provider.issuer}1` })],
    ['with-invalid-aud', (claims) => right({ ...claims, aud: 'someone-else' })],
    ['with-expired-exp', (claims) => right({ ...claims, exp: 1 })],
    ['without-iss', (claims) => right(without(claims, 'iss'))],
    ['without-aud', (claims) => right(without(claims, 'aud'))],
    ['without-exp', (claims) => right(without(claims, 'exp'))],
  ];
  it.each(refused)('[X12] are refused: %s (JARM §2.4)', async (_module, sign) => {
    answerSigned(sign);
    const error = await rejection(login(register()));
    expect(error).toMatchObject({ code: 'invalid_callback', client: 'corp' });
    expect(provider.count('token')).toBe(0);
  });

  it.each([
    [
      'iss',
      (claims: Claims) =>
        JSON.stringify(claims).replace('{', `{"iss":${JSON.stringify(claims['iss'])},`),
    ],
    [
      'aud',
      (claims: Claims) =>
        JSON.stringify(claims).replace('{', `{"\\u0061ud" : ${JSON.stringify(claims['aud'])},`),
    ],
  ])('[X12] may have %s twice with one value (RFC 7519 §4)', async (_, text) => {
    answerSigned((claims) =>
      signJws(text(claims), { alg: 'RS256', kid: provider.keys.rsa.kid }, provider.keys.rsa),
    );
    expect((await login(register())).userinfo?.sub).toBe('user-1');
  });

  it.each([
    [
      'claim',
      /different values: "iss"/,
      (claims: Claims) =>
        signed(JSON.stringify(claims).replace('{', '{"iss":"https://a.example",')),
    ],
    ['claim', /'s "aud"/, (claims: Claims) => signed({ ...claims, aud: 'another-client' })],
    ['claim', /'s "exp"/, (claims: Claims) => signed({ ...claims, exp: 1 })],
    [
      'signature',
      /signature is invalid/,
      (claims: Claims) =>
        signJws(claims, { alg: 'RS256', kid: provider.keys.rsa.kid }, attackerKey()),
    ],
    ['key', /no matching key/, (claims: Claims) => signed(claims, { kid: 'nosuch' })],
    ['algorithm', /header "alg"/, (claims: Claims) => signJws(claims, { alg: 'HS256' }, 'x')],
    ['header', /header "typ"/, (claims: Claims) => signed(claims, { typ: 'at+jwt' })],
    ['header', /header has a duplicate member/, twoKids],
  ] as const)('[X12] say that it is the %s that is refused: %s', async (reason, says, sign) => {
    answerSigned(sign);
    const error = await rejection(login(register()));
    expect(error).toMatchObject({ code: 'invalid_callback', reason });
    expect(error.message).toMatch(says);
    expect(error.message).not.toContain('a.example');
  });

  it('[X12] with the algorithm of a shared secret are refused unless configured', async () => {
    answerSigned((claims) => signJws(claims, { alg: 'HS256' }, provider.settings.clientSecret));
    expect(await rejection(login(register()))).toMatchObject({ code: 'invalid_callback' });
    const token = await login(register({ authorizationSignedResponseAlg: 'HS256' }));
    expect(token.userinfo?.sub).toBe('user-1');
  });

  it('[X12] are not replaced by plain ones', async () => {
    provider.on('authorize', (request, respond) => {
      request.params.delete('response_mode');
      return respond() as never;
    });
    expect(await rejection(login(register()))).toMatchObject({ code: 'invalid_callback' });
    expect(provider.count('token')).toBe(0);
  });

  it('[X12] are refused when there are two of them', async () => {
    answerSigned();
    const client = register();
    const request = await client.createAuthorizationUrl(redirectUri);
    const { searchParams } = await comeBack(request);
    searchParams.append('response', searchParams.get('response') ?? '');
    const error = await rejection(client.fetchAccessToken(searchParams, request));
    expect(error).toMatchObject({ code: 'mismatching_state' });
    searchParams.set('response', searchParams.get('response') ?? '');
    searchParams.append('response', 'x');
    searchParams.set('state', request.state);
    const named = await rejection(client.fetchAccessToken(searchParams, request));
    expect(named).toMatchObject({ code: 'invalid_callback' });
    expect(provider.count('token')).toBe(0);
  });

  it('[X12] are refused if none was asked for', async () => {
    answerSigned();
    const error = await rejection(login(register({ responseMode: undefined })));
    expect(error).toMatchObject({ code: 'invalid_callback' });
    expect(provider.count('token')).toBe(0);
  });

  it('[X12] of another login are refused, whatever state stands beside them', async () => {
    answerSigned();
    const client = register({ pkce: 'off', scope: 'email' });
    const theirs = await comeBack(await client.createAuthorizationUrl(redirectUri));
    const mine = await client.createAuthorizationUrl(redirectUri);
    theirs.searchParams.set('state', mine.state);
    const error = await rejection(client.fetchAccessToken(theirs.searchParams, mine));
    expect(error).toMatchObject({ code: 'mismatching_state' });
    expect(provider.count('token')).toBe(0);
  });

  it('[X12] of another login are refused', async () => {
    answerSigned();
    const client = register();
    const theirs = await comeBack(await client.createAuthorizationUrl(redirectUri));
    const mine = await client.createAuthorizationUrl(redirectUri);
    const error = await rejection(client.fetchAccessToken(theirs.searchParams, mine));
    expect(error).toMatchObject({ code: 'mismatching_state' });
  });
});
