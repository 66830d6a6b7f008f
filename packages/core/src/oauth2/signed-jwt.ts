import type { OAuthErrorCode } from '../error-codes.js';
import { OAuthError } from '../errors.js';
import { fromBase64Url, toBase64Url, toBytes } from '../encoding.js';
import type { RegisterOptions } from '../option-types.js';
import { leewayOf } from '../options/openid.js';
import { isSymmetric } from '../signature-algorithms.js';
import { nowSeconds } from '../crypto.js';
import { acceptsIssuer } from './issuer.js';
import type { Jwks } from './jwks.js';
import { readCompactJws, readHeader, readJsonObject } from './jwt.js';
import type { ServerMetadata } from './metadata.js';
import { verifySignature, verifyWithJwks } from './signature.js';

/** What a JWT of the provider that is no id_token is held against. */
export interface SignedJwtPolicy {
  /** What the token is, for messages: `logout token`. */
  what: string;
  /** The code of every refusal. */
  code: OAuthErrorCode;
  /** The values of the header's `typ` that are accepted, in lower case; `undefined` for its absence. */
  types: readonly (string | undefined)[];
  /** The only algorithms a signature may have. */
  algorithms: readonly string[];
  jwks: Jwks | undefined;
  /** The key of HS256 and its kin, which count only when `algorithms` names them. */
  clientSecret?: string | undefined;
}

/**
 * Verifies the form, the header and the signature of a JWT that is no id_token, and returns its claims,
 * which are the caller's to check.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8725#section-3
 */
export async function verifySignedJwt(
  jwt: unknown,
  policy: SignedJwtPolicy,
): Promise<Record<string, unknown>> {
  try {
    return await verify(jwt, policy);
  } catch (error) {
    // The provider's trouble with its keys is not the token's fault.
    if (error instanceof OAuthError && error.code !== 'invalid_id_token') throw error;
    throw refusal(policy, 'has a wrong form, header or signature, or no key fits it');
  }
}

/** Whose JWTs are verified, and for whom. */
export interface JwtContext {
  options: Readonly<RegisterOptions>;
  metadata: ServerMetadata;
  jwks: Jwks | undefined;
}

type Presence = 'required' | 'optional';

/** Refuses claims that are not of this provider (`iss`), or not for this client (`aud`). */
export function checkParties(
  { iss, aud }: Record<string, unknown>,
  { policy, presence = 'required' }: { policy: SignedJwtPolicy; presence?: Presence },
  { options, metadata }: Pick<JwtContext, 'options' | 'metadata'>,
): void {
  const counts = (claim: unknown): boolean => presence === 'required' || claim !== undefined;
  if (counts(iss) && !acceptsIssuer(options, metadata, iss)) {
    throw refusal(policy, 'is not issued by this provider ("iss")');
  }
  if (counts(aud) && ![aud].flat().includes(options.clientId ?? '')) {
    throw refusal(policy, 'is not for this client ("aud")');
  }
}

/** Refuses claims whose time is over (`exp`). */
export function checkExpiry(
  { exp }: Record<string, unknown>,
  { policy, presence = 'required' }: { policy: SignedJwtPolicy; presence?: Presence },
  options: Readonly<RegisterOptions>,
): void {
  if (exp === undefined && presence === 'optional') return;
  if (typeof exp === 'number' && exp > nowSeconds() - leewayOf(options)) return;
  throw refusal(policy, 'has expired, or does not say when it does ("exp")');
}

/** Builds the error of a refused token. The message never quotes it. */
export function refusal({ what, code }: SignedJwtPolicy, problem: string): OAuthError {
  return new OAuthError(code, `The ${what} ${problem}. Nothing of it was used.`);
}

async function verify(jwt: unknown, policy: SignedJwtPolicy): Promise<Record<string, unknown>> {
  const jws = readCompactJws(jwt);
  const header = readHeader(withoutType(jws, policy), policy.algorithms);
  const symmetric = isSymmetric(header.alg);
  if (symmetric ? !policy.clientSecret : !policy.jwks) {
    throw refusal(policy, 'cannot be verified: there is no key; configure "jwksUri" or metadata');
  }
  const payload =
    policy.jwks && !symmetric
      ? await verifyWithJwks(jws, header, policy.jwks)
      : await verifySignature(jws, header.alg, toBytes(policy.clientSecret ?? ''));
  if (!payload) throw refusal(policy, 'has a wrong signature');
  return readJsonObject(payload, 'payload');
}

/** Checks `typ` and takes it out, since the header's reader knows that of id_tokens only. */
function withoutType(jws: string, policy: SignedJwtPolicy): string {
  const [head = '', ...rest] = jws.split('.');
  const { typ, ...header } = readJsonObject(fromBase64Url(head), 'header');
  const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ;
  if (!policy.types.includes(type as string | undefined)) {
    throw refusal(policy, 'is of another type than its place (RFC 8725 §3.11)');
  }
  return [toBase64Url(toBytes(JSON.stringify(header))), ...rest].join('.');
}
