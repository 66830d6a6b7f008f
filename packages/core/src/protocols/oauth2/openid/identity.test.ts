import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CompactEncrypt, exportJWK, generateKeyPair, type JWK } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { signJws } from '../../../../../../test/support/provider/jws.js';
import { ecKey } from '../../../../../../test/support/provider/keys.js';
import { defaultLimits } from '../../../options/limits.js';
import type { PrivateJwk } from '../../../options/private-key.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { toBytes } from '../../../platform/encoding.js';
import { createHttp } from '../../../platform/http/http.js';
import type { ServerMetadata } from '../discovery/metadata.js';
import { Identity, parseIdTokenOptions } from './identity.js';

const issuer = 'https://id.example';
const key = ecKey();
const jwks = { keys: [key.jwk as JWK] };
const standard: RegisterOptions = {
  clientId: 'app',
  clientSecret: 'a secret of thirty-two characters',
  issuer,
  idTokenSignedResponseAlg: 'ES256',
  jwks,
};

/** Closed after each test. */
const opened: { close(): void }[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) server.close();
});

/** Serves the key set, and counts the requests. */
async function keyServer(): Promise<{ uri: string; count: () => number }> {
  let requests = 0;
  const server = createServer((_, response) => {
    requests++;
    response.end(JSON.stringify(jwks));
  });
  opened.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { uri: `http://127.0.0.1:${port}/jwks`, count: () => requests };
}

function identityOf(
  options: RegisterOptions,
  metadata: ServerMetadata | (() => ServerMetadata) = { issuer },
): Identity {
  return new Identity({
    options: { ...standard, ...options },
    http: createHttp(),
    loadMetadata: async () => (typeof metadata === 'function' ? metadata() : metadata),
    limits: defaultLimits,
    name: 'corp',
  });
}

function sign(more: object = {}, alg = 'ES256'): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, sub: 'u', aud: 'app', iat, exp: iat + 60, nonce: 'n', ...more };
  const header = alg === 'ES256' ? { alg, kid: key.kid } : { alg };
  return signJws(claims, header, alg === 'ES256' ? key : String(standard.clientSecret));
}

const tokenWith = (idToken: string | undefined) => ({
  access_token: 'a',
  token_type: 'Bearer',
  ...(idToken === undefined ? {} : { id_token: idToken }),
});
const asked = { openid: true, nonce: 'n' };
const refused = (message: string) =>
  expect.objectContaining({
    code: 'invalid_id_token',
    phase: 'id_token',
    message: expect.stringContaining(message) as string,
  });

