import { chain } from '../../../platform/awaitable.js';
import { digest, equalInConstantTime, nowSeconds } from '../../../platform/crypto.js';
import type { Awaitable, ClaimOptions, ClaimsOptions, UserInfo } from '../../../model/types.js';
import type { Limits } from '../../../options/limits.js';
import { defaultLimits } from '../../../options/limits.js';
import { isSubject } from '../../../platform/standard-claims.js';
import { typedClaims } from '../../../platform/standard-claims.js';
import { meetsOption } from './claim-options.js';
import {
  absent,
  checkClaimRules,
  checkClock,
  ifPresent,
  isNumericDate,
  type ClaimRule,
} from '../../../platform/jwt/claim-rules.js';
import { reportIt, type JwtSubject } from '../../../platform/jwt/jws.js';
import { toBase64Url } from '../../../platform/encoding.js';
import { signatureAlgorithms } from '../../../platform/jwt/algorithms.js';
import { verifyJwt, type JwtPolicy } from '../../../platform/jwt/verify.js';
import type { EncryptedKind } from '../jwt/decrypt.js';
import type { JwtKind } from '../jwt/policy.js';

/** Name and error code of a rejected id_token. */
export const idTokenSubject: JwtSubject & { readonly code: 'invalid_id_token' } = {
  what: 'id_token',
  code: 'invalid_id_token',
};

/** The id_token as a JWT that a provider signs. */
export const idTokenKind: JwtKind & EncryptedKind = {
  ...idTokenSubject,
  encrypted: 'idTokenEncryptedResponse',
  option: 'idTokenSignedResponseAlg',
  supported: 'id_token_signing_alg_values_supported',
};

/**
 * The verified claims of an id_token, with their wire names.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#IDToken
 */
export interface IdTokenClaims extends UserInfo {
  iss: string;
  sub: string;
  aud: string | string[];
  exp: number;
  iat: number;
  azp?: string;
  nonce?: string;
  auth_time?: number;
  at_hash?: string;
  c_hash?: string;
  s_hash?: string;
  acr?: string;
  amr?: string[];
}

/**
 * Rules for the claims of an id_token.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
 */
export interface ClaimsPolicy {
  /** The provider's issuer identifier, compared character by character, or a predicate. */
  issuer: string | ((issuer: unknown) => boolean);
  clientId: string;
  /** Accepted audiences besides this client. Without a list, `azp` must be this client. */
  trustedAudiences?: readonly string[] | undefined;
  /** Limits for `exp` in the future and `iat` in the past, in seconds. */
  limits?: Pick<Limits, 'idTokenLifetime' | 'idTokenAge'> | undefined;
  /** The nonce of the authorization request. If absent, the claim is ignored. */
  nonce?: string | undefined;
  /** Accepts an id_token without a nonce; a wrong nonce is still rejected. */
  nonceOptional?: boolean | undefined;
  /** The `max_age` of the authorization request, in seconds. If set, `auth_time` is required. */
  maxAge?: number | undefined;
  /** The accepted values of `acr`; an empty string accepts a missing claim. */
  acrValues?: readonly string[] | undefined;
  /** The access token of the same response; `at_hash`, if present, must match it. */
  accessToken?: string | undefined;
  /** The code and state of the same response, for an id_token of the authorization endpoint. */
  authorizationResponse?: { code?: string | undefined; state?: string | undefined } | undefined;
  /** Requires the hashes of code and state in an id_token of the authorization endpoint. */
  detachedSignature?: boolean | undefined;
  /** Tolerated clock difference in seconds. */
  leeway: number;
  /** Additional checks. */
  claimsOptions?: readonly ClaimsOptions[] | undefined;
}

/**
 * Rules for an id_token: {@link ClaimsPolicy} for its claims, and these for its format and
 * signature.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
 */
export interface IdTokenPolicy extends ClaimsPolicy, Omit<JwtPolicy, 'rules'> {}

/** The verified claims in their standard types, and the unmodified payload. */
export type VerifiedUser = IdTokenClaims & { raw: Record<string, unknown> };

