import { equalInConstantTime, nowSeconds } from '../../../platform/crypto.js';
import type { Awaitable, ClaimOptions, ClaimsOptions, UserInfo } from '../../../model/types.js';
import type { Limits } from '../../../options/limits.js';
import { defaultLimits } from '../../../options/limits.js';
import { isSubject } from '../../../options/subject.js';
import { typedClaims } from '../../../quirks/standard-claims.js';
import { meetsOption } from './claim-options.js';
import { isHashOf } from './hashes.js';
import { isNumericDate, refusedClaim, reportIt } from '../jwt/jws.js';

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

type Claims = Record<string, unknown>;

interface Context {
  readonly policy: ClaimsPolicy;
  readonly limits: Pick<Limits, 'idTokenLifetime' | 'idTokenAge'>;
  readonly claims: Claims;
  readonly alg: string;
  /** Seconds since the epoch. */
  readonly time: number;
}

type Check = [
  claim: string,
  passes: (value: unknown, context: Context) => Awaitable<boolean>,
  complaint: string | ((context: Context) => string),
];

const day = 86_400;
const checkClock = 'Check the clock of this machine; "leeway" allows a difference.';

/**
 * Checks of OpenID Connect Core §3.1.3.7 and further ones. Times are compared after they are known
 * to be numbers.
 */
const checks: readonly Check[] = [
  [
    'iss',
    (iss, { policy: { issuer } }) => (typeof issuer === 'function' ? issuer(iss) : iss === issuer),
    'is not the issuer of this provider, compared character by character. Check the option ' +
      '"issuer" or "serverMetadataUrl".',
  ],
  [
    'aud',
    (aud, { policy }) => isAudience(aud) && [aud].flat().includes(policy.clientId),
    'does not name this client. Check "clientId"; a token for another client is always ' +
      'rejected.',
  ],
  [
    'aud',
    (aud, { policy: { clientId, trustedAudiences: trusted } }) =>
      [aud].flat().every((one) => one === clientId || !trusted || trusted.includes(String(one))),
    'has an audience that "trustedAudiences" does not list.',
  ],
  [
    'azp',
    (azp, { policy, claims }) =>
      azp === policy.clientId ||
      (azp === undefined &&
        (policy.trustedAudiences !== undefined || [claims['aud']].flat().length === 1)),
    'must be this client if present, and must be present if "aud" has several values, ' +
      'unless "trustedAudiences" lists the others. Check "clientId".',
  ],
  [
    'sub',
    isSubject,
    `must be 1 to 255 characters of well-formed text without control characters. ${reportIt}`,
  ],
  ['exp', isNumericDate, `must be a number of seconds. ${reportIt}`],
  [
    'exp',
    (exp, context) => age(exp, context) < context.policy.leeway,
    `is in the past: the id_token has expired. ${checkClock}`,
  ],
  [
    'exp',
    (exp, context) => age(exp, context) >= -context.limits.idTokenLifetime,
    ({ limits: { idTokenLifetime: most } }) =>
      `is more than ${span(most)} in the future. It must be in seconds. ${checkClock} ` +
      '"limits.idTokenLifetime" allows more.',
  ],
  ['iat', isNumericDate, `must be a number of seconds. ${reportIt}`],
  [
    'iat',
    (iat, context) => age(iat, context) >= -context.policy.leeway,
    `is in the future. ${checkClock}`,
  ],
  [
    'iat',
    (iat, context) => age(iat, context) <= context.limits.idTokenAge + context.policy.leeway,
    ({ limits: { idTokenAge: most } }) =>
      `is more than ${span(most)} in the past. ${checkClock} "limits.idTokenAge" allows more.`,
  ],
  ['nbf', ifPresent(isNumericDate), `must be a number of seconds. ${reportIt}`],
  [
    'nbf',
    ifPresent((nbf, context) => age(nbf, context) >= -context.policy.leeway),
    `is in the future. ${checkClock}`,
  ],
  [
    'nonce',
    (nonce, { policy }) =>
      policy.nonce === undefined ||
      (nonce === undefined && policy.nonceOptional === true) ||
      (typeof nonce === 'string' && equalInConstantTime(nonce, policy.nonce)),
    'is not the nonce of this login. Start the login again.',
  ],
  ['auth_time', ifPresent(isNumericDate), `must be a number of seconds. ${reportIt}`],
  [
    'auth_time',
    isRecentLogin,
    'must show that the user authenticated within "max_age". Start the login again. ' +
      `${checkClock}`,
  ],
  [
    'acr',
    (acr = '', { policy: { acrValues } }) => !acrValues || acrValues.some((one) => one === acr),
    'does not satisfy the requested "acr_values" or "claims". Start the login again.',
  ],
  hashCheck('at_hash', 'access token', ({ accessToken, authorizationResponse }) => ({
    value: accessToken,
    required: authorizationResponse !== undefined,
  })),
  hashCheck('c_hash', 'code', ({ authorizationResponse, detachedSignature }) => ({
    value: authorizationResponse?.code,
    required: true,
    needed: detachedSignature === true && authorizationResponse !== undefined,
  })),
  hashCheck('s_hash', 'state', ({ authorizationResponse, detachedSignature = false }) => ({
    value: authorizationResponse?.state,
    required: detachedSignature,
    needed: detachedSignature && authorizationResponse !== undefined,
  })),
  [
    'events',
    (events) => events === undefined,
    'is a claim of logout and security event tokens, which are not id_tokens.',
  ],
];

