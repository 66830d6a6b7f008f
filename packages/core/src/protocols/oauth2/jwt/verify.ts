import type { RegisterOptions } from '../../../options/register-options.js';
import type { Limits } from '../../../options/limits.js';
import { leewayOf } from '../../../options/openid.js';
import { isSymmetric } from '../../../platform/jws-algorithms.js';
import { nowSeconds } from '../../../platform/crypto.js';
import { toBytes, withoutNulls } from '../../../platform/encoding.js';
import { acceptsIssuer } from '../discovery/issuer.js';
import type { Jwks } from './jwks.js';
import {
  readCompactJws,
  readHeader,
  readJsonObject,
  refusedClaim,
  refusedJwt,
  type JwsHeader,
  type JwtForm,
} from './jws.js';
import type { ServerMetadata } from '../discovery/metadata.js';
import { verifySignature, verifyWithJwks } from './signature.js';

type Claims = Record<string, unknown>;

/** Rules for the format, the header and the signature of a provider's JWT. */
export interface JwtPolicy extends JwtForm {
  /** The provider's keys. */
  readonly jwks: Jwks | undefined;
  /** The key of HS256, HS384 and HS512, used only if `algorithms` includes them. */
  readonly clientSecret?: string | undefined;
}

/** A JWT with a verified signature. The caller validates its claims. */
export interface VerifiedJwt {
  alg: string;
  /** The unmodified payload. */
  raw: Claims;
  /** The claims that are not null. */
  claims: Claims;
}

/**
 * Verifies the format, the header and the signature of a provider's JWT. The error names the part
 * that failed.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8725#section-3
 */
export async function verifyJwt(jwt: unknown, policy: JwtPolicy): Promise<VerifiedJwt> {
  const jws = readCompactJws(jwt, policy);
  const header = readHeader(jws, policy);
  const raw = readJsonObject(await verifyPayload(jws, header, policy), 'payload', policy);
  return { alg: header.alg, raw, claims: withoutNulls(raw) };
}

/**
 * Keys come from the provider's set or from the client secret, depending on the pinned algorithm.
 */
async function verifyPayload(
  jws: string,
  header: JwsHeader,
  policy: JwtPolicy,
): Promise<Uint8Array> {
  if (!isSymmetric(header.alg)) return await verifyWithJwks(jws, header, policy);
  const { clientSecret } = policy;
  // RFC 7518 §3.2 requires a secret as long as the hash. Providers issue shorter secrets and sign
  // with them, so only an empty secret is rejected.
  if (!clientSecret) {
    const problem = '\'s header "alg" requires the client secret as key. Set "clientSecret".';
    throw refusedJwt(policy, 'key', problem);
  }
  const payload = await verifySignature(jws, header.alg, toBytes(clientSecret));
  if (payload) return payload;
  throw refusedJwt(policy, 'signature', '\'s signature is invalid. Check "clientSecret".');
}

/** The provider whose JWTs are verified, and the client. */
export interface JwtContext {
  options: Readonly<RegisterOptions>;
  metadata: ServerMetadata;
  jwks: Jwks | undefined;
  limits: Pick<Limits, 'jwtBytes'>;
}

type Presence = 'required' | 'optional';

/** Validates `iss` and `aud`. */
export function checkParties(
  { iss, aud }: Claims,
  { policy, presence = 'required' }: { policy: JwtForm; presence?: Presence },
  { options, metadata }: Pick<JwtContext, 'options' | 'metadata'>,
): void {
  const counts = (claim: unknown): boolean => presence === 'required' || claim !== undefined;
  if (counts(iss) && !acceptsIssuer(options, metadata, iss)) {
    throw refusedClaim(
      policy,
      'iss',
      'is not the issuer of this provider. Check "issuer" or "serverMetadataUrl".',
    );
  }
  if (counts(aud) && ![aud].flat().includes(options.clientId ?? '')) {
    throw refusedClaim(policy, 'aud', 'does not name this client. Check "clientId".');
  }
}

/** Validates `exp`. */
export function checkExpiry(
  { exp }: Claims,
  { policy, presence = 'required' }: { policy: JwtForm; presence?: Presence },
  options: Readonly<RegisterOptions>,
): void {
  if (exp === undefined && presence === 'optional') return;
  if (typeof exp === 'number' && exp > nowSeconds() - leewayOf(options)) return;
  throw refusedClaim(
    policy,
    'exp',
    'is in the past, or missing. Check the clock of this machine; "leeway" allows a difference.',
  );
}
