import { nowSeconds } from '../../../platform/crypto.js';
import { isObject, isPlainText } from '../../../platform/encoding.js';
import type { Limits } from '../../../options/limits.js';
import { isSubject } from '../../../options/subject.js';
import { isNumericDate, refusedClaim, refusedJwt } from '../jwt/jws.js';
import { verifyJwt, type JwtPolicy } from '../jwt/verify.js';

/** Rules for a logout token. */
export interface LogoutTokenPolicy extends Pick<JwtPolicy, 'algorithms' | 'jwks' | 'clientSecret'> {
  /** Whether an issuer belongs to this provider. */
  issuer: (issuer: unknown) => boolean;
  clientId: string;
  /** Tolerated clock difference in seconds. */
  leeway: number;
  limits: Pick<Limits, 'jwtBytes' | 'idTokenAge'>;
}

/** The claims that select the sessions to end. */
export interface LogoutClaims {
  iss: string;
  jti: string;
  exp: number;
  sub?: string;
  sid?: string;
  [claim: string]: unknown;
}

const event = 'http://schemas.openid.net/event/backchannel-logout';

type Rule = [
  claim: string,
  passes: (value: unknown, policy: LogoutTokenPolicy) => boolean,
  complaint: string,
];

function isIdentifier(value: unknown): boolean {
  return isPlainText(value) && value !== '';
}

/** OpenID Connect Back-Channel Logout §2.6. */
const rules: readonly Rule[] = [
  [
    'iss',
    (iss, { issuer }) => issuer(iss),
    'is not the issuer of this provider. Check "issuer" or "serverMetadataUrl"',
  ],
  [
    'aud',
    (aud, { clientId }) => [aud].flat().includes(clientId),
    'does not name this client. Check "clientId"',
  ],
  [
    'iat',
    (iat, { leeway }) => isNumericDate(iat) && iat <= nowSeconds() + leeway,
    'is in the future, or missing. Check the clock of this machine',
  ],
  [
    'iat',
    (iat, { leeway, limits }) => nowSeconds() - Number(iat) <= limits.idTokenAge + leeway,
    'is too long ago. Check the clock of this machine; "limits.idTokenAge" allows more',
  ],
  [
    'exp',
    (exp, { leeway }) => isNumericDate(exp) && exp > nowSeconds() - leeway,
    'is in the past, or missing. Check the clock of this machine',
  ],
  ['jti', isIdentifier, 'is missing'],
  ['events', isLogout, 'has no back-channel logout event (Back-Channel Logout §2.4)'],
  // Distinguishes a logout token from an id_token.
  [
    'nonce',
    (nonce) => nonce === undefined,
    'must be absent, because logout tokens have none (Back-Channel Logout §2.4)',
  ],
  [
    'sub',
    (sub) => sub === undefined || isSubject(sub),
    'must be 1 to 255 characters of well-formed text',
  ],
  ['sid', (sid) => sid === undefined || isIdentifier(sid), 'must be a well-formed string'],
];

function isLogout(events: unknown): boolean {
  return isObject(events) && Object.hasOwn(events, event) && isObject(events[event]);
}

/**
 * Verifies a logout token: its signature, its type and every claim.
 *
 * @see https://openid.net/specs/openid-connect-backchannel-1_0.html#Validation
 */
export async function verifyLogoutToken(
  token: unknown,
  policy: LogoutTokenPolicy,
): Promise<LogoutClaims> {
  const signed = {
    ...policy,
    maxBytes: policy.limits.jwtBytes,
    what: 'logout token',
    code: 'invalid_logout_token' as const,
    types: [undefined, 'jwt', 'logout+jwt'],
  };
  const { claims } = await verifyJwt(token, signed);
  for (const [claim, passes, complaint] of rules) {
    const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
    if (!passes(value, policy)) throw refusedClaim(signed, claim, `${complaint}.`);
  }
  if (claims['sub'] !== undefined || claims['sid'] !== undefined) return claims as LogoutClaims;
  throw refusedJwt(
    signed,
    'claim',
    ' has neither a "sub" nor a "sid" claim (Back-Channel Logout §2.4). Report it to the provider.',
  );
}
