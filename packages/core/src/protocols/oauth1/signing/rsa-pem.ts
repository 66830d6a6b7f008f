import { toBase64Url } from '../../../platform/encoding.js';
import { derTags, readDer, type DerElement } from '../../../platform/der.js';

/** The JWK names of the numbers of a private RSA key (RFC 7518 §6.3), in the order of PKCS#1. */
export const rsaNumbers = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const;

/**
 * Parses a PEM text into a JWK. Returns the problem, as the end of a sentence, if it is not a
 * private RSA key.
 */
export function readPem(text: string): JsonWebKey | string {
  const blocks = readBlocks(text);
  const { label, body } = blocks.find((block) => block.label.endsWith('PRIVATE KEY')) ??
    blocks[0] ?? { label: '', body: '' };
  if (label === 'ENCRYPTED PRIVATE KEY' || body.includes('ENCRYPTED')) {
    return 'is encrypted; decrypt it first, for example with `openssl pkey`';
  }
  if (label !== 'PRIVATE KEY' && label !== 'RSA PRIVATE KEY') return explain(label);
  const outer = readBase64(body);
  if (outer === undefined) return damaged;
  return label === 'RSA PRIVATE KEY' ? readPkcs1(outer) : readPrivateKeyInfo(outer);
}

/** Returns the PEM blocks whose BEGIN and END lines have the same label (RFC 7468 §2). */
function readBlocks(text: string): { label: string; body: string }[] {
  return text
    .split('-----BEGIN ')
    .slice(1)
    .flatMap((piece) => {
      const label = /^[A-Z0-9 ]+(?=-----)/.exec(piece)?.[0] ?? '';
      const start = label.length + '-----'.length;
      const end = piece.indexOf(`-----END ${label}-----`, start);
      return label !== '' && end > start ? [{ label, body: piece.slice(start, end) }] : [];
    });
}

const damaged = 'is invalid: there is no private key between its BEGIN and END lines';

function explain(label: string): string {
  if (label === '') return 'is not PEM text: it has no BEGIN and END lines';
  if (label === 'EC PRIVATE KEY') return 'is an EC key, not an RSA key';
  if (label.includes('PRIVATE KEY')) return 'is in another format; convert it with `openssl pkey`';
  return 'is a public key: a signature needs the private key';
}

/** Decodes base64 with line breaks, including `\n` escapes from environment variables. */
function readBase64(body: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(body.replace(/\\[nr]/g, '')), (byte) => byte.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** Reads a PrivateKeyInfo (RFC 5208 §5): version, algorithm, key. */
function readPrivateKeyInfo(bytes: Uint8Array): JsonWebKey | string {
  const [, algorithm, key] = readSequence(bytes) ?? [];
  const [id] = (algorithm?.tag === derTags.sequence && readDer(algorithm.content)) || [];
  if (id?.tag !== derTags.objectId || key?.tag !== derTags.octetString) return damaged;
  const name = toBase64Url(id.content);
  if (name === rsaEncryption) return readPkcs1(key.content);
  return name === rsaPss
    ? 'is an RSASSA-PSS key; these signatures are RSASSA-PKCS1-v1_5'
    : 'is not an RSA key';
}

/** 1.2.840.113549.1.1.1 and 1.2.840.113549.1.1.10 (RFC 8017 appendix C). */
const rsaEncryption = toBase64Url(new Uint8Array([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]));
const rsaPss = toBase64Url(new Uint8Array([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10]));

/**
 * Reads an RSAPrivateKey (RFC 8017 appendix A.1.2): version, and the eight numbers of two primes.
 */
function readPkcs1(bytes: Uint8Array): JsonWebKey | string {
  const elements = readSequence(bytes) ?? [];
  const numbers = elements.slice(1, 9);
  if (numbers.length < 8 || elements.some(({ tag }) => tag !== derTags.integer)) return damaged;
  const values = numbers.map(({ content }) => toBase64Url(withoutLeadingZeros(content)));
  return { kty: 'RSA', ...Object.fromEntries(rsaNumbers.map((name, i) => [name, values[i]])) };
}

function readSequence(bytes: Uint8Array): DerElement[] | undefined {
  const [outer, ...others] = readDer(bytes) ?? [];
  if (outer?.tag !== derTags.sequence || others.length > 0) return undefined;
  return readDer(outer.content);
}

function withoutLeadingZeros(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  return start < 0 ? bytes.subarray(0, 0) : bytes.subarray(start);
}
