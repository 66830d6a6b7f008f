import type { RegisterOptions } from '../../../options/register-options.js';
import type { Limits } from '../../../options/limits.js';
import { isSymmetric } from '../../../platform/jws-algorithms.js';
import { toBytes, withoutNulls } from '../../../platform/encoding.js';
import { allowedAlgorithms } from './algorithms.js';
import { checkClaimRules, type ClaimRule } from './claim-rules.js';
import { acceptsIssuer } from '../discovery/issuer.js';
import type { Jwks } from './jwks.js';
import {
  readCompactJws,
  readHeader,
  readJsonObject,
  refusedJwt,
  type JwsHeader,
  type JwtForm,
  type JwtSubject,
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
  /** The rules for the claims, unless the caller validates them. */
  readonly rules?: readonly ClaimRule[];
}

/** A verified JWT. */
export interface VerifiedJwt {
  alg: string;
  /** The unmodified payload. */
  raw: Claims;
  /** The claims that are not null. */
  claims: Claims;
}

/**
 * Verifies a provider's JWT: its format, header, signature and claims. The error names the part that
 * failed.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8725#section-3
 */
export async function verifyJwt(jwt: unknown, policy: JwtPolicy): Promise<VerifiedJwt> {
  const jws = readCompactJws(jwt, policy);
  const header = readHeader(jws, policy);
  const raw = readJsonObject(await verifyPayload(jws, header, policy), 'payload', policy);
  const claims = withoutNulls(raw);
  await checkClaimRules(claims, policy.rules ?? [], policy);
  return { alg: header.alg, raw, claims };
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
