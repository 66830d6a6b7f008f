import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { expect, it } from 'vitest';
import { importPem, readPem } from './pem.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey;

type Type = 'pkcs8' | 'pkcs1' | 'sec1';
const labels = { pkcs8: 'PRIVATE KEY', pkcs1: 'RSA PRIVATE KEY', sec1: 'EC PRIVATE KEY' };
const derOf = (key: KeyObject, type: Type): Buffer =>
  key.export({ format: 'der', type: type as 'pkcs8' });
const pemOf = (der: Uint8Array, label: string): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64')}\n-----END ${label}-----`;

const all: [string, KeyObject, Type, string][] = [
  ['RSA in PKCS #8', rsa, 'pkcs8', 'RSA'],
  ['RSA in PKCS #1', rsa, 'pkcs1', 'RSA'],
  ['P-256 in PKCS #8', ec, 'pkcs8', 'P-256'],
  ['P-256 in SEC 1', ec, 'sec1', 'P-256'],
  ...['P-384', 'P-521'].map((namedCurve): [string, KeyObject, Type, string] => [
    `${namedCurve} in SEC 1`,
    generateKeyPairSync('ec', { namedCurve }).privateKey,
    'sec1',
    namedCurve,
  ]),
  ['Ed25519', generateKeyPairSync('ed25519').privateKey, 'pkcs8', 'Ed25519'],
  ['X25519', generateKeyPairSync('x25519').privateKey, 'pkcs8', 'X25519'],
];

it.each(all)('reads %s, with any line breaks and text around it', (_name, key, type, kind) => {
  const pem = key.export({ format: 'pem', type: type as 'pkcs8' }).toString();
  const expected = {
    kind,
    pkcs8: new Uint8Array(derOf(key, 'pkcs8')),
    jwk: key.export({ format: 'jwk' }),
  };
  const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
  for (const text of [
    pem,
    pem.replaceAll('\n', '\\n'),
    pem.replaceAll('\n', '\\r\\n'),
    pem.replaceAll('\n', '\r\n   '),
    pemOf(derOf(key, type), labels[type]),
    `Bag Attributes\n${certificate}${pem}`,
  ]) {
    expect(readPem(text)).toEqual(expected);
  }
});

it.each(all)('rejects %s with bytes missing or left over', (_name, key, type) => {
  const der = derOf(key, type);
  for (const bytes of [
    der.subarray(0, -3),
    Buffer.concat([der, Buffer.alloc(2)]),
    der.subarray(1),
  ]) {
    expect(readPem(pemOf(bytes, labels[type]))).toContain('is invalid');
  }
});

it('rejects a key under the label of another format', () => {
  for (const [, key, type] of all) {
    for (const label of Object.values(labels).filter((one) => one !== labels[type])) {
      expect(readPem(pemOf(derOf(key, type), label))).toContain('is invalid');
    }
  }
});

it('says what a text is instead of a private key', () => {
  const encrypted = { cipher: 'aes-256-cbc', passphrase: 'hush' } as const;
  const secp = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey;
  const found = {
    'is not PEM text': 'hunter2',
    'is encrypted': rsa.export({ format: 'pem', type: 'pkcs8', ...encrypted }).toString(),
    'is a public key': pemOf(Buffer.from('x'), 'PUBLIC KEY'),
    'is in another format': pemOf(Buffer.from('x'), 'OPENSSH PRIVATE KEY'),
    'is an RSASSA-PSS key': pemOf(derOf(pss, 'pkcs8'), 'PRIVATE KEY'),
    'is of an unsupported kind': pemOf(derOf(secp, 'pkcs8'), 'PRIVATE KEY'),
  };
  for (const [problem, text] of Object.entries(found)) expect(readPem(text)).toContain(problem);
  const legacy = rsa.export({ format: 'pem', type: 'pkcs1', ...encrypted }).toString();
  expect(readPem(legacy)).toContain('is encrypted');
});

it('imports a key, and throws without quoting one that it cannot', async () => {
  const pem = ec.export({ format: 'pem', type: 'sec1' }).toString();
  expect(await importPem(pem, 'ES256')).toMatchObject({ type: 'private', extractable: false });
  await expect(importPem('hunter2', 'ES256')).rejects.toThrow(/^The key is not PEM text[^2]*$/);
});
