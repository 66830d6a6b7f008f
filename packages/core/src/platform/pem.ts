import { toBase64, toHex } from './encoding.js';
import { builtinModule } from './node-builtins.js';
import type { CryptoKey } from '../model/web-types.js';

/** A private key of PEM text. */
export interface PemKey {
  /** `RSA`, or the name of the curve. */
  readonly kind: string;
  /** The key as PKCS #8, which Web Crypto imports. */
  readonly pkcs8: Uint8Array<ArrayBuffer>;
  /** The key as a JWK, if the runtime has `node:crypto`. */
  readonly jwk?: JsonWebKey;
}

/** The part of `node:crypto` that is used. */
interface NodeCrypto {
  createPrivateKey(key: { key: Uint8Array; format: 'der'; type: string }): {
    export(as: { format: 'der'; type: 'pkcs8' }): Uint8Array;
    export(as: { format: 'jwk' }): JsonWebKey;
  };
}

/** A format that a PEM label names, and the DER tag after the version that tells it from others. */
const formats = new Map([
  ['PRIVATE KEY', { type: 'pkcs8', tag: '30' }],
  ['RSA PRIVATE KEY', { type: 'pkcs1', tag: '02' }],
  ['EC PRIVATE KEY', { type: 'sec1', tag: '04' }],
]);

/** Key kinds by DER object identifier (RFC 5280, RFC 5480, RFC 8410), in hexadecimal. */
const kinds: readonly [objectId: string, kind: string][] = [
  ['06092a864886f70d010101', 'RSA'],
  ['06082a8648ce3d030107', 'P-256'],
  ['06052b81040022', 'P-384'],
  ['06052b81040023', 'P-521'],
  ['06032b6570', 'Ed25519'],
  ['06032b656e', 'X25519'],
];
const rsaPss = '06092a864886f70d01010a';

const damaged = 'is invalid: there is no private key between its BEGIN and END lines';
const convert = 'convert it with `openssl pkey`';

/**
 * Reads the private key in a PEM text; returns the problem, as the end of a sentence, if it has
 * none. Other blocks, and text around them, are ignored. Line breaks written as `\n`, as in
 * environment files, are accepted. A runtime without `node:crypto` reads PKCS #8 only.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7468
 */
export function readPem(text: string): PemKey | string {
  const blocks = text.matchAll(
    /-----BEGIN ([A-Z\d ]+)-----((?:[^-]|-(?!----))*)-----END ([A-Z\d ]+)-----/g,
  );
  const whole = [...blocks].filter(([, label, , end]) => label === end);
  const [, label, body = ''] = whole.find(([, name]) => isPrivate(name)) ?? whole[0] ?? [];
  if (label === undefined) return 'is not PEM text: it has no BEGIN and END lines';
  if (label === 'ENCRYPTED PRIVATE KEY' || body.includes('ENCRYPTED')) {
    return 'is encrypted; decrypt it first, for example with `openssl pkey`';
  }
  if (!isPrivate(label)) return 'is a public key: a signature needs the private key';
  const format = formats.get(label);
  if (!format) return `is in another format; ${convert}`;
  const der = fromBase64(body);
  return der && isSequence(der, format.tag) ? readDer(der, format.type) : damaged;
}

function isPrivate(label = ''): boolean {
  return label.endsWith('PRIVATE KEY');
}

/** Imports a key of PEM text. Throws if it cannot be read. */
export async function importPem(
  text: string,
  alg: string,
  options?: { extractable: boolean },
): Promise<CryptoKey> {
  const key = readPem(text);
  if (typeof key === 'string') throw new TypeError(`The key ${key}.`);
  const pem = `-----BEGIN PRIVATE KEY-----\n${toBase64(key.pkcs8)}\n-----END PRIVATE KEY-----`;
  const { importPKCS8 } = await import('./jose.js');
  return await importPKCS8(pem, alg, options);
}

function readDer(der: Uint8Array<ArrayBuffer>, type: string): PemKey | string {
  const node = builtinModule<NodeCrypto>('node:crypto');
  if (!node && type !== 'pkcs8') return `is not PKCS #8, which this runtime needs; ${convert}`;
  try {
    const key = node?.createPrivateKey({ key: der, format: 'der', type });
    const pkcs8 = key ? new Uint8Array(key.export({ format: 'der', type: 'pkcs8' })) : der;
    // The object identifiers are at the beginning, before the numbers of the key.
    const start = toHex(pkcs8.subarray(0, 40));
    if (start.includes(rsaPss)) return 'is an RSASSA-PSS key, which is not supported';
    const kind = kinds.find(([objectId]) => start.includes(objectId))?.[1];
    if (kind === undefined) return 'is of an unsupported kind';
    return { kind, pkcs8, ...(key ? { jwk: key.export({ format: 'jwk' }) } : {}) };
  } catch {
    return damaged;
  }
}

/**
 * Returns whether bytes are one DER sequence of a version and an element with a tag. OpenSSL
 * ignores what follows it, and accepts formats under the labels of others.
 */
function isSequence(der: Uint8Array, tag: string): boolean {
  const start = toHex(der.subarray(0, 8));
  const [, short, byte, word, second] =
    /^30(?:([0-7].)|81(..)|82(....))0201..(..)/.exec(start) ?? [];
  const length = Number.parseInt(short ?? byte ?? word ?? '', 16);
  const header = short === undefined ? (byte === undefined ? 4 : 3) : 2;
  return second === tag && der.length === header + length;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const binary = atob(text.replace(/\s|\\[nr]/g, ''));
    return Uint8Array.from(binary, (byte) => byte.charCodeAt(0));
  } catch {
    return undefined;
  }
}