/**
 * Verifies an id_token: its format, its header, its signature and every claim.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
 * @see https://www.rfc-editor.org/rfc/rfc8725#section-3
 */
export async function verifyIdToken(
  idToken: unknown,
  policy: IdTokenPolicy,
): Promise<VerifiedUser> {
  const { alg, raw, claims } = await verifyJwt(idToken, policy);
  return { ...(await checkClaims(claims, alg, policy)), raw };
}

/** An id_token that is being validated. */
interface Validated extends JwtSubject {
  policy: ClaimsPolicy;
  claims: Record<string, unknown>;
  alg: string;
  /** The values of `aud`. */
  audiences: unknown[];
  /** The current time in seconds. */
  time: number;
}

type IdTokenRule = ClaimRule<Validated>;

const day = 86_400;
const inSeconds = `must be a number of seconds. ${reportIt}`;

/** Seconds since a time: negative if in the future, `NaN`, which fails every comparison, if it is no number. */
function age(moment: unknown, { time }: Validated): number {
  return isNumericDate(moment) ? time - moment : Number.NaN;
}

function limitsOf({ policy }: Validated): Pick<Limits, 'idTokenLifetime' | 'idTokenAge'> {
  return policy.limits ?? defaultLimits;
}

/** OpenID Connect Core §3.1.3.7, and further rules. Times are compared once they are known to be numbers. */
const idTokenRules: readonly IdTokenRule[] = [
  [
    'iss',
    (iss, { policy: { issuer } }) => (typeof issuer === 'function' ? issuer(iss) : iss === issuer),
    'is not the issuer of this provider, compared character by character. Check the option ' +
      '"issuer" or "serverMetadataUrl".',
  ],
  [
    'aud',
    (_, { audiences, policy: { clientId } }) =>
      audiences.every((one) => typeof one === 'string') && audiences.includes(clientId),
    'does not name this client. Check "clientId"; a token for another client is always rejected.',
  ],
  [
    'aud',
    (_, { audiences, policy: { clientId, trustedAudiences: trusted } }) =>
      !trusted || audiences.every((one) => one === clientId || trusted.includes(String(one))),
    'has an audience that "trustedAudiences" does not list.',
  ],
  [
    'azp',
    (azp, { audiences, policy: { clientId, trustedAudiences: trusted } }) =>
      azp === clientId || (azp === undefined && (trusted !== undefined || audiences.length === 1)),
    'must be this client if present, and must be present if "aud" has several values, ' +
      'unless "trustedAudiences" lists the others. Check "clientId".',
  ],
  [
    'sub',
    isSubject,
    `must be 1 to 255 characters of well-formed text without control characters. ${reportIt}`,
  ],
  ['exp', isNumericDate, inSeconds],
  [
    'exp',
    (exp, it) => age(exp, it) < it.policy.leeway,
    `is in the past: the id_token has expired. ${checkClock}`,
  ],
  [
    'exp',
    (exp, it) => age(exp, it) >= -limitsOf(it).idTokenLifetime,
    (it) =>
      `is more than ${span(limitsOf(it).idTokenLifetime)} in the future. It must be in seconds. ` +
      `${checkClock} "limits.idTokenLifetime" allows more.`,
  ],
  ['iat', isNumericDate, inSeconds],
  ['iat', (iat, it) => age(iat, it) >= -it.policy.leeway, `is in the future. ${checkClock}`],
  [
    'iat',
    (iat, it) => age(iat, it) <= limitsOf(it).idTokenAge + it.policy.leeway,
    (it) =>
      `is more than ${span(limitsOf(it).idTokenAge)} in the past. ${checkClock} ` +
      '"limits.idTokenAge" allows more.',
  ],
  ifPresent<Validated>(['nbf', isNumericDate, inSeconds]),
  ifPresent<Validated>([
    'nbf',
    (nbf, it) => age(nbf, it) >= -it.policy.leeway,
    `is in the future. ${checkClock}`,
  ]),
  [
    'nonce',
    (nonce, { policy }) =>
      policy.nonce === undefined ||
      (nonce === undefined && policy.nonceOptional === true) ||
      (typeof nonce === 'string' && equalInConstantTime(nonce, policy.nonce)),
    'is not the nonce of this login. Start the login again.',
  ],
  ifPresent<Validated>(['auth_time', isNumericDate, inSeconds]),
  [
    'auth_time',
    (at, it) => {
      const { maxAge, leeway } = it.policy;
      return maxAge === undefined || (age(at, it) >= -leeway && age(at, it) <= maxAge + leeway);
    },
    `must show that the user authenticated within "max_age". Start the login again. ${checkClock}`,
  ],
  [
    'acr',
    (acr = '', { policy: { acrValues } }) => !acrValues || acrValues.some((one) => one === acr),
    'does not satisfy the requested "acr_values" or "claims". Start the login again.',
  ],
  hashRule('at_hash', 'access token', ({ accessToken, authorizationResponse: response }) => ({
    value: accessToken,
    required: response !== undefined,
    needed: false,
  })),
  hashRule('c_hash', 'code', (policy) => ({
    value: policy.authorizationResponse?.code,
    required: true,
    needed: isDetached(policy),
  })),
  hashRule('s_hash', 'state', (policy) => ({
    value: policy.authorizationResponse?.state,
    required: policy.detachedSignature ?? false,
    needed: isDetached(policy),
  })),
  absent('events', 'is a claim of logout and security event tokens, which are not id_tokens.'),
];

