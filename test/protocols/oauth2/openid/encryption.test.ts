import { generateKeyPairSync } from 'node:crypto';
import { CompactEncrypt, importJWK, type JWK } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import {
  attackerKey,
  rsaKey,
  signJws,
  startProvider,
  type FakeProvider,
} from '../../../support/provider/index.js';
import { login, posted, redirectUri, rejection } from '../../../support/login.js';
import { clientKey } from '../../../support/provider/keys.js';

let p: FakeProvider;
beforeAll(async () => {
  p = await startProvider();
});
beforeEach(() => p.reset());
afterAll(() => p.close());

const rsa = clientKey();
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsaJwk = { ...rsa.privateKey.export({ format: 'jwk' }), kty: 'RSA', kid: 'dec-1' };
const pem = String(ec.privateKey.export({ format: 'pem', type: 'pkcs8' }));

function clientOf(more: RegisterOptions) {
  const { clientId, clientSecret } = p.settings;
  const options = { clientId, clientSecret, issuer: p.issuer, scope: 'openid email' };
  return new OAuth({ config: {} }).register('corp', { ...options, ...more }).corp;
}

async function encrypt(text: string, alg = 'RSA-OAEP-256', enc = 'A128CBC-HS256', more = {}) {
  const { publicKey } = alg.startsWith('RSA') ? rsa : ec;
  const key = await importJWK(publicKey.export({ format: 'jwk' }) as JWK, alg);
  return await new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg, enc, cty: 'JWT', ...more })
    .encrypt(key);
}

const encrypted = { idTokenEncryptedResponseAlg: 'RSA-OAEP-256', decryptionKeys: [rsaJwk] };

