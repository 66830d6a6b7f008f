import type { JWK } from 'jose';
import type { Check } from '../platform/validators.js';
import { isObject, withoutUndefined } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import { isCryptoKey } from '../platform/crypto.js';
import type { CryptoKey } from '../model/web-types.js';
import { importPem, readPem } from '../platform/pem.js';

/**
 * A private key: PEM text (PKCS #8; also PKCS #1 and SEC 1 in runtimes with `node:crypto`), a JWK
 * (RFC 7517), or a `CryptoKey` with the `sign` usage.
 */
export type PrivateKey = string | CryptoKey | PrivateJwk;

/** A private key as a JWK (RFC 7517). */
export interface PrivateJwk {
  readonly kty: string;
  readonly kid?: string | undefined;
  readonly alg?: string | undefined;
  readonly [member: string]: unknown;
}

/** A private key, optionally with the `kid` the provider expects. */
export type PrivateKeyOption =
  PrivateKey | { readonly key: PrivateKey; readonly kid?: string | undefined };

/** A private signing key. */
export interface SigningKey {
  readonly kid: string | undefined;
  /** Signature algorithms of the key, the most common first. */
  readonly algorithms: readonly string[];
  /** Imports the key for one of them. */
  load(alg: string): Promise<CryptoKey>;
  /** Exports the public JWK. A `CryptoKey` must be extractable. */
  publicJwk(alg: string): Promise<JWK>;
}

const rsa = ['RS256', 'PS256', 'RS384', 'PS384', 'RS512', 'PS512'];

/** Signature algorithms by key type, curve or Web Crypto algorithm. */
const algorithmsOf: Readonly<Record<string, readonly string[]>> = {
  RSA: rsa,
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
  Ed25519: ['EdDSA', 'Ed25519'],
};

/** Required private members of a JWK, by key type (RFC 7518 §6, RFC 8037 §2). */
const requiredMembers: Readonly<Record<string, readonly string[]>> = {
  RSA: ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'],
  EC: ['crv', 'x', 'y', 'd'],
  OKP: ['crv', 'x', 'd'],
};

/** Describes what is wrong with a private key, without quoting it. */
export const privateKeyCheck: Check = (value) => {
  const { key, kid, ...others } = unwrapKey(value as PrivateKeyOption);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return `must be an object without "${unknown}" (known: key, kid)`;
  if (kid !== undefined && typeof kid !== 'string') return 'must have a string as "kid"';
  if (inspect(key).length > 0) return undefined;
  const pem = typeof key === 'string' ? readPem(key) : undefined;
  return (
    'must be a private RSA, P-256, P-384, P-521 or Ed25519 key that may sign: unencrypted PEM ' +
    'text (PKCS #8, PKCS #1 or SEC 1), a JWK or a CryptoKey' +
    (typeof pem === 'string' ? `; the text ${pem}` : '')
  );
};

/** Reads a private key that passed {@link privateKeyCheck}. */
export function readPrivateKey(option: PrivateKeyOption): SigningKey {
  const { key, kid } = unwrapKey(option);
  const imported = new Map<string, Promise<CryptoKey>>();
  return {
    kid: kid ?? (isJwk(key) ? key.kid : undefined),
    algorithms: inspect(key),
    async load(alg) {
      const known = imported.get(alg) ?? importKey(key, alg).then(strong);
      imported.set(alg, known);
      return await known;
    },
    publicJwk: async (alg) => publicHalf(isJwk(key) ? key : await exportKey(key, alg)),
  };
}

/**
 * Selects the algorithm of a key: the configured one, otherwise its first that the provider lists.
 */
export function chooseAlgorithm(
  { algorithms }: Pick<SigningKey, 'algorithms'>,
  configured: string | undefined,
  advertised: unknown,
): string {
  const listed = Array.isArray(advertised) ? advertised : [];
  return configured ?? algorithms.find((alg) => listed.includes(alg)) ?? algorithms[0] ?? '';
}

