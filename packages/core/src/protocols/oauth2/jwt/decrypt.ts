import type { JWK } from 'jose';
import {
  fromBase64Url,
  isObject,
  withoutNulls,
  withoutUndefined,
} from '../../../platform/encoding.js';
import type {
  PrivateKey,
  PrivateKeyOption,
  RegisterOptions,
} from '../../../options/register-options.js';
import { contentEncryptions, keyManagements } from '../../../options/algorithms.js';
import { isCryptoKey } from '../../../platform/crypto.js';
import { importPem } from '../../../platform/pem.js';
import { unwrapKey } from '../../../options/private-key.js';
import {
  checkLength,
  isEncrypted,
  readJsonObject,
  refusedForm,
  refusedJwt,
  type JwtSubject,
} from '../../../platform/jwt/jws.js';

/** A kind of JWT that a provider may encrypt. */
export interface EncryptedKind extends JwtSubject {
  /** Prefix of the options for its `alg` and `enc`. */
  readonly encrypted: `${'idToken' | 'userinfo' | 'authorization'}EncryptedResponse`;
}

/** The client's options and the maximum size of a signed JWT in bytes; encrypted, it may be twice as large. */
export interface DecryptionContext {
  options: Readonly<RegisterOptions>;
  maxBytes: number;
}

/** OpenID Connect Registration §2. */
const defaultEnc = 'A128CBC-HS256';

/**
 * Decrypts a JWT if its encryption is configured; one that is not encrypted is then rejected. The
 * content must still be verified. Returns the JWT unchanged if no encryption is configured.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7516#section-5.2
 */
export async function decryptJwt(
  jwt: string,
  kind: EncryptedKind,
  { options, maxBytes }: DecryptionContext,
): Promise<string> {
  const alg = options[`${kind.encrypted}Alg`];
  const enc = options[`${kind.encrypted}Enc`] ?? defaultEnc;
  if (alg === undefined) return jwt;
  if (!isEncrypted(jwt)) {
    throw refusedForm(
      kind,
      `it is not encrypted, although "${kind.encrypted}Alg" is set. Check the client settings at ` +
        'the provider.',
    );
  }
  checkLength(jwt, { ...kind, maxBytes: 2 * maxBytes });
  const header = readJweHeader(jwt, kind);
  // A small compressed token may expand without limit.
  if (header['zip'] !== undefined) {
    const problem = '\'s header "zip" announces compression, which is not supported.';
    throw refusedJwt(kind, 'header', problem);
  }
  checkNamed(header, { alg, enc }, kind);
  const { compactDecrypt } = await import('../../../platform/jose.js');
  for (const key of keysFor(options.decryptionKeys ?? [], header['kid'])) {
    try {
      const { plaintext } = await compactDecrypt(jwt, await importDecryptionKey(key, alg), {
        keyManagementAlgorithms: [alg],
        contentEncryptionAlgorithms: [enc],
      });
      return new TextDecoder('utf-8', { fatal: true }).decode(plaintext);
    } catch {
      // Try the next key.
    }
  }
  const problem = ` cannot be decrypted as ${alg} with ${enc} by any of the "decryptionKeys".`;
  throw refusedJwt(kind, 'key', problem);
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
  kind: EncryptedKind,
): void {
  for (const name of ['alg', 'enc'] as const) {
    if (header[name] === wanted[name]) continue;
    const option = `${kind.encrypted}${name === 'alg' ? 'Alg' : 'Enc'}`;
    const problem =
      `'s header "${name}" is ${shownAlgorithm(header[name])}, but this client accepts only ` +
      `"${wanted[name]}". Set "${option}" to change it.`;
    throw refusedJwt(kind, 'algorithm', problem);
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
  const { importJWK } = await import('../../../platform/jose.js');
  return await importJWK(
    withoutUndefined({ kty, crv, x, y, d, n, e, p, q, dp, dq, qi }) as JWK,
    alg,
  );
}
