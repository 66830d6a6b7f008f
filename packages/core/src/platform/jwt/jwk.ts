import type { JWK } from 'jose';
import { importJWK } from 'jose/key/import';
import { isObject, withoutNulls, withoutUndefined } from '../encoding.js';
import { signatureAlgorithms } from './algorithms.js';
import type { JwsHeader } from './jws.js';

const minModulusLength = 2048;

/** Minimum length of the base64url modulus of a key with {@link minModulusLength} bits. */
const minModulusText = Math.ceil(minModulusLength / 6);

/** Imported keys by JWK and algorithm: a key without `alg` fits several. */
const imports = new WeakMap<JWK, Map<string, Promise<CryptoKey | undefined>>>();

/**
 * The usable keys of each set, by `alg` and `kid`. Only headers with a usable key are cached, so that
 * tokens with invented `kid`s add nothing.
 */
const usable = new WeakMap<readonly unknown[], Map<string, readonly CryptoKey[]>>();

/**
 * Returns the keys of a JWK Set that may have made a signature. Unknown, malformed or weak keys are
 * skipped and do not invalidate the set.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7517#section-5
 * @see https://www.rfc-editor.org/rfc/rfc7518#section-3.3
 */
export async function usableKeys(
  keys: readonly unknown[],
  header: JwsHeader,
): Promise<readonly CryptoKey[]> {
  const known = importedKeys(keys, header);
  if (known) return known;
  const candidates = keys.filter((key): key is JWK => isCandidate(key, header));
  const imported = await Promise.all(
    distinct(candidates).map((key) => importOnce(key, header.alg)),
  );
  const found = imported.filter((key) => key !== undefined);
  if (found.length > 0) {
    const ofSet = usable.get(keys) ?? new Map<string, readonly CryptoKey[]>();
    usable.set(keys, ofSet.set(nameOf(header), found));
  }
  return found;
}

/** Returns the same, if they have been found before. */
export function importedKeys(
  keys: readonly unknown[],
  header: JwsHeader,
): readonly CryptoKey[] | undefined {
  return usable.get(keys)?.get(nameOf(header));
}

function nameOf({ alg, kid }: JwsHeader): string {
  return JSON.stringify([alg, kid]);
}

/** Removes duplicate keys. */
function distinct(keys: readonly JWK[]): JWK[] {
  const known = new Map(keys.toReversed().map((key) => [JSON.stringify(publicMembers(key)), key]));
  return [...known.values()].toReversed();
}

function isCandidate(given: unknown, { alg, kid }: JwsHeader): boolean {
  const wanted = signatureAlgorithms.get(alg);
  const key = isObject(given) ? withoutNulls(given) : undefined;
  return (
    key !== undefined &&
    wanted !== undefined &&
    wanted.kty !== 'oct' &&
    key['kty'] === wanted.kty &&
    (wanted.crv === undefined || key['crv'] === wanted.crv) &&
    (kid === undefined || key['kid'] === kid) &&
    (key['use'] === undefined || key['use'] === 'sig') &&
    (key['alg'] === undefined || key['alg'] === alg) &&
    allowsVerify(key['key_ops']) &&
    isComplete(key)
  );
}

/** Validates the members before the import, which is much slower. */
function isComplete({ kty, n, e, x, y }: Record<string, unknown>): boolean {
  if (kty === 'RSA') return hasText(n, minModulusText) && hasText(e);
  return hasText(x) && (kty !== 'EC' || hasText(y));
}

function hasText(value: unknown, least = 1): boolean {
  return typeof value === 'string' && value.length >= least && /^[\w-]+$/.test(value);
}

function allowsVerify(operations: unknown): boolean {
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'));
}

function importOnce(key: JWK, alg: string): Promise<CryptoKey | undefined> {
  const known = imports.get(key) ?? new Map<string, Promise<CryptoKey | undefined>>();
  imports.set(key, known);
  const imported = known.get(alg) ?? importPublic(key, alg);
  known.set(alg, imported);
  return imported;
}

/** Imports only the public members, so that other metadata or a private part is ignored. */
async function importPublic(key: JWK, alg: string): Promise<CryptoKey | undefined> {
  try {
    const imported = await importJWK(publicMembers(key), alg);
    return imported instanceof Uint8Array || !isStrong(imported) ? undefined : imported;
  } catch {
    return undefined;
  }
}

function publicMembers({ kty, crv, x, y, n, e }: JWK): JWK {
  return withoutNulls(withoutUndefined({ kty, crv, x, y, n, e })) as JWK;
}

/**
 * Rejects RSA keys that can be factored or whose signatures can be forged (exponent 1). Web Crypto
 * returns the exponent without leading zeros.
 */
function isStrong(key: CryptoKey): boolean {
  if (!('modulusLength' in key.algorithm)) return true;
  const { modulusLength, publicExponent } = key.algorithm as RsaHashedKeyAlgorithm;
  const [first = 0, ...rest] = publicExponent;
  return modulusLength >= minModulusLength && (first >= 3 || rest.length > 0);
}
