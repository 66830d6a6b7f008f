import { fromBase64Url, isObject } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type { RsaKey } from '../../../options/register-options.js';
import type { Digest } from './hmac.js';
import { readPem, rsaNumbers } from './rsa-pem.js';

/** The smallest modulus taken, in bits. Keys that providers issued long ago are no larger. */
const minBits = 1024;

/** The JWA name of RSASSA-PKCS1-v1_5 with each hash (RFC 7518 §3.3, RFC 8812 §2). */
const algs: Readonly<Record<Digest, string>> = {
  'SHA-1': 'RS1',
  'SHA-256': 'RS256',
  'SHA-512': 'RS512',
};

/**
 * Checks a private RSA key, which takes no waiting, and returns it as the runtime can import it.
 *
 * @throws OAuthError `invalid_options`, without a trace of the key
 */
export function readRsaKey(key: unknown, digest: Digest): JsonWebKey | CryptoKey {
  const read = typeof key === 'string' ? readPem(key) : key;
  if (typeof read === 'string') throw badKey(read);
  if (!isObject(read)) throw badKey(key === undefined ? 'is missing' : 'is no key');
  const problem = isCryptoKey(read) ? cryptoKeyProblem(read, digest) : jwkProblem(read, digest);
  if (problem !== undefined) throw badKey(problem);
  return read;
}

type Imports = Map<Digest, Promise<CryptoKey>>;

const importedObjects = new WeakMap<object, Imports>();
const importedTexts = new Map<string, Imports>();

/** How many PEM texts are remembered; the oldest goes first. Registered clients keep a key as JWK. */
const maxTexts = 100;

/** Reads and imports a key, once for each hash. */
export async function loadRsaKey(key: RsaKey | undefined, digest: Digest): Promise<CryptoKey> {
  const known = findImports(key);
  const importing = known?.get(digest) ?? importKey(readRsaKey(key, digest), digest);
  if (known) known.set(digest, importing);
  else if (key !== undefined) remember(key, new Map([[digest, importing]]));
  return await importing;
}

function findImports(key: RsaKey | undefined): Imports | undefined {
  if (typeof key === 'string') return importedTexts.get(key);
  return key && importedObjects.get(key);
}

function remember(key: RsaKey, imports: Imports): void {
  if (typeof key !== 'string') {
    importedObjects.set(key, imports);
    return;
  }
  const [oldest] = importedTexts.keys();
  if (importedTexts.size >= maxTexts && oldest !== undefined) importedTexts.delete(oldest);
  importedTexts.set(key, imports);
}

async function importKey(key: JsonWebKey | CryptoKey, hash: Digest): Promise<CryptoKey> {
  if (isCryptoKey(key)) return key;
  // Other members, such as "alg", were checked, and runtimes differ in what they make of them.
  const numbers = Object.fromEntries(rsaNumbers.map((name) => [name, key[name]]));
  const jwk = { kty: 'RSA', ...numbers };
  try {
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash };
    return await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']);
  } catch {
    throw badKey('is refused by the runtime');
  }
}

function isCryptoKey(key: object): key is CryptoKey {
  return 'algorithm' in key && 'usages' in key;
}

function cryptoKeyProblem(key: CryptoKey, digest: Digest): string | undefined {
  const { name, hash, modulusLength } = key.algorithm as Partial<RsaHashedKeyAlgorithm>;
  if (name !== 'RSASSA-PKCS1-v1_5') return 'is a CryptoKey for another algorithm';
  if (key.type !== 'private') return 'is public: a signature needs the private key';
  if (hash?.name !== digest) return `is a CryptoKey for another hash than ${digest}`;
  if (!key.usages.includes('sign')) return 'is a CryptoKey that may not sign';
  return sizeProblem(modulusLength ?? 0);
}

function jwkProblem(jwk: JsonWebKey, digest: Digest): string | undefined {
  if (jwk.kty !== 'RSA') return 'is of another kind, not an RSA key';
  if (jwk.d === undefined) return 'is public: a signature needs the private key';
  const meant = jwk.alg ?? algs[digest];
  if (meant !== algs[digest]) return `is meant for another "alg" than ${algs[digest]}`;
  if (!(jwk.key_ops ?? ['sign']).includes('sign') || (jwk.use ?? 'sig') !== 'sig') {
    return 'is not meant for signatures, by its "use" or "key_ops"';
  }
  return numbersProblem(jwk);
}

function numbersProblem(jwk: JsonWebKey): string | undefined {
  const numbers: bigint[] = [];
  for (const name of rsaNumbers) {
    const bytes = fromBase64Url(jwk[name] ?? '');
    if (bytes === undefined) return `is incomplete: "${name}" is missing or no base64url`;
    numbers.push(
      BigInt(`0x${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`),
    );
  }
  const [n = 0n] = numbers;
  return (
    sizeProblem(n.toString(2).length) ??
    (belongTogether(numbers) ? undefined : 'is damaged: its numbers do not belong together')
  );
}

/** The relations of RFC 8017 §3.2, without which a runtime may sign rubbish, or give the key away. */
function belongTogether(numbers: readonly bigint[]): boolean {
  const [n = 0n, e = 0n, d = 0n, p = 0n, q = 0n, dp = 0n, dq = 0n, qi = 0n] = numbers;
  if (p < 3n || q < 3n || e < 3n || p * q !== n) return false;
  const inverse = (e * dp) % (p - 1n) === 1n && (e * dq) % (q - 1n) === 1n && (q * qi) % p === 1n;
  return inverse && d % (p - 1n) === dp && d % (q - 1n) === dq;
}

function sizeProblem(bits: number): string | undefined {
  return bits < minBits ? `has ${bits} bits, which is too few` : undefined;
}

function badKey(problem: string): OAuthError {
  return new OAuthError(
    'invalid_options',
    `"rsaKey" ${problem}. It must be a private RSA key of ${minBits} bits or more, as PEM text ` +
      '(PKCS#1 or PKCS#8), JWK or CryptoKey.',
  );
}
