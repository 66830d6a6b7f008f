import { OAuthError } from '../../../model/errors.js';
import type { Limits } from '../../../options/limits.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { acceptsIssuer } from '../../../platform/issuer.js';
import type { ClaimRule } from '../../../platform/jwt/claim-rules.js';
import type { Jwks } from '../../../platform/jwt/jwks.js';
import type { JwtForm, JwtSubject } from '../../../platform/jwt/jws.js';
import type { JwtPolicy } from '../../../platform/jwt/verify.js';
import type { ServerMetadata } from '../discovery/metadata.js';
import { isSymmetric, signatureAlgorithms } from '../../../platform/jwt/algorithms.js';

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

/** The provider whose JWTs are verified, and the client. */
export interface JwtContext {
  options: Readonly<RegisterOptions>;
  metadata: ServerMetadata;
  jwks: Jwks | undefined;
  limits: Pick<Limits, 'jwtBytes'>;
}

/** A kind of JWT that a provider signs. */
export interface JwtKind extends JwtSubject {
  /** The option with its algorithm. */
  readonly option: `${'idToken' | 'userinfo' | 'authorization' | 'introspection'}SignedResponseAlg`;
  /** The metadata field with the provider's algorithms. */
  readonly supported: `${string}_signing_alg_values_supported`;
  /** Default: `JWT`, which may be absent. */
  readonly types?: JwtForm['types'];
}

/** Returns the policy for a kind of JWT. */
export function policyFor(
  { option, supported, types = [undefined, 'jwt'], what, code }: JwtKind,
  { options, metadata, jwks, limits }: JwtContext,
): Omit<JwtPolicy, 'rules'> {
  return {
    what,
    code,
    types,
    maxBytes: limits.jwtBytes,
    algorithms: allowedAlgorithms(options[option], metadata[supported]),
    jwks,
    clientSecret: options.clientSecret,
  };
}

/** Requires an issuer of this provider. */
export function issuerRule({ options, metadata }: Omit<JwtContext, 'jwks' | 'limits'>): ClaimRule {
  return [
    'iss',
    (iss) => acceptsIssuer(options, metadata, iss),
    'is not the issuer of this provider. Check "issuer" or "serverMetadataUrl".',
  ];
}
