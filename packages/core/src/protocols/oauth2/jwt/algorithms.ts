import { OAuthError } from '../../../model/errors.js';
import { isSymmetric, signatureAlgorithms } from '../../../platform/jws-algorithms.js';

/**
 * Decides which algorithms a JWT of the provider may be signed with. The configured one, for which the client is
 * registered, wins; else what the provider advertises, as far as it is signed with a private key. HS256
 * and its kin have to be configured: metadata must not be able to turn a public text into a key.
 *
 * @see https://openid.net/specs/openid-connect-registration-1_0.html#ClientMetadata
 * @see https://www.rfc-editor.org/rfc/rfc8725#section-3.1
 */
export function allowedAlgorithms(configured: string | undefined, advertised: unknown): string[] {
  const known = [...signatureAlgorithms.keys()];
  if (configured !== undefined) {
    if (known.includes(configured)) return [configured];
    throw new OAuthError(
      'invalid_options',
      `The configured signature algorithm must be one of ${known.join(', ')}. Unsigned tokens are never accepted.`,
    );
  }
  const asymmetric = known.filter((alg) => !isSymmetric(alg));
  return Array.isArray(advertised)
    ? asymmetric.filter((alg) => advertised.includes(alg))
    : asymmetric;
}