describe('[A20] encrypted id_tokens (OpenID Connect Core §10.2)', () => {
  it.each([
    ['RSA-OAEP-256', undefined, [rsaJwk]],
    ['RSA-OAEP', 'A256GCM', [rsaJwk]],
    ['ECDH-ES', 'A128GCM', [rsaJwk, pem]],
    ['ECDH-ES+A256KW', 'A256CBC-HS512', [{ key: pem, kid: 'dec-2' }]],
  ] as const)(
    'are decrypted with %s and %s, and stored as the JWT inside',
    async (alg, enc, decryptionKeys) => {
      p.idToken = async ({ sign }) => await encrypt(sign(), alg, enc);
      const client = clientOf({
        idTokenEncryptedResponseAlg: alg,
        idTokenEncryptedResponseEnc: enc,
        decryptionKeys,
      });
      const token = await login(client);
      expect(token.userinfo?.sub).toBe('user-1');
      expect(token.id_token?.split('.')).toHaveLength(3);
      expect((await client.userinfo({ token })).sub).toBe('user-1');
      expect((await client.refreshToken(token)).userinfo?.sub).toBe('user-1');
    },
  );

  it.each([
    ['with its line breaks written as \\n', pem.replaceAll('\n', '\\n')],
    ['with blanks around it', `\n  ${pem}\n\n`],
  ])('reads a PEM text %s', async (_, text) => {
    p.idToken = async ({ sign }) => await encrypt(sign(), 'ECDH-ES');
    const client = clientOf({ idTokenEncryptedResponseAlg: 'ECDH-ES', decryptionKeys: [text] });
    expect((await login(client)).userinfo?.sub).toBe('user-1');
  });

  it('reads the PEM text of an X25519 key (RFC 8037 §3.2)', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('x25519');
    const key = await importJWK(publicKey.export({ format: 'jwk' }) as JWK, 'ECDH-ES');
    p.idToken = async ({ sign }) =>
      await new CompactEncrypt(new TextEncoder().encode(sign()))
        .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A128CBC-HS256', cty: 'JWT' })
        .encrypt(key);
    const text = String(privateKey.export({ format: 'pem', type: 'pkcs8' }));
    const client = clientOf({ idTokenEncryptedResponseAlg: 'ECDH-ES', decryptionKeys: [text] });
    expect((await login(client)).userinfo?.sub).toBe('user-1');
  });

  it('picks the key that the token names', async () => {
    p.idToken = async ({ sign }) =>
      await encrypt(sign(), 'RSA-OAEP-256', undefined, { kid: 'dec-1' });
    const other = attackerKey().privateKey;
    const decoy = { ...other.export({ format: 'jwk' }), kty: 'RSA', kid: 'dec-0' };
    const client = clientOf({ ...encrypted, decryptionKeys: [decoy, rsaJwk] });
    expect((await login(client)).userinfo?.sub).toBe('user-1');
  });

  it.each([
    ['another alg', 'RSA-OAEP', 'A128CBC-HS256'],
    ['another enc', 'RSA-OAEP-256', 'A128GCM'],
    ['another key', 'ECDH-ES', 'A128CBC-HS256'],
  ])('refuses %s than the configured one', async (_, alg, enc) => {
    p.idToken = async ({ sign }) => await encrypt(sign(), alg, enc);
    expect((await rejection(login(clientOf(encrypted)))).code).toBe('invalid_id_token');
  });

  it('refuses another way to manage the same key than the configured one', async () => {
    p.idToken = async ({ sign }) => await encrypt(sign(), 'ECDH-ES+A256KW');
    const client = clientOf({ idTokenEncryptedResponseAlg: 'ECDH-ES', decryptionKeys: [pem] });
    expect((await rejection(login(client))).code).toBe('invalid_id_token');
  });

  it('verifies what was in it: encryption proves nothing', async () => {
    for (const spoil of [
      (right: object) => signJws(right, { alg: 'RS256', kid: rsaKey().kid }, attackerKey()),
      (right: object) => signJws(right, { alg: 'none' }, attackerKey()),
      (right: object) => JSON.stringify(right),
    ]) {
      p.idToken = async ({ claims }) => await encrypt(spoil(claims));
      expect((await rejection(login(clientOf(encrypted)))).code).toBe('invalid_id_token');
    }
  });

  it('refuses one that is not encrypted, and an encrypted one without keys', async () => {
    expect((await rejection(login(clientOf(encrypted)))).message).toContain('not encrypted');
    p.idToken = async ({ sign }) => await encrypt(sign());
    expect((await rejection(login(clientOf({})))).message).toContain('decryption key');
  });

  it('refuses one that no option asks for, and names its algorithms and the options', async () => {
    p.idToken = async ({ sign }) => await encrypt(sign(), 'RSA-OAEP', 'A256GCM');
    const { message } = await rejection(login(clientOf({ decryptionKeys: [rsaJwk] })));
    expect(message).toContain('alg "RSA-OAEP" and enc "A256GCM"');
    expect(message).toContain('Set "idTokenEncryptedResponseAlg"');
  });

  it.each([
    ['RSA-OAEP', 'A128CBC-HS256', /header "alg" is "RSA-OAEP", .* "idTokenEncryptedResponseAlg"/],
    ['RSA-OAEP-256', 'A256GCM', /header "enc" is "A256GCM", .* "idTokenEncryptedResponseEnc"/],
  ])('names what %s with %s has and the option that accepts it', async (alg, enc, says) => {
    p.idToken = async ({ sign }) => await encrypt(sign(), alg, enc);
    const error = await rejection(login(clientOf(encrypted)));
    expect(error).toMatchObject({ reason: 'algorithm' });
    expect(error.message).toMatch(says);
  });

  it('shows no algorithm that does not exist', async () => {
    const header = Buffer.from('{"alg":"canary","enc":"canary"}').toString('base64url');
    p.idToken = () => `${header}.a.a.a.a`;
    for (const options of [encrypted, { decryptionKeys: [rsaJwk] }]) {
      const { message } = await rejection(login(clientOf(options)));
      expect(message).toContain('an unsupported algorithm');
      expect(message).not.toContain('canary');
    }
  });

  it('may have twice as many bytes as a signed one', async () => {
    const long = 'x'.repeat(9000);
    p.idToken = async ({ claims, sign }) => await encrypt(sign({ ...claims, long }));
    expect((await login(clientOf(encrypted))).userinfo?.['long']).toBe(long);
    const huge = { ...encrypted };
    p.idToken = async ({ claims, sign }) =>
      await encrypt(sign({ ...claims, long: 'x'.repeat(20_000) }));
    expect((await rejection(login(clientOf(huge)))).message).toContain('32768 bytes');
  });

  it('opens those of the authorization endpoint', async () => {
    p.idToken = async ({ sign }) => await encrypt(sign());
    const client = clientOf({ ...encrypted, responseType: 'code id_token' });
    const request = await client.createAuthorizationUrl(redirectUri);
    const token = await client.fetchAccessToken(await posted(request), request);
    expect(token.userinfo?.sub).toBe('user-1');
  });

  it('offers neither RSA1_5 nor encryption without a key', () => {
    const alg = { ...encrypted, idTokenEncryptedResponseAlg: 'RSA1_5' };
    expect(() => clientOf(alg)).toThrow(/"idTokenEncryptedResponseAlg" must be one of/);
    expect(() => clientOf({ idTokenEncryptedResponseAlg: 'ECDH-ES' })).toThrow(/decryptionKeys/);
    expect(() => clientOf({ ...encrypted, decryptionKeys: ['no key'] })).toThrow(/private keys/);
  });
});