/**
 * Validates every claim of an id_token with a verified signature.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
 */
export async function checkClaims(
  given: Claims,
  alg: string,
  policy: ClaimsPolicy,
): Promise<IdTokenClaims> {
  const { limits = defaultLimits } = policy;
  const claims = typedClaims(given);
  const context: Context = { policy, limits, claims, alg, time: nowSeconds() };
  for (const [claim, passes, complaint] of [...checks, ...optionChecks(policy.claimsOptions)]) {
    const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
    if (!(await passes(value, context))) {
      const problem = typeof complaint === 'string' ? complaint : complaint(context);
      throw refusedClaim({ what: 'id_token', code: 'invalid_id_token' }, claim, problem);
    }
  }
  return claims as IdTokenClaims;
}

/** Returns the checks of the option `claimsOptions`. */
function optionChecks(options: readonly ClaimsOptions[] = []): Check[] {
  return options
    .flatMap(Object.entries<ClaimOptions>)
    .map(([claim, option]): Check => [
      claim,
      (value, { claims }) => meetsOption(value, option, claims),
      'does not match "claimsOptions".',
    ]);
}

/** Returns the check of a hash claim. It is skipped if the hashed value is absent. */
function hashCheck(
  claim: string,
  what: string,
  expected: (policy: ClaimsPolicy) => {
    value: string | undefined;
    /** Whether the claim is required if the value is present. */
    required: boolean;
    /** Whether the value is required. */
    needed?: boolean;
  },
): Check {
  return [
    claim,
    async (hash, { policy, alg }) => {
      const { value, required, needed = false } = expected(policy);
      if (value === undefined) return !needed;
      if (hash === undefined && !required) return true;
      return await isHashOf(value, hash, alg);
    },
    `is not the hash of the ${what} in the same response. ${reportIt}`,
  ];
}

function ifPresent(passes: Check[1]): Check[1] {
  return (value, context) => value === undefined || passes(value, context);
}

/**
 * Returns the seconds since a time: negative if in the future, `NaN`, which fails every comparison,
 * if it is not a number.
 */
function age(moment: unknown, { time }: Context): number {
  return isNumericDate(moment) ? time - moment : Number.NaN;
}

function isAudience(aud: unknown): aud is string | string[] {
  return (
    typeof aud === 'string' || (Array.isArray(aud) && aud.every((one) => typeof one === 'string'))
  );
}

/** Formats seconds for a message. */
function span(seconds: number): string {
  return seconds % day === 0 ? `${seconds / day} days` : `${seconds} seconds`;
}

function isRecentLogin(authTime: unknown, context: Context): boolean {
  const { maxAge, leeway } = context.policy;
  if (maxAge === undefined) return true;
  const passed = age(authTime, context);
  return passed >= -leeway && passed <= maxAge + leeway;
}
