import { derTags, readDer, writeDer, type DerElement } from './der.js';
import { toBase64, toHex } from './encoding.js';

/** A private key as PEM text, with its kind. */
export interface Pkcs8 {
  /** `RSA`, or the name of the curve. */
  readonly kind: string;
  /** The PEM text, with normalized line breaks. */
  readonly pem: string;
}

/** Key kinds by DER object identifier (RFC 5280, RFC 5480, RFC 8410), in hexadecimal. */
const kinds: Readonly<Record<string, string>> = {
  '2a864886f70d010101': 'RSA',
  '2a8648ce3d030107': 'P-256',
  '2b81040022': 'P-384',
  '2b81040023': 'P-521',
  '2b6570': 'Ed25519',
  '2b656e': 'X25519',
};

const rsaEncryption = '2a864886f70d010101';
const ecPublicKey = '2a8648ce3d0201';

/**
 * Converts an unencrypted PEM private key to PKCS #8, which Web Crypto imports; returns `undefined`
 * for anything else. PKCS #1 (`RSA PRIVATE KEY`) and SEC 1 (`EC PRIVATE KEY`, optionally after `EC
 * PARAMETERS`) are wrapped. Line breaks written as `
 * `, as in environment files, are accepted.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5958#section-2
 * @see https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1.2
 * @see https://www.rfc-editor.org/rfc/rfc5915#section-3
 */
export function readPkcs8(text: string): Pkcs8 | undefined {
  const found = block.exec(text.replaceAll('\\n', '\n').trim());
  const [, label = '', body = '', end] = found ?? [];
  const given = end === label ? decode(body) : undefined;
  const der = given && wrap[label]?.(given);
  const name = der && algorithmOf(der);
  const kind = name === undefined ? undefined : kinds[name];
  if (kind === undefined || !der) return undefined;
  const lines = toBase64(der).replace(/.{64}(?=.)/g, '$&\n');
  return { kind, pem: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----` };
}

/** Exactly one key, optionally after the parameters that OpenSSL writes before an EC key. */
const block =
  /^(?:-----BEGIN EC PARAMETERS-----[A-Za-z\d+/=\s]+-----END EC PARAMETERS-----\s+)?-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----([A-Za-z\d+/=\s]+)-----END ((?:RSA |EC )?PRIVATE KEY)-----$/;

/** Converts the content of each PEM label to PKCS #8; `undefined` if the bytes are invalid. */
const wrap: Readonly<Record<string, (der: Uint8Array) => Uint8Array | undefined>> = {
  'PRIVATE KEY': (der) => der,
  'RSA PRIVATE KEY': (der) => {
    const numbers = sequenceElements(der).slice(0, 9);
    const whole = numbers.length === 9 && numbers.every(({ tag }) => tag === derTags.integer);
    const algorithm = [objectId(rsaEncryption), writeDer(derTags.null, none)];
    return whole ? privateKeyInfo(der, algorithm) : undefined;
  },
  'EC PRIVATE KEY': (der) => {
    const curve = curveOf(der);
    return curve && privateKeyInfo(der, [objectId(ecPublicKey), writeDer(derTags.objectId, curve)]);
  },
};

/** Returns the elements of the key's outer sequence. */
function sequenceElements(der: Uint8Array): readonly DerElement[] {
  const [outer, ...others] = readDer(der) ?? [];
  const isSequence = outer?.tag === derTags.sequence && others.length === 0;
  return (isSequence && readDer(outer.content)) || [];
}

const none = new Uint8Array();
const objectId = (hex: string): Uint8Array =>
  writeDer(
    derTags.objectId,
    Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16)),
  );

/** PrivateKeyInfo ::= SEQUENCE { version 0, SEQUENCE { algorithm, parameters }, OCTET STRING } */
function privateKeyInfo(key: Uint8Array, algorithm: readonly Uint8Array[]): Uint8Array {
  const parts = [
    writeDer(derTags.integer, Uint8Array.of(0)),
    writeDer(derTags.sequence, joined(algorithm)),
    writeDer(derTags.octetString, key),
  ];
  return writeDer(derTags.sequence, joined(parts));
}

const joined = (parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

/** ECPrivateKey ::= SEQUENCE { version 1, OCTET STRING, [0] { curve }, [1] { public key } } */
function curveOf(der: Uint8Array): Uint8Array | undefined {
  const [, key, ...others] = sequenceElements(der);
  const named = others.find(({ tag }) => tag === derTags.first);
  const [curve] = (named && readDer(named.content)) ?? [];
  const whole = key?.tag === derTags.octetString && curve?.tag === derTags.objectId;
  return whole ? curve.content : undefined;
}

/** Returns the key's algorithm or curve; `undefined` if it is not a key. */
function algorithmOf(der: Uint8Array): string | undefined {
  // OneAsymmetricKey ::= SEQUENCE { version, SEQUENCE { algorithm, parameters }, OCTET STRING, … }
  const [version, algorithm] = sequenceElements(der);
  if (version?.tag !== derTags.integer || algorithm?.tag !== derTags.sequence) return undefined;
  const [id, curve] = readDer(algorithm.content) ?? [];
  if (id?.tag !== derTags.objectId) return undefined;
  const name = toHex(id.content);
  return name === ecPublicKey && curve?.tag === derTags.objectId ? toHex(curve.content) : name;
}

function decode(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(base64.replace(/\s/g, '')), (c) => c.charCodeAt(0));
  } catch {
    return undefined;
  }
}
