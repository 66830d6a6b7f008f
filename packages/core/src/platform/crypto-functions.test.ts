import nodeCrypto from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { chooseCrypto, type CryptoFunctions } from './crypto-functions.js';
import { toBytes, toHex } from './encoding.js';
import { deriveKey, seal, unseal } from './seal.js';

const node = chooseCrypto(globalThis);
const web = chooseCrypto({});
const iv = new Uint8Array(12).fill(7);

describe.each<[string, CryptoFunctions, CryptoFunctions]>([
  ['node:crypto', node, web],
  ['Web Crypto', web, node],
])('the functions of %s', (_name, own, other) => {
  it.each([
    ['SHA-1', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['SHA-256', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ] as const)('hash text and bytes with %s (FIPS 180-4)', async (hash, expected) => {
    expect(toHex(await own.digest(hash, 'abc'))).toBe(expected);
    expect(toHex(await own.digest(hash, toBytes('abc')))).toBe(expected);
  });

  it.each(['SHA-384', 'SHA-512'] as const)('hash text as UTF-8 with %s', async (hash) => {
    expect(toHex(await own.digest(hash, 'ü€'))).toBe(
      toHex(await other.digest(hash, toBytes('ü€'))),
    );
  });

  it('compute the HMAC of RFC 4231 §4.3', async () => {
    const mac = await own.hmac('SHA-256', 'Jefe', 'what do ya want for nothing?');
    expect(toHex(mac)).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  });

  it('derive the bytes of RFC 5869 §A.3', async () => {
    const bytes = await own.hkdf('\u000b'.repeat(22), '', 42);
    expect(toHex(bytes)).toBe(
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    );
  });

  it('decrypt what the other ones have encrypted with the same secret', async () => {
    const parameters = { key: await other.deriveKey('secret', 'purpose'), iv, context: 'state' };
    const encrypted = await other.encrypt(parameters, toBytes('content'));
    const key = await own.deriveKey('secret', 'purpose');
    expect(await own.decrypt({ ...parameters, key }, encrypted)).toEqual(toBytes('content'));
  });

  it.each([
    ['another context', { context: 'other' }, (bytes: Uint8Array) => bytes],
    ['another IV', { iv: new Uint8Array(12) }, (bytes: Uint8Array) => bytes],
    ['a changed byte', {}, (bytes: Uint8Array) => bytes.with(0, (bytes[0] ?? 0) ^ 1)],
    [
      'a changed tag',
      {},
      (bytes: Uint8Array) => bytes.map((byte, at) => (at < bytes.length - 1 ? byte : byte ^ 1)),
    ],
    ['a shorter tag', {}, (bytes: Uint8Array) => bytes.subarray(0, -4)],
    ['no bytes', {}, () => new Uint8Array()],
  ])('do not decrypt with %s', async (_what, changed, change) => {
    const parameters = { key: await own.deriveKey('secret', 'purpose'), iv, context: 'state' };
    const encrypted = await own.encrypt(parameters, toBytes('content'));
    const given = new Uint8Array(change(encrypted));
    expect(await own.decrypt({ ...parameters, ...changed }, given)).toBeUndefined();
  });

  it('do not decrypt with a key of another secret or purpose', async () => {
    const parameters = { key: await own.deriveKey('secret', 'purpose'), iv, context: '' };
    const encrypted = await own.encrypt(parameters, toBytes('content'));
    for (const [secret, purpose] of [
      ['Secret', 'purpose'],
      ['secret', 'Purpose'],
    ] as const) {
      const key = await own.deriveKey(secret, purpose);
      expect(await own.decrypt({ ...parameters, key }, encrypted)).toBeUndefined();
    }
  });
});

describe('the choice of the functions', () => {
  it('is node:crypto in Node.js, which returns at once', () => {
    expect(node.digest('SHA-256', '')).toBeInstanceOf(Uint8Array);
    expect(web.digest('SHA-256', '')).toBeInstanceOf(Promise);
  });

  it.each([
    ['has no hash', { createHash: undefined }],
    ['has no cipher', { createCipheriv: undefined }],
    [
      'throws',
      {
        hkdfSync: () => {
          throw new Error('[unenv] hkdfSync is not implemented yet!');
        },
      },
    ],
  ])('is Web Crypto if node:crypto %s', (_what, missing) => {
    const partial = { ...nodeCrypto, ...missing };
    const runtime = { process: { getBuiltinModule: () => partial } };
    expect(chooseCrypto(runtime)).toBe(web);
    expect(chooseCrypto({ process: { getBuiltinModule: () => nodeCrypto } })).not.toBe(web);
  });
});

describe('a derived key', () => {
  it('is derived once for a secret and a purpose', async () => {
    const key = await deriveKey('a secret', 'purpose');
    expect(await deriveKey('a secret', 'purpose')).toBe(key);
    expect(await deriveKey('a secret purpose', '')).not.toEqual(key);
    expect(await deriveKey('a secret', 'another purpose')).not.toEqual(key);
  });

  it('encrypts differently each time', async () => {
    const key = await deriveKey('a secret', 'purpose');
    const sealed = await seal(key, 'context', toBytes('text'));
    expect(await seal(key, 'context', toBytes('text'))).not.toBe(sealed);
    expect(await unseal(key, 'context', sealed)).toEqual(toBytes('text'));
  });
});