describe('[A19] userinfo that is a JWT (OpenID Connect Core §5.3.2)', () => {
  const answer = (body: string) => ({ headers: { 'content-type': 'application/jwt' }, body });
  const claims = () => ({
    ...p.settings.user,
    iss: p.issuer as unknown,
    aud: p.settings.clientId as unknown,
  });
  const signed = (payload: object) =>
    signJws(payload, { alg: 'RS256', kid: rsaKey().kid }, rsaKey());

  it('is verified', async () => {
    const client = clientOf({ userinfoSignedResponseAlg: 'RS256' });
    const token = await login(client);
    p.on('userinfo', () => answer(signed(claims())));
    expect((await client.userinfo({ token })).email).toBe('ada@example.com');
    expect(p.last('userinfo').headers['accept']).toBe('application/jwt');
  });

  it.each([
    ['another iss', () => signed({ ...claims(), iss: 'https://evil.example' })],
    ['another aud', () => signed({ ...claims(), aud: 'another' })],
    ['another sub', () => signed({ ...claims(), sub: 'user-2' })],
    ['an end in the past', () => signed({ ...claims(), exp: 1 })],
    ['another key', () => signJws(claims(), { alg: 'RS256', kid: rsaKey().kid }, attackerKey())],
    ['no signature', () => signJws(claims(), { alg: 'none' }, attackerKey())],
    [
      'the type of another token',
      () => signJws(claims(), { alg: 'RS256', kid: rsaKey().kid, typ: 'at+jwt' }, rsaKey()),
    ],
  ])('is refused with %s', async (_, make) => {
    const client = clientOf({});
    const token = await login(client);
    p.on('userinfo', () => answer(make()));
    expect((await rejection(client.userinfo({ token }))).code).toBe('invalid_userinfo');
  });

  it('must be one if the client is registered for it', async () => {
    const client = clientOf({ userinfoSignedResponseAlg: 'RS256' });
    const token = await login(client);
    expect((await rejection(client.userinfo({ token }))).message).toContain('not a JWT');
  });

  it('is opened when encrypted, signed or not', async () => {
    const options = { userinfoEncryptedResponseAlg: 'RSA-OAEP-256', decryptionKeys: [rsaJwk] };
    const client = clientOf(options);
    const token = await login(client);
    for (const content of [signed(claims()), JSON.stringify(claims())]) {
      p.once('userinfo', async () => answer(await encrypt(content)));
      expect((await client.userinfo({ token })).sub).toBe('user-1');
    }
    p.once('userinfo', () => answer(signed(claims())));
    expect((await rejection(client.userinfo({ token }))).code).toBe('invalid_userinfo');
    const both = clientOf({ ...options, userinfoSignedResponseAlg: 'RS256' });
    p.once('userinfo', async () => answer(await encrypt(JSON.stringify(claims()))));
    expect((await rejection(both.userinfo({ token }))).code).toBe('invalid_userinfo');
  });
});

describe('[X4] keys that change', () => {
  it('are asked for again once when a signature is wrong under a known kid', async () => {
    const client = clientOf({});
    await login(client);
    const renewed = rsaKey(7);
    p.quirks.jwks = (keys: object[]) => ({
      keys: [{ ...renewed.jwk, kid: rsaKey().kid }, ...keys.slice(1)],
    });
    p.idToken = ({ claims, header, sign }) => sign(claims, header, renewed);
    expect((await login(client)).userinfo?.sub).toBe('user-1');
    expect(p.count('jwks')).toBe(2);
    p.idToken = ({ claims, header, sign }) => sign(claims, header, attackerKey());
    for (let i = 0; i < 5; i++) await rejection(login(client));
    expect(p.count('jwks')).toBe(2);
  });
});

describe('[X4] a refreshed id_token (OpenID Connect Core §12.2)', () => {
  it('must be about the user of the login', async () => {
    const client = clientOf({ authorizeParams: { max_age: 3600 } });
    const token = await login(client);
    p.idToken = ({ claims, sign }) => sign({ ...claims, sub: 'user-2' });
    expect((await rejection(client.refreshToken(token))).code).toBe('invalid_id_token');
  });

  it.each([
    ['aud', ['test-client.1', 'another']],
    ['auth_time', 1],
    ['nonce', 'another'],
  ])('is left out if it has not the %s of the login', async (claim, value) => {
    const client = clientOf({ authorizeParams: { max_age: 3600 } });
    const token = await login(client);
    p.idToken = ({ claims, sign }) => sign({ ...claims, azp: 'test-client.1', [claim]: value });
    const fresh = await client.refreshToken(token);
    expect(fresh.access_token).not.toBe(token.access_token);
    expect([fresh.id_token, fresh.userinfo]).toEqual([token.id_token, token.userinfo]);
  });

  it('is left out if it is not for every audience of the login', async () => {
    const client = clientOf({});
    p.idToken = ({ claims, sign }) =>
      sign({ ...claims, aud: ['test-client.1', 'other'], azp: 'test-client.1' });
    const token = await login(client);
    p.idToken = undefined;
    const fresh = await client.refreshToken(token);
    expect([fresh.id_token, fresh.userinfo]).toEqual([token.id_token, token.userinfo]);
  });
});
