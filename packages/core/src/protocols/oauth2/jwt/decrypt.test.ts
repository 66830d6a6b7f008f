import { CompactEncrypt, exportJWK, exportPKCS8, generateKeyPair, type JWK } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PrivateKeyOption, RegisterOptions } from '../../../options/register-options.js';
import { toBase64Url, toBytes } from '../../../platform/encoding.js';
import { decryptJwt, type EncryptedKind } from './decrypt.js';

const kind: EncryptedKind = {
  what: 'test token',
  code: 'invalid_token',
  encrypted: 'userinfoEncryptedResponse',
};
const alg = 'ECDH-ES';

interface Keys {
  publicKey: CryptoKey;
  privateKey: CryptoKey;
  jwk: JWK & { kty: string };
}

let right: Keys;
let wrong: Keys;

beforeAll(async () => {
  const create = async (): Promise<Keys> => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    return { publicKey, privateKey, jwk: (await exportJWK(privateKey)) as Keys['jwk'] };
  };
  [right, wrong] = await Promise.all([create(), create()]);
});

async function encrypt(more: object = {}, plaintext = toBytes('a.b.c')): Promise<string> {
  return await new CompactEncrypt(plaintext)
    .setProtectedHeader({ alg, enc: 'A128CBC-HS256', ...more })
    .encrypt(right.publicKey);
}

const decrypt = async (
  jwt: string,
  decryptionKeys: PrivateKeyOption[],
  options: RegisterOptions = {},
): Promise<string> =>
  await decryptJwt(jwt, kind, {
    options: { userinfoEncryptedResponseAlg: alg, decryptionKeys, ...options },
    maxBytes: 500,
  });

const refused = (reason: string, message = '') =>
  expect.objectContaining({
    code: 'invalid_token',
    reason,
    message: expect.stringContaining(message) as string,
  });

describe('a key to decrypt with', () => {
  it('may be a CryptoKey', async () => {
    expect(await decrypt(await encrypt(), [right.privateKey])).toBe('a.b.c');
  });

  it('may be a PEM text', async () => {
    const pem = await exportPKCS8(right.privateKey);
    expect(await decrypt(await encrypt(), [pem])).toBe('a.b.c');
  });

  it('may be a JWK, whose members other than the key are ignored', async () => {
    const jwk = { ...right.jwk, use: 'sig', key_ops: [], alg: 'ES256' };
    expect(await decrypt(await encrypt(), [jwk])).toBe('a.b.c');
  });

  it('is each in turn, if the token has no "kid"', async () => {
    const keys = [{ key: wrong.jwk, kid: 'a' }, wrong.jwk, { key: right.jwk, kid: 'b' }];
    expect(await decrypt(await encrypt(), keys)).toBe('a.b.c');
  });

  it.each<[string, () => PrivateKeyOption[], boolean]>([
    ['one with its "kid"', () => [wrong.jwk, { key: right.jwk, kid: 'a' }], true],
    ['a JWK with its "kid"', () => [wrong.jwk, { ...right.jwk, kid: 'a' }], true],
    ['one without a "kid"', () => [{ key: wrong.jwk, kid: 'b' }, right.jwk], true],
    ['none with another "kid"', () => [{ key: right.jwk, kid: 'b' }], false],
    ['none that is a JWK with another "kid"', () => [{ ...right.jwk, kid: 'b' }], false],
    ['the "kid" of the option first', () => [{ key: { ...right.jwk, kid: 'a' }, kid: 'b' }], false],
    ['none without, beside one with it', () => [{ key: wrong.jwk, kid: 'a' }, right.jwk], false],
  ])('is selected by the "kid" of the token: %s (RFC 7516 §4.1.6)', async (_, keys, succeeds) => {
    const decrypted = decrypt(await encrypt({ kid: 'a' }), keys());
    if (succeeds) await expect(decrypted).resolves.toBe('a.b.c');
    else await expect(decrypted).rejects.toEqual(refused('key', 'by any of the "decryptionKeys"'));
  });
});

describe('an encrypted JWT is rejected', () => {
  it('if it is compressed, before it is decrypted (RFC 8725 §3.6)', async () => {
    const [header = '', ...parts] = (await encrypt()).split('.');
    const given = JSON.parse(Buffer.from(header, 'base64url').toString()) as object;
    const changed = toBase64Url(toBytes(JSON.stringify({ ...given, zip: 'DEF' })));
    await expect(decrypt([changed, ...parts].join('.'), [right.jwk])).rejects.toEqual(
      refused('header', 'compression'),
    );
  });

  it('with another "alg" or "enc" than the client is registered for', async () => {
    const given = await encrypt();
    const changed = { userinfoEncryptedResponseAlg: 'ECDH-ES+A128KW' };
    await expect(decrypt(given, [right.jwk], changed)).rejects.toEqual(
      refused('algorithm', '"alg" is "ECDH-ES", but'),
    );
    await expect(decrypt(given, [right.jwk], changed)).rejects.toThrow(
      'Set "userinfoEncryptedResponseAlg"',
    );
    await expect(
      decrypt(given, [right.jwk], { userinfoEncryptedResponseEnc: 'A256GCM' }),
    ).rejects.toEqual(refused('algorithm', '"enc" is "A128CBC-HS256", but'));
    await expect(
      decrypt(given, [right.jwk], { userinfoEncryptedResponseEnc: 'A256GCM' }),
    ).rejects.toThrow('Set "userinfoEncryptedResponseEnc"');
  });

  it('without its "alg" in the message, if that is an unknown text', async () => {
    const header = toBase64Url(toBytes(JSON.stringify({ alg: 'canary', enc: 'A128GCM' })));
    const refusal = decrypt(`${header}.a.b.c.d`, [right.jwk]);
    await expect(refusal).rejects.toThrow('"alg" is an unsupported algorithm');
    await expect(refusal).rejects.not.toThrow('canary');
  });

  it('if it is not encrypted, or twice as long as a signed one may be', async () => {
    await expect(decrypt('a.b.c', [right.jwk])).rejects.toEqual(refused('form', 'not encrypted'));
    const long = await encrypt({}, new Uint8Array(500));
    expect(long.length).toBeLessThanOrEqual(1000);
    await expect(decrypt(long, [right.jwk])).resolves.toHaveLength(500);
    await expect(decrypt(`${long}${'a'.repeat(1001)}`, [right.jwk])).rejects.toEqual(
      refused('form', '1000 bytes'),
    );
  });

  it('if its content is not UTF-8', async () => {
    const given = await encrypt({}, new Uint8Array([0xff]));
    await expect(decrypt(given, [right.jwk])).rejects.toEqual(refused('key'));
  });
});

it('returns a JWT unchanged if no encryption is configured', async () => {
  expect(await decrypt('a.b.c', [], { userinfoEncryptedResponseAlg: undefined })).toBe('a.b.c');
});
