import { compactDecrypt, decodeProtectedHeader, importJWK, importPKCS8, type JWK } from 'jose';
import type { OAuthErrorCode } from '../error-codes.js';
import { OAuthError } from '../errors.js';
import { isObject, withoutUndefined } from '../encoding.js';
import type { PrivateKey, PrivateKeyOption } from '../option-types.js';
import { readPkcs8 } from '../pkcs8.js';
import { unwrapKey } from '../private-key.js';

/** What an encrypted JWT is held against. */
export interface DecryptionPolicy {
  /** What the token is, for messages. */
  what: string;
  /** The code of every refusal. */
  code: OAuthErrorCode;
  /** The one `alg` and the one `enc` that are accepted; nothing in the token can choose another. */
  alg: string;
  enc: string | undefined;
  keys: readonly PrivateKeyOption[];
}

/** OpenID Connect Registration §2. */
const defaultEnc = 'A128CBC-HS256';

const maxLength = 32_768;

/** Tells whether a value has the form of an encrypted JWT (RFC 7516 §7.1). */
export function isEncrypted(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]+(?:\.[\w-]*){4}$/.test(value);
}

/**
 * Opens an encrypted JWT and returns what is in it, which still has to be verified.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7516#section-5.2
 */
export async function decryptJwt(jwe: string, policy: DecryptionPolicy): Promise<string> {
  const { alg, enc = defaultEnc } = policy;
  const { kid, zip } = readHeader(jwe, policy);
  // Compressed, a small token may unfold without bounds.
  if (zip !== undefined) throw refusedJwe(policy, 'is compressed, which is not accepted');
  for (const key of candidates(policy.keys, kid)) {
    try {
      const { plaintext } = await compactDecrypt(jwe, await importKey(key, alg), {
        keyManagementAlgorithms: [alg],
        contentEncryptionAlgorithms: [enc],
      });
      return new TextDecoder('utf-8', { fatal: true }).decode(plaintext);
    } catch {
      // The next key may fit.
    }
  }
  throw refusedJwe(policy, `cannot be decrypted as ${alg} with ${enc} by any of "decryptionKeys"`);
}

function readHeader(jwe: string, policy: DecryptionPolicy): { kid?: unknown; zip?: unknown } {
  if (jwe.length > maxLength) throw refusedJwe(policy, `is longer than ${maxLength} characters`);
  try {
    return decodeProtectedHeader(jwe);
  } catch {
    throw refusedJwe(policy, 'has no readable header');
  }
}

/** Keys with the token's `kid`, else those without one that could contradict it. */
function candidates(keys: readonly PrivateKeyOption[], kid: unknown): PrivateKey[] {
  const all = keys.map(withKid);
  const named = all.filter((entry) => kid !== undefined && entry.kid === kid);
  const others = all.filter((entry) => kid === undefined || entry.kid === undefined);
  return (named.length > 0 ? named : others).map(({ key }) => key);
}

/** A JWK may name itself. */
function withKid(option: PrivateKeyOption): { key: PrivateKey; kid?: unknown } {
  const { key, kid } = unwrapKey(option);
  return { key, kid: kid ?? (isObject(key) ? key['kid'] : undefined) };
}

async function importKey(key: PrivateKey, alg: string): Promise<CryptoKey | Uint8Array> {
  if (typeof key === 'string') return await importPKCS8(readPkcs8(key)?.pem ?? '', alg);
  if (typeof CryptoKey === 'function' && key instanceof CryptoKey) return key;
  const { kty, crv, x, y, d, n, e, p, q, dp, dq, qi } = key as unknown as JWK;
  return await importJWK(
    withoutUndefined({ kty, crv, x, y, d, n, e, p, q, dp, dq, qi }) as JWK,
    alg,
  );
}

/** Builds the error of a refused token. The message never quotes it. */
function refusedJwe({ what, code }: DecryptionPolicy, problem: string): OAuthError {
  return new OAuthError(code, `The ${what} ${problem}. Nothing of it was used.`);
}
