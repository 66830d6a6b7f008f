import {
  constants,
  createPrivateKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
  type KeyPairKeyObjectResult,
} from 'node:crypto';
import { CompactSign, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { rsa4104 } from '../../../../../test/data/rsa-4104-bits.js';
import { toBytes } from '../encoding.js';
import { signatureAlgorithms } from './algorithms.js';
import { isVerifiedByNode } from './node-signature.js';
import { verifySignature } from './signature.js';

const asymmetric = [...signatureAlgorithms.keys()].filter((alg) => !alg.startsWith('HS'));
const text = 'e30.e30';

interface Keys {
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

async function createKeys(alg: string): Promise<Keys> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const imported = await importJWK(await exportJWK(publicKey), alg);
  return { privateKey, publicKey: imported as CryptoKey };
}

const created = new Map<string, Promise<Keys>>();

/** Returns the key pair of an algorithm, or another one; created once, because that is slow. */
function keysFor(alg: string, use: 'own' | 'other' = 'own'): Promise<Keys> {
  const name = `${alg} ${use}`;
  const keys = created.get(name) ?? createKeys(alg);
  created.set(name, keys);
  return keys;
}

const rsaOf = new Map<number, KeyPairKeyObjectResult>();

function rsaKeys(modulusLength = 2048): KeyPairKeyObjectResult {
  const keys = rsaOf.get(modulusLength) ?? generateKeyPairSync('rsa', { modulusLength });
  rsaOf.set(modulusLength, keys);
  return keys;
}

const signJws = (alg: string, key: CryptoKey): Promise<string> =>
  new CompactSign(toBytes('{"sub":"ada"}')).setProtectedHeader({ alg }).sign(key);

/** Imports a public key for an algorithm, whatever its length. */
async function importAs(
  key: KeyObject,
  algorithm: RsaHashedImportParams | EcKeyImportParams,
): Promise<CryptoKey> {
  const jwk = key.export({ format: 'jwk' }) as JsonWebKey;
  return await crypto.subtle.importKey('jwk', jwk, algorithm, true, ['verify']);
}

const rs256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
const ps256 = { name: 'RSA-PSS', hash: 'SHA-256' };

describe.each(asymmetric)('a signature with %s', (alg) => {
  it('is verified at once, without Web Crypto', async () => {
    const { privateKey, publicKey } = await keysFor(alg);
    const jws = await signJws(alg, privateKey);
    const web = vi.spyOn(crypto.subtle, 'verify');
    const payload = await verifySignature(jws, alg, publicKey);
    expect(new TextDecoder().decode(payload)).toBe('{"sub":"ada"}');
    expect(web).not.toHaveBeenCalled();
    web.mockRestore();
  });

  it('is invalid for another key, another payload, and changed, shortened or extended bytes', async () => {
    const { privateKey, publicKey } = await keysFor(alg);
    const [header = '', payload = '', signature = ''] = (await signJws(alg, privateKey)).split('.');
    const other = await keysFor(alg, 'other');
    const changed = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    expect(
      await verifySignature(`${header}.${payload}.${signature}`, alg, other.publicKey),
    ).toBeUndefined();
    for (const parts of [
      [header, 'e30', signature],
      [header, payload, changed],
      [header, payload, signature.slice(0, -4)],
      [header, payload, `${signature}AAAA`],
      [header, payload, 'A'],
    ]) {
      expect(await verifySignature(parts.join('.'), alg, publicKey)).toBeUndefined();
    }
  });

  it('is not valid with another algorithm of the same key type', async () => {
    const { privateKey, publicKey } = await keysFor(alg);
    const [header, payload, signature] = (await signJws(alg, privateKey)).split('.');
    const bytes = Buffer.from(signature ?? '', 'base64url');
    for (const other of asymmetric.filter((one) => one !== alg)) {
      const sameKeys = [alg, other].every((one) => one.startsWith('Ed'));
      const signed = { text: `${header}.${payload}`, signature: bytes };
      expect(isVerifiedByNode(other, publicKey, signed)).toBe(sameKeys);
    }
    for (const other of ['HS256', 'none', 'constructor']) {
      const signed = { text: `${header}.${payload}`, signature: bytes };
      expect(isVerifiedByNode(other, publicKey, signed)).toBe(false);
    }
  });
});

describe('a key is not used', () => {
  it('for RS256 or PS256 below 2048 bits (RFC 7518 §3.3)', async () => {
    const { privateKey, publicKey } = rsaKeys(1024);
    const key = await importAs(publicKey, rs256);
    const signature = sign('sha256', Buffer.from(text), privateKey);
    expect(isVerifiedByNode('RS256', key, { text, signature })).toBe(false);
    expect(
      await verifySignature(`${text}.${signature.toString('base64url')}`, 'RS256', key),
    ).toBeUndefined();
  });

  it('for another hash or padding than that of its algorithm', async () => {
    const { privateKey, publicKey } = rsaKeys();
    const sha384 = sign('sha384', Buffer.from(text), privateKey);
    const pss = sign('sha256', Buffer.from(text), {
      key: privateKey,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: 32,
    });
    const key = await importAs(publicKey, rs256);
    expect(isVerifiedByNode('RS384', key, { text, signature: sha384 })).toBe(false);
    expect(isVerifiedByNode('PS256', key, { text, signature: pss })).toBe(false);
    const other = await importAs(publicKey, { ...rs256, hash: 'SHA-384' });
    expect(isVerifiedByNode('RS384', other, { text, signature: sha384 })).toBe(true);
    expect(
      isVerifiedByNode('PS256', await importAs(publicKey, ps256), { text, signature: pss }),
    ).toBe(true);
  });

  it('above 4096 bits: another thread verifies', async () => {
    const { jwk, jws } = rsa4104;
    const key = await crypto.subtle.importKey('jwk', jwk, rs256, true, ['verify']);
    const end = jws.lastIndexOf('.');
    const signature = Buffer.from(jws.slice(end + 1), 'base64url');
    expect(isVerifiedByNode('RS256', key, { text: jws.slice(0, end), signature })).toBe(false);
    expect(await verifySignature(jws, 'RS256', key)).toEqual(toBytes('{}'));
  });

  it('if Node.js does not know it as a key', async () => {
    const { privateKey, publicKey } = rsaKeys();
    const signature = sign('sha256', Buffer.from(text), privateKey);
    const { algorithm, usages } = await importAs(publicKey, rs256);
    const foreign = { type: 'public', algorithm, usages } as CryptoKey;
    expect(isVerifiedByNode('RS256', foreign, { text, signature })).toBe(false);
  });

  it('with an exponent of more than 32 bits: another thread verifies', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicExponent: 0x7fff_ffff,
    });
    const signature = sign('sha256', Buffer.from(text), privateKey);
    const key = await importAs(publicKey, rs256);
    expect(isVerifiedByNode('RS256', key, { text, signature })).toBe(true);
    const algorithm = {
      ...(key.algorithm as RsaHashedKeyAlgorithm),
      publicExponent: new Uint8Array(5).fill(255),
    };
    const large = Object.create(key, { algorithm: { value: algorithm } }) as CryptoKey;
    expect(isVerifiedByNode('RS256', large, { text, signature })).toBe(false);
  });

  it('for PS256 with a salt of another length (RFC 7518 §3.5)', async () => {
    const { privateKey, publicKey } = rsaKeys();
    const key = await importAs(publicKey, ps256);
    const signed = (saltLength: number) => ({
      text,
      signature: sign('sha256', Buffer.from(text), {
        key: privateKey,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength,
      }),
    });
    expect(isVerifiedByNode('PS256', key, signed(32))).toBe(true);
    expect(isVerifiedByNode('PS256', key, signed(20))).toBe(false);
  });

  it('for ES256 with a signature in DER (RFC 7518 §3.4)', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = await importAs(publicKey, { name: 'ECDSA', namedCurve: 'P-256' });
    const der = sign('sha256', Buffer.from(text), privateKey);
    const plain = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    expect(isVerifiedByNode('ES256', key, { text, signature: plain })).toBe(true);
    expect(isVerifiedByNode('ES256', key, { text, signature: der })).toBe(false);
  });

  it('on another curve than that of the algorithm', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const key = await importAs(publicKey, { name: 'ECDSA', namedCurve: 'P-384' });
    const signature = sign('sha256', Buffer.from(text), {
      key: privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    expect(isVerifiedByNode('ES256', key, { text, signature })).toBe(false);
  });

  it('that is private, or not for verification', async () => {
    const { privateKey, publicKey } = rsaKeys();
    const signature = sign('sha256', Buffer.from(text), privateKey);
    const jwk = createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })).export({
      format: 'jwk',
    }) as JWK;
    const own = (await importJWK(jwk, 'RS256')) as CryptoKey;
    expect(isVerifiedByNode('RS256', own, { text, signature })).toBe(false);
    const unusable = await crypto.subtle.importKey(
      'jwk',
      publicKey.export({ format: 'jwk' }) as JsonWebKey,
      rs256,
      true,
      [],
    );
    expect(isVerifiedByNode('RS256', unusable, { text, signature })).toBe(false);
    const encrypting = await crypto.subtle.importKey(
      'jwk',
      publicKey.export({ format: 'jwk' }) as JsonWebKey,
      { name: 'RSA-OAEP', hash: 'SHA-256' },
      true,
      ['encrypt'],
    );
    expect(isVerifiedByNode('RS256', encrypting, { text, signature })).toBe(false);
  });
});
