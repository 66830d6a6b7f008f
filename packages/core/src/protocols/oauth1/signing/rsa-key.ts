import { BoundedCache } from '../../../platform/bounded-cache.js';
import { isCryptoKey } from '../../../platform/crypto.js';
import { fromBase64Url, isObject } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type { RsaKey } from '../../../options/register-options.js';
import type { Digest } from './hmac.js';
import { readPem, rsaNumbers } from './rsa-pem.js';

/** Minimum modulus length in bits. Providers issued such short keys long ago. */
const minBits = 1024;

/** The JWA name of RSASSA-PKCS1-v1_5 with each hash (RFC 7518 §3.3, RFC 8812 §2). */
const algs: Readonly<Record<Digest, string>> = {
  'SHA-1': 'RS1',
  'SHA-256': 'RS256',
  'SHA-512': 'RS512',
};

/**
 * Validates a private RSA key synchronously and returns it in a form the runtime can import.
 *
 * @throws OAuthError `invalid_options`, without any part of the key
 */
export function readRsaKey(key: unknown, digest: Digest): JsonWebKey | CryptoKey {
  const read = typeof key === 'string' ? readPem(key) : key;
  if (typeof read === 'string') throw badKey(read);
  if (!isObject(read)) throw badKey(key === undefined ? 'is missing' : 'is not a key');
  const problem = isCryptoKey(read) ? cryptoKeyProblem(read, digest) : jwkProblem(read, digest);
  if (problem !== undefined) throw badKey(problem);
  return read;
}

type Imports = Map<Digest, Promise<CryptoKey>>;

const importedObjects = new WeakMap<object, Imports>();
/** Imports of PEM texts, at most 100. Registered clients hold a JWK. */
const importedTexts = new BoundedCache<Imports>(100);

/** Parses and imports a key, once for each hash. */
export async function loadRsaKey(key: RsaKey | undefined, digest: Digest): Promise<CryptoKey> {
  const known = findImports(key);
  const importing = known?.get(digest) ?? importRsaKey(readRsaKey(key, digest), digest);
  if (known) known.set(digest, importing);
  else if (key !== undefined) remember(key, new Map([[digest, importing]]));
  return await importing;
}

function findImports(key: RsaKey | undefined): Imports | undefined {
  if (typeof key === 'string') return importedTexts.get(key);
  return key && importedObjects.get(key);
}

function remember(key: RsaKey, imports: Imports): void {
  if (typeof key === 'string') importedTexts.set(key, imports);
  else importedObjects.set(key, imports);
}

async function importRsaKey(key: JsonWebKey | CryptoKey, hash: Digest): Promise<CryptoKey> {
  if (isCryptoKey(key)) return key;
  // Other members, such as "alg", are already validated, and runtimes treat them differently.
  const numbers = Object.fromEntries(rsaNumbers.map((name) => [name, key[name]]));
  const jwk = { kty: 'RSA', ...numbers };
  try {
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash };
    return await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']);
  } catch {
    throw badKey('was rejected by the runtime');
  }
}

function cryptoKeyProblem(key: CryptoKey, digest: Digest): string | undefined {
  const { name, hash, modulusLength } = key.algorithm as Partial<RsaHashedKeyAlgorithm>;
  if (name !== 'RSASSA-PKCS1-v1_5') return 'is a CryptoKey for another algorithm';
  if (key.type !== 'private') return 'is a public key: a signature needs the private key';
  if (hash?.name !== digest) return `is a CryptoKey for another hash than ${digest}`;
  if (!key.usages.includes('sign')) return 'is a CryptoKey without the usage "sign"';
  return sizeProblem(modulusLength ?? 0);
}

function jwkProblem(jwk: JsonWebKey, digest: Digest): string | undefined {
  if (jwk.kty !== 'RSA') return 'is not an RSA key';
  if (jwk.d === undefined) return 'is a public key: a signature needs the private key';
  const meant = jwk.alg ?? algs[digest];
  if (meant !== algs[digest]) return `has another "alg" than ${algs[digest]}`;
  if (!(jwk.key_ops ?? ['sign']).includes('sign') || (jwk.use ?? 'sig') !== 'sig') {
    return 'is not a signing key, by its "use" or "key_ops"';
  }
  return numbersProblem(jwk);
}

function numbersProblem(jwk: JsonWebKey): string | undefined {
  const numbers: bigint[] = [];
  for (const name of rsaNumbers) {
    const bytes = fromBase64Url(jwk[name] ?? '');
    if (bytes === undefined) return `is incomplete: "${name}" is missing or not base64url`;
    numbers.push(
      BigInt(`0x${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`),
    );
  }
  const [n = 0n] = numbers;
  return (
    sizeProblem(n.toString(2).length) ??
    (belongTogether(numbers) ? undefined : 'is invalid: its numbers do not match')
  );
}

/**
 * Checks the relations of RFC 8017 §3.2. Without them, a runtime may sign wrongly or leak the key.
 */
function belongTogether(numbers: readonly bigint[]): boolean {
  const [n = 0n, e = 0n, d = 0n, p = 0n, q = 0n, dp = 0n, dq = 0n, qi = 0n] = numbers;
  if (p < 3n || q < 3n || e < 3n || p * q !== n) return false;
  const inverse = (e * dp) % (p - 1n) === 1n && (e * dq) % (q - 1n) === 1n && (q * qi) % p === 1n;
  return inverse && d % (p - 1n) === dp && d % (q - 1n) === dq;
}

function sizeProblem(bits: number): string | undefined {
  return bits < minBits ? `has ${bits} bits, which is too short` : undefined;
}

function badKey(problem: string): OAuthError {
  return new OAuthError(
    'invalid_options',
    `"rsaKey" ${problem}. It must be a private RSA key of ${minBits} bits or more, as PEM text ` +
      '(PKCS#1 or PKCS#8), JWK or CryptoKey.',
  );
}
