import type { OAuth2Token } from '../../../model/types.js';
import {
  decryptJwt,
  readJweHeader,
  shownAlgorithm,
  type DecryptionContext,
} from '../jwt/decrypt.js';
import { isEncrypted, refusedForm } from '../../../platform/jwt/jws.js';
import { idTokenKind } from './id-token.js';

/** Decrypts an encrypted id_token. Returns any other unchanged. */
export async function decryptedIdToken(
  context: DecryptionContext,
  idToken: unknown,
): Promise<unknown> {
  const { decryptionKeys: keys, idTokenEncryptedResponseAlg: configured } = context.options;
  if (keys === undefined || !isEncrypted(idToken)) return idToken;
  if (configured !== undefined) return await decryptJwt(idToken, idTokenKind, context);
  const { alg, enc } = readJweHeader(idToken, idTokenKind);
  throw refusedForm(
    idTokenKind,
    `it is encrypted, with alg ${shownAlgorithm(alg)} and enc ${shownAlgorithm(enc)}, but ` +
      'encryption is not configured. Set "idTokenEncryptedResponseAlg", and ' +
      '"idTokenEncryptedResponseEnc" if it is not A128CBC-HS256.',
  );
}

/**
 * Replaces an encrypted id_token by the signed one inside. Rejects an unencrypted one if encryption
 * is configured.
 */
export async function decryptIdToken<T extends Partial<OAuth2Token>>(
  context: DecryptionContext,
  token: T,
): Promise<T> {
  const { id_token: idToken } = token;
  if (idToken === undefined) return token;
  return { ...token, id_token: await decryptJwt(idToken, idTokenKind, context) };
}
