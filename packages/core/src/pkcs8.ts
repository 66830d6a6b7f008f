import { derTags, readDer } from './der.js';
import { toHex } from './encoding.js';

/** A private key as PEM text, and what kind of key it is. */
export interface Pkcs8 {
  /** `RSA`, or the name of the curve. */
  readonly kind: string;
  /** The text, its line breaks put right. */
  readonly pem: string;
}

/** What a DER object identifier says of a key (RFC 5280, RFC 5480, RFC 8410), in hexadecimal. */
const kinds: Readonly<Record<string, string>> = {
  '2a864886f70d010101': 'RSA',
  '2a8648ce3d030107': 'P-256',
  '2b81040022': 'P-384',
  '2b81040023': 'P-521',
  '2b6570': 'Ed25519',
  '2b656e': 'X25519',
};

const ecPublicKey = '2a8648ce3d0201';

/**
 * Recognises an unencrypted PKCS #8 private key in PEM; `undefined` for anything else. Line breaks that
 * an environment file has written as `\n` count as such.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5958#section-2
 */
export function readPkcs8(text: string): Pkcs8 | undefined {
  const pem = text.replaceAll('\\n', '\n').trim();
  const body = /^-----BEGIN PRIVATE KEY-----([A-Za-z\d+/=\s]+)-----END PRIVATE KEY-----$/.exec(pem);
  const der = body?.[1] === undefined ? undefined : decode(body[1]);
  const name = der && algorithmOf(der);
  const kind = name === undefined ? undefined : kinds[name];
  return kind === undefined ? undefined : { kind, pem };
}

/** The key's algorithm, or its curve; `undefined` for what is no key. */
function algorithmOf(der: Uint8Array): string | undefined {
  // OneAsymmetricKey ::= SEQUENCE { version, SEQUENCE { algorithm, parameters }, OCTET STRING, … }
  const [outer, ...others] = readDer(der) ?? [];
  if (outer?.tag !== derTags.sequence || others.length > 0) return undefined;
  const [version, algorithm] = readDer(outer.content) ?? [];
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
