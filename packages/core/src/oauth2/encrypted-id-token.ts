import type { RegisterOptions } from '../option-types.js';
import type { OAuth2Token } from '../types.js';
import { decryptJwt, isEncrypted } from './decrypt.js';
import { refusedIdToken } from './jwt.js';

/** Decrypts an id_token that is encrypted to this client; returns any other as it is, for its verifier to judge. */
export async function decryptedIdToken(
  options: Readonly<RegisterOptions>,
  idToken: unknown,
): Promise<unknown> {
  const {
    idTokenEncryptedResponseAlg: alg,
    idTokenEncryptedResponseEnc: enc,
    decryptionKeys: keys,
  } = options;
  if (alg === undefined || keys === undefined || !isEncrypted(idToken)) return idToken;
  return await decryptJwt(idToken, { what: 'id_token', code: 'invalid_id_token', alg, enc, keys });
}

/** Puts the signed id_token in the place of the encrypted one, which it must have come in where the client says so. */
export async function openIdToken<T extends Partial<OAuth2Token>>(
  options: Readonly<RegisterOptions>,
  token: T,
): Promise<T> {
  const { id_token: idToken } = token;
  if (options.idTokenEncryptedResponseAlg === undefined || idToken === undefined) return token;
  if (isEncrypted(idToken)) {
    return { ...token, id_token: (await decryptedIdToken(options, idToken)) as string };
  }
  throw refusedIdToken(
    'The id_token is not encrypted, which "idTokenEncryptedResponseAlg" asks for. Check the client ' +
      'settings at the provider.',
  );
}
