import { OAuthError } from '../../../model/errors.js';
import { isSymmetric, signatureAlgorithms } from '../../../platform/jws-algorithms.js';

/**
 * Returns the allowed signature algorithms of the provider's JWTs: the configured one, or else the
 * asymmetric ones the provider advertises. HS256, HS384 and HS512 must be configured: metadata must
 * not be able to turn a public value into a key.
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
      `The configured signature algorithm must be one of ${known.join(', ')}. Unsigned ` +
        'tokens are always rejected.',
    );
  }
  const asymmetric = known.filter((alg) => !isSymmetric(alg));
  return Array.isArray(advertised)
    ? asymmetric.filter((alg) => advertised.includes(alg))
    : asymmetric;
}