/** Separates a key from its optional `kid`. */
export function unwrapKey(option: PrivateKeyOption): { key: PrivateKey; kid?: string | undefined } {
  return isObject(option) && 'key' in option && !('kty' in option)
    ? (option as { key: PrivateKey; kid?: string })
    : { key: option as PrivateKey };
}

/** Returns the signature algorithms of a key; none if it is not a usable private key. */
function inspect(key: unknown): readonly string[] {
  if (typeof key === 'string') {
    const pem = readPem(key);
    return typeof pem === 'string' ? [] : (algorithmsOf[pem.kind] ?? []);
  }
  if (isCryptoKey(key)) return inspectCryptoKey(key);
  return isObject(key) ? inspectJwk(key) : [];
}

function inspectCryptoKey({ type, usages, algorithm }: CryptoKey): readonly string[] {
  if (type !== 'private' || !usages.includes('sign')) return [];
  if ('namedCurve' in algorithm) return algorithmsOf[String(algorithm.namedCurve)] ?? [];
  if (!('hash' in algorithm)) return algorithmsOf[algorithm.name] ?? [];
  const prefix = algorithm.name === 'RSA-PSS' ? 'PS' : 'RS';
  const { name } = algorithm.hash as KeyAlgorithm;
  return rsa.filter((alg) => alg === prefix + name.slice('SHA-'.length));
}

function inspectJwk(key: Record<string, unknown>): readonly string[] {
  const { kty, crv, alg, use, key_ops: operations } = key;
  const members = requiredMembers[String(kty)] ?? ['kty of another kind'];
  const allowed = Array.isArray(operations) ? operations.includes('sign') : !operations;
  if (use === 'enc' || !allowed || !members.every((name) => typeof key[name] === 'string'))
    return [];
  const known = algorithmsOf[String(kty === 'RSA' ? kty : crv)] ?? [];
  return alg === undefined ? known : known.filter((name) => name === alg);
}

async function importKey(key: PrivateKey, alg: string): Promise<CryptoKey> {
  if (isCryptoKey(key)) return key;
  try {
    if (typeof key === 'string') return await importPem(key, alg);
    const { importJWK } = await import('../platform/jose.js');
    const imported = await importJWK(key as JWK, alg);
    if (!(imported instanceof Uint8Array)) return imported;
  } catch {
    // Falls through to an error that does not quote the key.
  }
  throw new OAuthError(
    'invalid_options',
    `${someKey} could not be imported for ${alg}. Check that it is complete.`,
  );
}

/** A key of which only the client is known. */
const someKey = 'A private key of this client ("privateKey", "dpopKey" or "clientSecretJwt")';

/** Requires RSA keys of at least 2048 bits (RFC 7518 §3.3). */
function strong(key: CryptoKey): CryptoKey {
  const { modulusLength: bits = 2048 } = key.algorithm as Partial<RsaKeyAlgorithm>;
  if (bits >= 2048) return key;
  throw new OAuthError(
    'invalid_options',
    `${someKey} has ${bits} bits. RSA keys must have 2048 bits or more: generate another one.`,
  );
}

async function exportKey(key: string | CryptoKey, alg: string): Promise<JWK> {
  try {
    const { exportJWK } = await import('../platform/jose.js');
    return await exportJWK(
      typeof key === 'string' ? await importPem(key, alg, { extractable: true }) : key,
    );
  } catch {
    throw new OAuthError(
      'invalid_options',
      "The public half of the client's private key cannot be exported. Give an extractable CryptoKey, a JWK or PEM text.",
    );
  }
}

function publicHalf({ kty, crv, x, y, n, e }: Readonly<Record<string, unknown>>): JWK {
  return withoutUndefined({ kty, crv, x, y, n, e }) as unknown as JWK;
}

function isJwk(key: PrivateKey): key is Exclude<PrivateKey, string | CryptoKey> {
  return typeof key !== 'string' && !isCryptoKey(key);
}
