import { sign } from 'node:crypto';
import type { TestKey } from '../../../../support/provider/index.js';

/** Whose a certificate is, and who signs it. */
interface CertificateOptions {
  /** The common name; `attacker` where nothing is said. */
  name?: string;
  /** The authority that signs; the key itself where nothing is said. */
  authority?: { key: TestKey; name: string };
  /** Whether it may sign others. */
  isAuthority?: boolean;
}

/** Makes a certificate, in base64 as `x5c` has it (RFC 7515 §4.1.6). */
export function certificate(key: TestKey, options: CertificateOptions = {}): string {
  const { name: subject = 'attacker', authority = { key, name: subject }, isAuthority } = options;
  const nameOf = (text: string): Buffer => sequence(set(sequence(commonName, utf8(text))));
  const validity = sequence(time('250101000000Z'), time('491231235959Z'));
  const publicKey = key.publicKey.export({ type: 'spki', format: 'der' });
  const version = element(0xa0, element(0x02, Buffer.from([2])));
  const serial = element(0x02, Buffer.from([authority.key === key ? 1 : 2]));
  const body = sequence(
    version,
    serial,
    sha256Rsa,
    nameOf(authority.name),
    validity,
    nameOf(subject),
    publicKey,
    ...(isAuthority ? [element(0xa3, sequence(mayCertify))] : []),
  );
  const signed = sign('sha256', body, authority.key.privateKey);
  const signature = Buffer.concat([Buffer.from([0]), signed]);
  return sequence(body, sha256Rsa, element(0x03, signature)).toString('base64');
}

/** Encodes one DER element. */
function element(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

const sequence = (...content: Uint8Array[]): Buffer => element(0x30, ...content);
const set = (...content: Uint8Array[]): Buffer => element(0x31, ...content);
const utf8 = (text: string): Buffer => element(0x0c, Buffer.from(text));
const time = (text: string): Buffer => element(0x17, Buffer.from(text));

/** 1.2.840.113549.1.1.11, without parameters but NULL. */
const sha256Rsa = sequence(Buffer.from('06092a864886f70d01010b0500', 'hex'));

/** The critical basic constraint (RFC 5280 §4.2.1.9) that its key may sign certificates. */
const mayCertify = sequence(Buffer.from('0603551d130101ff040530030101ff', 'hex'));

/** 2.5.4.3. */
const commonName = Buffer.from('0603550403', 'hex');
