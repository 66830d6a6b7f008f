import type { CryptoKey } from '../../model/web-types.js';
import { builtinModule } from '../node-builtins.js';
import { toBytes } from '../encoding.js';
import { signatureAlgorithms, type SignatureAlgorithm } from './algorithms.js';

/** The part of `node:crypto` that is used. */
interface NodeCrypto {
  KeyObject: { from(key: CryptoKey): object };
  constants: { RSA_PKCS1_PSS_PADDING: number };
  verify(hash: string | null, data: Uint8Array, key: object, signature: Uint8Array): boolean;
}

/** A signature with the text that was signed. */
export interface Signed {
  /** Header and payload of a JWS. */
  text: string;
  signature: Uint8Array;
}

/** The members of a key's algorithm. */
interface KeyAlgorithm {
  name: string;
  hash?: { name: string };
  namedCurve?: string;
  modulusLength?: number;
  publicExponent?: Uint8Array;
}

let loaded: { crypto: NodeCrypto | undefined } | undefined;

const keyObjects = new WeakMap<CryptoKey, object>();

/**
 * Verifies a signature by `node:crypto`, at once: Web Crypto verifies in another thread, at three times
 * the cost. Returns `false` if it is invalid, and also if this cannot be decided here: the runtime has no
 * `node:crypto`, or the key does not belong to the algorithm, or is too large for the event loop.
 */
export function isVerifiedByNode(alg: string, key: CryptoKey, signed: Signed): boolean {
  const algorithm = signatureAlgorithms.get(alg);
  loaded ??= { crypto: builtinModule<NodeCrypto>('node:crypto') };
  const node = loaded.crypto;
  if (!algorithm || !node || !isKeyFor(alg, algorithm, key)) return false;
  try {
    const object = keyObjects.get(key) ?? node.KeyObject.from(key);
    keyObjects.set(key, object);
    const hash = algorithm.kty === 'OKP' ? null : algorithm.hash.replace('-', '');
    const options = { key: object, ...encodingOf(alg, node) };
    return node.verify(hash, toBytes(signed.text), options, signed.signature);
  } catch {
    return false;
  }
}

/** The rules of RFC 7518 §3 for keys, which jose applies, too. */
function isKeyFor(alg: string, { kty, crv, hash }: SignatureAlgorithm, key: CryptoKey): boolean {
  const given = key.algorithm as KeyAlgorithm;
  if (!key.usages.includes('verify')) return false;
  // A key for ECDH cannot verify.
  if (kty === 'EC') return given.namedCurve === crv;
  if (kty === 'OKP') return given.name === crv;
  const { modulusLength = 0, publicExponent = new Uint8Array(9) } = given;
  const name = alg.startsWith('PS') ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5';
  return (
    kty === 'RSA' &&
    given.name === name &&
    given.hash?.name === hash &&
    modulusLength >= 2048 &&
    // Longer ones take so much time that another thread is better.
    modulusLength <= 4096 &&
    publicExponent.length <= 4
  );
}

/** PKCS #1 v1.5 is the default for RSA keys. */
function encodingOf(alg: string, { constants }: NodeCrypto): object {
  // RFC 7518 §3.5: the salt is as long as the hash.
  if (alg.startsWith('PS')) {
    return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: Number(alg.slice(2)) / 8 };
  }
  // RFC 7518 §3.4: two numbers of fixed length, not DER.
  return alg.startsWith('ES') ? { dsaEncoding: 'ieee-p1363' } : {};
}
