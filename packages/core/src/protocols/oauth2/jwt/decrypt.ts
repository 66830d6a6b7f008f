import { compactDecrypt, importJWK, type JWK } from 'jose';
import {
  fromBase64Url,
  isObject,
  withoutNulls,
  withoutUndefined,
} from '../../../platform/encoding.js';
import type { PrivateKey, PrivateKeyOption } from '../../../options/register-options.js';
import { contentEncryptions, keyManagements } from '../../../options/algorithms.js';
import { isCryptoKey } from '../../../platform/crypto.js';
import { importPem } from '../../../platform/pem.js';
import { unwrapKey } from '../../../options/private-key.js';
import { checkLength, readJsonObject, refusedJwt, type JwtSubject } from './jws.js';

/** Parameters for decrypting a JWT. */
export interface DecryptionPolicy extends JwtSubject {
  /**
   * Maximum size of the signed JWT inside, in bytes. The encrypted one may have twice that size.
   */
  maxBytes: number;
  /** Prefix of the option names for `alg` and `enc`: `idTokenEncryptedResponse`. */
  option: string;
  /** The only accepted `alg` and `enc`. The token cannot select others. */
  alg: string;
  enc: string | undefined;
  keys: readonly PrivateKeyOption[];
}

/** OpenID Connect Registration §2. */
const defaultEnc = 'A128CBC-HS256';

/**
 * Decrypts a JWT and returns its content, which must still be verified.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7516#section-5.2
 */
export async function decryptJwt(jwe: string, policy: DecryptionPolicy): Promise<string> {
  const { alg, enc = defaultEnc } = policy;
  checkLength(jwe, { ...policy, maxBytes: 2 * policy.maxBytes });
  const header = readJweHeader(jwe, policy);
  // A small compressed token may expand without limit.
  if (header['zip'] !== undefined) {
    throw refusedJwt(
      policy,
      'header',
      '\'s header "zip" announces compression, which is not supported.',
    );
  }
  checkNamed(header, { alg, enc }, policy);
  for (const key of keysFor(policy.keys, header['kid'])) {
    try {
      const { plaintext } = await compactDecrypt(jwe, await importDecryptionKey(key, alg), {
        keyManagementAlgorithms: [alg],
        contentEncryptionAlgorithms: [enc],
      });
      return new TextDecoder('utf-8', { fatal: true }).decode(plaintext);
    } catch {
      // Try the next key.
    }
  }
  const problem = ` cannot be decrypted as ${alg} with ${enc} by any of the "decryptionKeys".`;
  throw refusedJwt(policy, 'key', problem);
}

/** Parses the protected header of an encrypted JWT. */
export function readJweHeader(jwe: string, subject: JwtSubject): Record<string, unknown> {
  const bytes = fromBase64Url(jwe.slice(0, jwe.indexOf('.')));
  return withoutNulls(readJsonObject(bytes, 'header', subject));
}

/** Validates the algorithms of an encrypted JWT. The error names the option to change. */
function checkNamed(
  header: Record<string, unknown>,
  wanted: { alg: string; enc: string },
  policy: DecryptionPolicy,
): void {
  for (const name of ['alg', 'enc'] as const) {
    if (header[name] === wanted[name]) continue;
    const option = `${policy.option}${name === 'alg' ? 'Alg' : 'Enc'}`;
    const problem =
      `'s header "${name}" is ${shownAlgorithm(header[name])}, but this client accepts only ` +
      `"${wanted[name]}". Set "${option}" to change it.`;
    throw refusedJwt(policy, 'algorithm', problem);
  }
}

/** Returns an algorithm for a message, only if it is a known one. */
export function shownAlgorithm(value: unknown): string {
  const known = [...keyManagements, ...contentEncryptions].find((one) => one === value);
  return known === undefined ? 'an unsupported algorithm' : `"${known}"`;
}

/** Returns the keys with the token's `kid`, or else those without a `kid`. */
function keysFor(keys: readonly PrivateKeyOption[], kid: unknown): PrivateKey[] {
  const all = keys.map(withKid);
  const named = all.filter((entry) => kid !== undefined && entry.kid === kid);
  const others = all.filter((entry) => kid === undefined || entry.kid === undefined);
  return (named.length > 0 ? named : others).map(({ key }) => key);
}

/** Reads the `kid` of a JWK. */
function withKid(option: PrivateKeyOption): { key: PrivateKey; kid?: unknown } {
  const { key, kid } = unwrapKey(option);
  return { key, kid: kid ?? (isObject(key) ? key['kid'] : undefined) };
}

async function importDecryptionKey(key: PrivateKey, alg: string): Promise<CryptoKey | Uint8Array> {
  if (typeof key === 'string') return await importPem(key, alg);
  if (isCryptoKey(key)) return key;
  const { kty, crv, x, y, d, n, e, p, q, dp, dq, qi } = key as unknown as JWK;
  return await importJWK(
    withoutUndefined({ kty, crv, x, y, d, n, e, p, q, dp, dq, qi }) as JWK,
    alg,
  );
}
