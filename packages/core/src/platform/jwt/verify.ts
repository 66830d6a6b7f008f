import { isSymmetric } from './algorithms.js';
import { toBytes, withoutNulls } from '../encoding.js';
import { checkClaimRules, type ClaimRule } from './claim-rules.js';
import type { Jwks } from './jwks.js';
import {
  readCompactJws,
  readHeader,
  readJsonObject,
  refusedJwt,
  type JwsHeader,
  type JwtForm,
} from './jws.js';
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