describe('the id_token of a token response', () => {
  it('is verified, and its claims are the userinfo with the payload as raw', async () => {
    const { userinfo, ...token } = await identityOf({}).identify(tokenWith(sign()), asked);
    expect(userinfo).toMatchObject({ sub: 'u', raw: { sub: 'u', nonce: 'n' } });
    expect(token.id_token).toMatch(/^ey/);
  });

  it('is required with the scope "openid" (OpenID Connect Core §3.1.3.3)', async () => {
    const token = tokenWith(undefined);
    await expect(identityOf({}).identify(token, asked)).rejects.toEqual(refused('no id_token'));
    await expect(identityOf({}).identify(token, { openid: false })).resolves.toBe(token);
    await expect(identityOf({}).identify(token, {})).resolves.toBe(token);
    const optional = identityOf({ idToken: 'optional' });
    await expect(optional.identify(token, asked)).resolves.toBe(token);
  });

  it('must have what its login expects', async () => {
    const identity = identityOf({ claimsOptions: { hd: { value: 'a' } } });
    const check = async (claims: object, data: object = {}, options = {}) =>
      await identity.identify(
        tokenWith(sign({ hd: 'a', ...claims })),
        { ...asked, ...data },
        options,
      );
    await expect(check({})).resolves.toBeDefined();
    await expect(check({ nonce: 'other' })).rejects.toEqual(refused('"nonce"'));
    await expect(check({ nonce: undefined })).rejects.toEqual(refused('"nonce"'));
    await expect(check({ hd: 'b' })).rejects.toEqual(refused('"hd"'));
    await expect(check({}, { maxAge: 5 })).rejects.toEqual(refused('"auth_time"'));
    await expect(check({}, { acrValues: ['high'] })).rejects.toEqual(refused('"acr"'));
    await expect(check({}, {}, { sub: { value: 'v' } })).rejects.toEqual(refused('"sub"'));
    await expect(check({ at_hash: 'x' })).rejects.toEqual(refused('"at_hash"'));
    await expect(check({ iss: 'https://other.example' })).rejects.toEqual(refused('"iss"'));
    await expect(check({ aud: 'other' })).rejects.toEqual(refused('"aud"'));
    await expect(check({ aud: ['app', 'other'], azp: 'app' })).resolves.toBeDefined();
  });

  it('must have what the client is registered with', async () => {
    const check = async (options: RegisterOptions, claims: object) =>
      await identityOf(options).identify(tokenWith(sign(claims)), asked);
    await expect(check({ nonce: 'optional' }, { nonce: undefined })).resolves.toBeDefined();
    const audience = { aud: ['app', 'other'], azp: 'app' };
    await expect(check({ trustedAudiences: ['else'] }, audience)).rejects.toEqual(refused('"aud"'));
    await expect(check({ leeway: 0 }, { iat: Date.now() / 1000 + 20 })).rejects.toEqual(
      refused('"iat"'),
    );
    await expect(check({}, { iat: Math.floor(Date.now() / 1000) + 20 })).resolves.toBeDefined();
  });

  it('is removed unread if the client ignores it', async () => {
    const identity = identityOf({ idToken: 'ignore' });
    expect(await identity.identify(tokenWith('x'), asked)).toEqual(tokenWith(undefined));
    expect(await identity.identify(tokenWith('x'), {})).toEqual(tokenWith(undefined));
    expect(await identity.ignores(true)).toBe(true);
    expect(await identity.prepare(true)).toBe(true);
  });

  it('that was not requested is verified, or removed if that is impossible (RFC 6749 §5.1)', async () => {
    const data = { openid: false };
    const verified = await identityOf({}).identify(tokenWith(sign()), data);
    expect(verified.userinfo?.sub).toBe('u');
    await expect(identityOf({}).identify(tokenWith('x'), data)).rejects.toEqual(refused(''));
    const withoutIssuer = identityOf({ issuer: undefined }, {});
    expect(await withoutIssuer.identify(tokenWith('x'), data)).toEqual(tokenWith(undefined));
    const withoutKeys = identityOf({ jwks: undefined });
    expect(await withoutKeys.identify(tokenWith('x'), data)).toEqual(tokenWith(undefined));
    await expect(withoutKeys.identify(tokenWith(sign()), asked)).rejects.toEqual(refused('no key'));
    const secret = identityOf({ jwks: undefined, idTokenSignedResponseAlg: 'HS256' });
    const symmetric = await secret.identify(tokenWith(sign({}, 'HS256')), data);
    expect(symmetric.userinfo?.sub).toBe('u');
  });

  it('needs a known issuer', async () => {
    const identity = identityOf({ issuer: undefined }, {});
    await expect(identity.identify(tokenWith(sign()), asked)).rejects.toMatchObject({
      code: 'invalid_options',
    });
  });

  it('is decrypted, and stored as the JWT inside', async () => {
    const alg = 'ECDH-ES';
    const pair = await generateKeyPair(alg, { extractable: true });
    const decryptionKeys = [(await exportJWK(pair.privateKey)) as PrivateJwk];
    const signed = sign();
    const idToken = await new CompactEncrypt(toBytes(signed))
      .setProtectedHeader({ alg, enc: 'A128CBC-HS256' })
      .encrypt(pair.publicKey);
    const identity = identityOf({ decryptionKeys, idTokenEncryptedResponseAlg: alg });
    const token = await identity.identify(tokenWith(idToken), asked);
    expect(token.id_token).toBe(signed);
    expect(token.userinfo?.sub).toBe('u');
    // A stored one may still be encrypted.
    expect((await identity.parseIdToken(tokenWith(idToken))).sub).toBe('u');
    await expect(identity.identify(tokenWith(signed), asked)).rejects.toEqual(
      refused('not encrypted'),
    );
  });
});

