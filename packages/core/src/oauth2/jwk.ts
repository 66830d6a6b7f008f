import { importJWK, type JWK } from 'jose';
import { isObject, withoutUndefined } from '../encoding.js';
import { signatureAlgorithms } from '../signature-algorithms.js';
import type { JwsHeader } from './jwt.js';

const minModulusLength = 2048;

/** Imports are kept as long as their JWK, and per algorithm: a key without `alg` fits several. */
const imports = new WeakMap<JWK, Map<string, Promise<CryptoKey | undefined>>>();

/**
 * Picks the keys of a JWK Set that can have made a signature. Keys that are unknown, malformed or too
 * weak are passed over; they never spoil the set.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7517#section-5
 * @see https://www.rfc-editor.org/rfc/rfc7518#section-3.3
 */
export async function usableKeys(
  keys: readonly unknown[],
  header: JwsHeader,
): Promise<CryptoKey[]> {
  const candidates = keys.filter((key): key is JWK => isCandidate(key, header));
  const imported = await Promise.all(candidates.map((key) => importOnce(key, header.alg)));
  return imported.filter((key) => key !== undefined);
}

function isCandidate(key: unknown, { alg, kid }: JwsHeader): boolean {
  const wanted = signatureAlgorithms.get(alg);
  return (
    isObject(key) &&
    wanted !== undefined &&
    wanted.kty !== 'oct' &&
    key['kty'] === wanted.kty &&
    (wanted.crv === undefined || key['crv'] === wanted.crv) &&
    (kid === undefined || key['kid'] === kid) &&
    (key['use'] === undefined || key['use'] === 'sig') &&
    (key['alg'] === undefined || key['alg'] === alg) &&
    allowsVerify(key['key_ops'])
  );
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

/** Imports the public members only, so that odd metadata or a private part does not matter. */
async function importPublic(key: JWK, alg: string): Promise<CryptoKey | undefined> {
  const { kty, crv, x, y, n, e } = key;
  const members = withoutUndefined({ kty, crv, x, y, n, e });
  try {
    const imported = await importJWK(members as JWK, alg);
    return imported instanceof Uint8Array || !isStrong(imported) ? undefined : imported;
  } catch {
    return undefined;
  }
}

/** Refuses RSA keys that can be factored or whose signatures anybody can write (exponent 1). */
function isStrong(key: CryptoKey): boolean {
  if (!('modulusLength' in key.algorithm)) return true;
  const { modulusLength, publicExponent } = key.algorithm as RsaHashedKeyAlgorithm;
  const [first = 0, ...rest] = publicExponent.slice(publicExponent.findIndex((byte) => byte !== 0));
  return modulusLength >= minModulusLength && (first >= 3 || rest.length > 0);
}
