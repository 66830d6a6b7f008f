import { BoundedCache } from '../../../platform/bounded-cache.js';
import { isCryptoKey } from '../../../platform/crypto.js';
import { fromBase64Url, isObject } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type { RsaKey } from '../../../options/register-options.js';
import { readPem, type PemKey } from '../../../platform/pem.js';
import type { Digest } from './types.js';

/** The JWK names of the numbers of a private RSA key (RFC 7518 §6.3). */
const rsaNumbers = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const;

/** Minimum modulus length in bits. Providers issued such short keys long ago. */
const minBits = 1024;

/** The JWA name of RSASSA-PKCS1-v1_5 with each hash (RFC 7518 §3.3, RFC 8812 §2). */
const algs: Readonly<Record<Digest, string>> = {
  'SHA-1': 'RS1',
  'SHA-256': 'RS256',
  'SHA-512': 'RS512',
};

/**
 * Validates a private RSA key synchronously and returns it in a form the runtime can import: a JWK,
 * or PEM text in runtimes that cannot convert it.
 *
 * @throws OAuthError `invalid_options`, without any part of the key
 */
export function readRsaKey(key: unknown, digest: Digest): JsonWebKey | CryptoKey | string {
  const read = typeof key === 'string' ? readRsaPem(key) : { jwk: key };
  if ('pkcs8' in read && !read.jwk) return key as string;
  const { jwk } = read;
  if (!isObject(jwk)) throw badKey(jwk === undefined ? 'is missing' : 'is not a key');
  const problem = isCryptoKey(jwk) ? cryptoKeyProblem(jwk, digest) : jwkProblem(jwk, digest);
  if (problem !== undefined) throw badKey(problem);
  return jwk;
}

function readRsaPem(text: string): PemKey {
  const read = readPem(text);
  if (typeof read === 'string') throw badKey(read);
  if (read.kind === 'RSA') return read;
  throw badKey(`is ${read.kind.startsWith('P-') ? 'an EC key, ' : ''}not an RSA key`);
}

type Imports = Map<Digest, Promise<CryptoKey>>;

const importedObjects = new WeakMap<object, Imports>();
/** Imports of PEM texts, at most 100. Registered clients hold a JWK. */
const importedTexts = new BoundedCache<Imports>(100);

/** Parses and imports a key, once for each hash. */
export async function loadRsaKey(key: RsaKey | undefined, digest: Digest): Promise<CryptoKey> {
  const imports = importsOf(key);
  const importing = imports.get(digest) ?? importRsaKey(readRsaKey(key, digest), digest);
  imports.set(digest, importing);
  return await importing;
}

function importsOf(key: RsaKey | undefined): Imports {
  const known = typeof key === 'string' ? importedTexts.get(key) : key && importedObjects.get(key);
  const imports: Imports = known ?? new Map();
  if (typeof key === 'string') importedTexts.set(key, imports);
  else if (isObject(key)) importedObjects.set(key, imports);
  return imports;
}

async function importRsaKey(
  key: JsonWebKey | CryptoKey | string,
  hash: Digest,
): Promise<CryptoKey> {
  if (isCryptoKey(key)) return key;
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash };
  const imported = await (
    typeof key === 'string'
      ? crypto.subtle.importKey('pkcs8', readRsaPem(key).pkcs8, algorithm, false, ['sign'])
      : crypto.subtle.importKey('jwk', onlyNumbers(key), algorithm, false, ['sign'])
  ).catch(() => {
    throw badKey('was rejected by the runtime');
  });
  const problem = cryptoKeyProblem(imported, hash);
  if (problem !== undefined) throw badKey(problem);
  return imported;
}

/** Other members, such as "alg", are already validated, and runtimes treat them differently. */
function onlyNumbers(jwk: JsonWebKey): JsonWebKey {
  return { kty: 'RSA', ...Object.fromEntries(rsaNumbers.map((name) => [name, jwk[name]])) };
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