it('returns the claims of a stored id_token without the payload', async () => {
  const identity = identityOf({});
  const claims = await identity.parseIdToken(tokenWith(sign()));
  expect(claims).toMatchObject({ sub: 'u' });
  expect(claims).not.toHaveProperty('raw');
  const wrong = identity.parseIdToken(tokenWith(sign()), { nonce: 'other' });
  await expect(wrong).rejects.toEqual(refused('"nonce"'));
});

describe('the signing keys', () => {
  it('are loaded before the code is sent, if an id_token was requested', async () => {
    const { uri, count } = await keyServer();
    const metadata = { issuer, jwks_uri: uri };
    const identity = identityOf({ jwks: undefined }, metadata);
    expect(await identity.prepare(false)).toBe(false);
    expect(count()).toBe(0);
    expect(await identity.prepare(true)).toBe(false);
    expect(count()).toBe(1);
    await identity.identify(tokenWith(sign()), asked);
    expect(count()).toBe(1);
    const secret = { jwks: undefined, idTokenSignedResponseAlg: 'HS256' };
    expect(await identityOf(secret, metadata).prepare(true)).toBe(false);
    expect(count()).toBe(1);
    const unknown = identityOf({ jwks: undefined, issuer: undefined }, { jwks_uri: uri });
    expect(await unknown.prepare(false)).toBe(true);
  });

  it('name the phase if they cannot be loaded', async () => {
    const { uri } = await keyServer();
    for (const server of opened.splice(0)) server.close();
    const identity = identityOf({ jwks: undefined }, { issuer, jwks_uri: uri });
    await expect(identity.prepare(true)).rejects.toMatchObject({
      code: 'provider_unavailable',
      phase: 'metadata',
      client: 'corp',
    });
  });

  it('stay cached while metadata is renewed, until their URL changes', async () => {
    const [one, two] = [await keyServer(), await keyServer()];
    let metadata: ServerMetadata = { issuer, jwks_uri: one.uri };
    const identity = identityOf({ jwks: undefined }, () => metadata);
    await identity.fetchJwkSet();
    metadata = { ...metadata };
    await identity.fetchJwkSet();
    expect(one.count()).toBe(1);
    metadata = { issuer, jwks_uri: two.uri };
    await identity.fetchJwkSet();
    expect([one.count(), two.count()]).toEqual([1, 1]);
    await identity.fetchJwkSet(true);
    expect(two.count()).toBe(2);
  });

  it('are those of the client alone, unless it has a URL as well', async () => {
    const { uri, count } = await keyServer();
    const configured = identityOf({}, { issuer, jwks_uri: uri });
    expect((await configured.fetchJwkSet(true)).keys).toHaveLength(1);
    expect(count()).toBe(0);
    const both = identityOf({ jwksUri: uri }, { issuer });
    expect((await both.fetchJwkSet()).keys).toHaveLength(2);
    expect(count()).toBe(1);
  });

  it('are missing without metadata and options', async () => {
    const identity = identityOf({ jwks: undefined });
    expect(await identity.signingKeys()).toBeUndefined();
    await expect(identity.fetchJwkSet()).rejects.toMatchObject({ code: 'invalid_options' });
  });
});

it('knows its issuer, and any if none is known', async () => {
  expect(await identityOf({}).isIssuer(issuer)).toBe(true);
  expect(await identityOf({}).isIssuer('https://other.example')).toBe(false);
  expect(await identityOf({ issuer: undefined }, {}).isIssuer('https://other.example')).toBe(true);
});

it('checks the expected values of parseIdToken()', () => {
  const good = {
    nonce: 'n',
    maxAge: 5,
    acrValues: ['high', ''],
    authorizationResponse: { code: 'c' },
  };
  expect(parseIdTokenOptions(good)).toBeUndefined();
  for (const bad of [{ acrValues: [7] }, { acrValues: 'high' }, { maxAge: -1 }, { nonce: 7 }])
    expect(parseIdTokenOptions(bad)).toBeTypeOf('string');
});