function isDetached({ detachedSignature, authorizationResponse }: ClaimsPolicy): boolean {
  return detachedSignature === true && authorizationResponse !== undefined;
}

/**
 * Returns the rule for the hash of an access token, a code or a state. It is skipped if that value is
 * absent, unless it is needed.
 */
function hashRule(
  claim: string,
  what: string,
  read: (policy: ClaimsPolicy) => { value: string | undefined; required: boolean; needed: boolean },
): IdTokenRule {
  return [
    claim,
    (hash, { policy, alg }) => {
      const { value, required, needed } = read(policy);
      if (value === undefined) return !needed;
      return (hash === undefined && !required) || isHashOf(value, hash, alg);
    },
    `is not the hash of the ${what} in the same response. ${reportIt}`,
  ];
}

/** Returns the application's own rules. */
function ownRules({ claimsOptions = [] }: ClaimsPolicy): IdTokenRule[] {
  return claimsOptions
    .flatMap(Object.entries<ClaimOptions>)
    .map(([claim, option]) => [
      claim,
      (value, { claims }) => meetsOption(value, option, claims),
      'does not match "claimsOptions".',
    ]);
}

/**
 * Validates every claim of an id_token with a verified signature.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
 */
export async function checkClaims(
  given: Record<string, unknown>,
  alg: string,
  policy: ClaimsPolicy,
): Promise<IdTokenClaims> {
  const claims = typedClaims(given);
  const audiences = [claims['aud']].flat();
  const { what, code } = idTokenSubject;
  const validated = { what, code, policy, claims, alg, audiences, time: nowSeconds() };
  await checkClaimRules(claims, [...idTokenRules, ...ownRules(policy)], validated);
  return claims as IdTokenClaims;
}

/**
 * Compares `at_hash`, `c_hash` or `s_hash` with the left half of a value's hash. The hash algorithm
 * is that of the id_token's signature.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#HybridIDToken
 */
function isHashOf(value: string, claim: unknown, alg: string): Awaitable<boolean> {
  const hash = signatureAlgorithms.get(alg)?.hash;
  if (hash === undefined || typeof claim !== 'string') return false;
  return chain(digest(hash, value), (bytes) =>
    equalInConstantTime(claim, toBase64Url(bytes.subarray(0, bytes.length / 2))),
  );
}

/** Formats seconds for a message. */
function span(seconds: number): string {
  return seconds % day === 0 ? `${seconds / day} days` : `${seconds} seconds`;
}
