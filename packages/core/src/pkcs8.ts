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
  const der = decode(body?.[1] ?? '');
  // OneAsymmetricKey ::= SEQUENCE { version, SEQUENCE { algorithm, parameters }, OCTET STRING, … }
  const outer = der && readElement(der, 0, 0x30);
  const version = outer && readElement(der, outer.start, 0x02);
  const algorithm = version && readElement(der, version.end, 0x30);
  const id = algorithm && readElement(der, algorithm.start, 0x06);
  if (!id || outer?.end !== der?.length) return undefined;
  const name = hex(der, id);
  const curve = name === ecPublicKey ? readElement(der, id.end, 0x06) : undefined;
  const kind = kinds[curve ? hex(der, curve) : name];
  return kind === undefined ? undefined : { kind, pem };
}

function decode(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(base64.replace(/\s/g, '')), (c) => c.charCodeAt(0));
  } catch {
    return undefined;
  }
}

interface Element {
  start: number;
  end: number;
}

/** Reads the head of one DER element of a given tag; `undefined` when another, or too little, is there. */
function readElement(der: Uint8Array, at: number, tag: number): Element | undefined {
  const first = der[at + 1];
  if (der[at] !== tag || first === undefined) return undefined;
  const lengthBytes = first < 0x80 ? 0 : first - 0x80;
  const start = at + 2 + lengthBytes;
  const length = lengthBytes
    ? der.slice(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0)
    : first;
  return start + length <= der.length ? { start, end: start + length } : undefined;
}

function hex(der: Uint8Array, { start, end }: Element): string {
  return Array.from(der.slice(start, end), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
