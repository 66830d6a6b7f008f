import type { RegisterOptions } from '../../../options/register-options.js';
import type { OAuth2Token } from '../../../model/types.js';
import { decryptJwt, readJweHeader, shownAlgorithm } from '../jwt/decrypt.js';
import { idTokenSubject } from './id-token.js';
import { isEncrypted, refusedForm } from '../jwt/jws.js';

/** The client's options and the maximum size of an id_token in bytes. */
export interface IdTokenForm {
  options: Readonly<RegisterOptions>;
  maxBytes: number;
}

/** Decrypts an encrypted id_token. Returns any other unchanged. */
export async function decryptedIdToken(
  { options, maxBytes }: IdTokenForm,
  idToken: unknown,
): Promise<unknown> {
  const {
    idTokenEncryptedResponseAlg: alg,
    idTokenEncryptedResponseEnc: enc,
    decryptionKeys: keys,
  } = options;
  if (keys === undefined || !isEncrypted(idToken)) return idToken;
  if (alg === undefined) {
    const { alg: used, enc: content } = readJweHeader(idToken, idTokenSubject);
    throw refusedForm(
      idTokenSubject,
      `it is encrypted, with alg ${shownAlgorithm(used)} and enc ` +
        `${shownAlgorithm(content)}, but encryption is not configured. Set ` +
        '"idTokenEncryptedResponseAlg", and "idTokenEncryptedResponseEnc" if it is not ' +
        'A128CBC-HS256.',
    );
  }
  const policy = {
    ...idTokenSubject,
    maxBytes,
    option: 'idTokenEncryptedResponse',
    alg,
    enc,
    keys,
  };
  return await decryptJwt(idToken, policy);
}

/**
 * Replaces an encrypted id_token by the signed one inside. Rejects an unencrypted one if encryption
 * is configured.
 */
export async function decryptIdToken<T extends Partial<OAuth2Token>>(
  form: IdTokenForm,
  token: T,
): Promise<T> {
  const { id_token: idToken } = token;
  if (form.options.idTokenEncryptedResponseAlg === undefined || idToken === undefined) return token;
  if (isEncrypted(idToken)) {
    return { ...token, id_token: (await decryptedIdToken(form, idToken)) as string };
  }
  throw refusedForm(
    idTokenSubject,
    'it is not encrypted, although "idTokenEncryptedResponseAlg" is set. Check the client ' +
      'settings at the provider.',
  );
}
