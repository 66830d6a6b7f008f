import type { JWK } from 'jose';
import { expect, it, vi } from 'vitest';
import { ecKey, rsaKey, smallKey } from '../../../../../test/support/provider/keys.js';
import { fromBase64Url, toBase64Url } from '../encoding.js';
import { usableKeys } from './jwk.js';

const [k1, k2, e1] = [rsaKey().jwk as JWK, rsaKey(2).jwk as JWK, ecKey().jwk as JWK];
const rs256 = { alg: 'RS256', kid: 'k1' };
const es256 = { alg: 'ES256' };

const find = (set: unknown[], header: { alg: string; kid?: string } = rs256) =>
  usableKeys(set, header);

/** Returns the number of keys that are found, and of those that are imported, which is slow. */
async function count(key: object, header?: { alg: string }): Promise<[number, number]> {
  const imports = vi.spyOn(crypto.subtle, 'importKey');
  try {
    const { length } = await find([key], header);
    return [length, imports.mock.calls.length];
  } finally {
    imports.mockRestore();
  }
}

/** Encodes a number with leading zeros, so that its text is longer. */
function padded(text: unknown, bytes: number): string {
  const number = fromBase64Url(String(text)) ?? [];
  return toBase64Url(new Uint8Array([...new Uint8Array(bytes - number.length), ...number]));
}

it('[X4] passes over what is no usable key', async () => {
  const odd = [null, 7, 'key', [], {}, { kty: 'new', kid: 'k1' }, { kty: 'RSA', kid: 'k1' }];
  const broken = [
    { ...k1, n: '' },
    { ...k1, n: '*' },
    { ...k1, n: 7 },
    { ...k1, e: undefined },
  ];
  const point = { ...e1, kid: 'k1', x: e1.y };
  await expect(find([...odd, ...broken, point, k1])).resolves.toHaveLength(1);
  await expect(find([point], { alg: 'ES256' })).resolves.toEqual([]);
});

it.each([
  ['use: enc', { use: 'enc' }],
  ['use of another type', { use: ['sig'] }],
  ['key_ops without verify', { key_ops: ['encrypt'] }],
  ['key_ops as text', { key_ops: 'verify' }],
  ['another alg', { alg: 'RS512' }],
  ['another kid', { kid: 'K1' }],
  ['no kid', { kid: undefined }],
  ['another kty', { kty: 'EC' }],
  ['N94 exponent 1', { e: 'AQ' }],
  ['N94 exponent 1 with zeros', { e: 'AAAB' }],
  ['N94 exponent 2', { e: 'Ag' }],
  ['N94 exponent 0', { e: 'AA' }],
  ['N90 a secret', { kty: 'oct', k: 'c2VjcmV0' }],
])('[X4] refuses a key with %s', async (_title, more) => {
  await expect(find([{ ...k1, ...more }])).resolves.toEqual([]);
});

it('[X4] N90 never finds a secret, whatever the algorithm', async () => {
  const oct = { kty: 'oct', k: 'c2VjcmV0' };
  for (const alg of ['HS256', 'none', 'constructor']) {
    await expect(find([oct, k1], { alg })).resolves.toEqual([]);
  }
});

it('finds a key on a curve, and one for verification (RFC 7517 §4.3)', async () => {
  await expect(find([k1, e1], es256)).resolves.toHaveLength(1);
  await expect(find([{ ...e1, y: undefined }], es256)).resolves.toEqual([]);
  await expect(find([{ ...e1, crv: 'P-384' }], es256)).resolves.toEqual([]);
  await expect(find([{ ...k1, key_ops: ['verify'] }])).resolves.toHaveLength(1);
});

it('[X4] finds every key that fits, and of identical ones one', async () => {
  await expect(find([k1, e1], { alg: 'RS256' })).resolves.toHaveLength(1);
  await expect(find([k1, k2], { alg: 'RS256' })).resolves.toHaveLength(2);
  await expect(find([k1, { ...k1, use: undefined }])).resolves.toHaveLength(1);
});

it('accepts exponent 3, and a key whose private half was published, as a public key', async () => {
  await expect(find([{ ...k1, e: 'Aw' }])).resolves.toMatchObject([{ type: 'public' }]);
  const leaked = rsaKey().privateKey.export({ format: 'jwk' });
  await expect(find([{ ...leaked, kid: 'k1' }])).resolves.toMatchObject([{ type: 'public' }]);
});

it.each([
  ['an empty modulus', { ...k1, n: '' }],
  ['no exponent', { ...k1, e: undefined }],
  ['an empty exponent', { ...k1, e: '' }],
  ['an exponent that is a number', { ...k1, e: 65_537 }],
  ['a short modulus', { ...k1, n: String(smallKey().jwk['n']) }],
  ['a modulus that starts with another character', { ...k1, n: `*${k1.n}` }],
  ['a modulus that ends with another character', { ...k1, n: `${k1.n}*` }],
  ['another type', { ...e1, kid: 'k1', alg: undefined }],
])('imports no RSA key with %s', async (_title, key) => {
  expect(await count(key)).toEqual([0, 0]);
});

it.each([
  ['no x', { ...e1, x: undefined }],
  ['no y', { ...e1, y: undefined }],
  ['an empty y', { ...e1, y: '' }],
  ['another curve', { ...e1, crv: 'P-384' }],
  ['no curve', { ...e1, crv: undefined }],
  ['another type', { ...k1, alg: undefined }],
])('imports no elliptic key with %s', async (_title, key) => {
  expect(await count(key, es256)).toEqual([0, 0]);
});

it('imports no Ed25519 key without x, and needs no y (RFC 8037 §2)', async () => {
  const key = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
  expect(await count(key, { alg: 'EdDSA' })).toEqual([1, 1]);
  expect(await count({ ...key, x: undefined }, { alg: 'EdDSA' })).toEqual([0, 0]);
});

it('refuses an RSA key below 2048 bits, however long its text is (RFC 7518 §3.3)', async () => {
  const key = { ...k1, n: padded(smallKey().jwk['n'], 256) };
  expect(await count(key)).toEqual([0, 1]);
});

it('ignores members of other key types (RFC 7517 §4)', async () => {
  await expect(find([{ ...k1, crv: 'P-256', x: 7 }])).resolves.toHaveLength(1);
});

it('imports a key once for each algorithm', async () => {
  const key = { ...k1, alg: undefined };
  const [first] = await find([key]);
  expect((await find([key]))[0]).toBe(first);
  expect((await find([key], { ...rs256, alg: 'PS256' }))[0]).not.toBe(first);
});

it('caches the keys of a header, and nothing for an invented header', async () => {
  const set = [k1];
  expect(await find(set)).toBe(await find(set));
  const invented = { alg: 'RS256', kid: 'invented' };
  expect(await find(set, invented)).not.toBe(await find(set, invented));
});
