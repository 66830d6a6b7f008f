import { compactDecrypt, importJWK, importPKCS8, type JWK } from 'jose';
import {
  fromBase64Url,
  isObject,
  withoutNulls,
  withoutUndefined,
} from '../../../platform/encoding.js';
import type { PrivateKey, PrivateKeyOption } from '../../../options/register-options.js';
import { contentEncryptions, keyManagements } from '../../../options/openid.js';
import { readPkcs8 } from '../../../platform/pkcs8.js';
import { unwrapKey } from '../../../options/private-key.js';
import { checkLength, readJsonObject, refusedJwt, type JwtSubject } from './jws.js';

/** What an encrypted JWT is held against. */
export interface DecryptionPolicy extends JwtSubject {
  /** The most bytes the signed JWT in it may have; an encrypted one may have twice as many. */
  maxBytes: number;
  /** The beginning of the names of the options for `alg` and `enc`: `idTokenEncryptedResponse`. */
  option: string;
  /** The one `alg` and the one `enc` that are accepted; nothing in the token can choose another. */
  alg: string;
  enc: string | undefined;
  keys: readonly PrivateKeyOption[];
}

/** OpenID Connect Registration §2. */
const defaultEnc = 'A128CBC-HS256';

/**
 * Decrypts a JWT and returns what is in it, which still has to be verified.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7516#section-5.2
 */
export async function decryptJwt(jwe: string, policy: DecryptionPolicy): Promise<string> {
  const { alg, enc = defaultEnc } = policy;
  checkLength(jwe, { ...policy, maxBytes: 2 * policy.maxBytes });
  const header = readJweHeader(jwe, policy);
  // Compressed, a small token may unfold without bounds.
  if (header['zip'] !== undefined) {
    throw refusedJwt(
      policy,
      'header',
      `'s header "zip" says that it is compressed, which is refused.`,
    );
  }
  checkNamed(header, { alg, enc }, policy);
  for (const key of candidates(policy.keys, header['kid'])) {
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
  const problem = ` cannot be decrypted as ${alg} with ${enc} by the key of any of "decryptionKeys".`;
  throw refusedJwt(policy, 'key', problem);
}

/** Reads the protected header of an encrypted JWT. */
export function readJweHeader(jwe: string, subject: JwtSubject): Record<string, unknown> {
  const bytes = fromBase64Url(jwe.slice(0, jwe.indexOf('.')));
  return withoutNulls(readJsonObject(bytes, 'header', subject));
}

/** Says which algorithms an encrypted JWT has, and which option would accept them. */
function checkNamed(
  header: Record<string, unknown>,
  wanted: { alg: string; enc: string },
  policy: DecryptionPolicy,
): void {
  for (const name of ['alg', 'enc'] as const) {
    if (header[name] === wanted[name]) continue;
    const option = `${policy.option}${name === 'alg' ? 'Alg' : 'Enc'}`;
    const problem =
      `'s header "${name}" is ${shownAlgorithm(header[name])}, and this client accepts "${wanted[name]}" alone. ` +
      `"${option}" sets it.`;
    throw refusedJwt(policy, 'algorithm', problem);
  }
}

/** An algorithm of a header: shown when it is one that there is. */
export function shownAlgorithm(value: unknown): string {
  const known = [...keyManagements, ...contentEncryptions].find((one) => one === value);
  return known === undefined ? 'one that is not supported' : `"${known}"`;
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
