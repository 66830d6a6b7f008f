import { nowSeconds } from '../../crypto.js';
import { isObject } from '../../encoding.js';
import { refusal, verifySignedJwt, type SignedJwtPolicy } from '../signed-jwt.js';

/** What a logout token is held against. */
export interface LogoutTokenPolicy extends Pick<
  SignedJwtPolicy,
  'algorithms' | 'jwks' | 'clientSecret'
> {
  /** Tells whether an issuer is this provider's. */
  issuer: (issuer: unknown) => boolean;
  clientId: string;
  /** Tolerated clock difference in seconds. */
  leeway: number;
}

/** The claims that decide whose sessions end. */
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

/** Seconds; what is used once is remembered until it ends, so it must not be good for ever. */
const day = 86_400;

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isTime = (value: unknown): value is number => Number.isFinite(value);
const optional = (value: unknown): boolean => value === undefined || isText(value);

/** OpenID Connect Back-Channel Logout §2.6. */
const rules: readonly Rule[] = [
  ['iss', (iss, { issuer }) => issuer(iss), 'is not of this provider'],
  ['aud', (aud, { clientId }) => [aud].flat().includes(clientId), 'does not name this client'],
  ['iat', (iat, { leeway }) => isTime(iat) && iat <= nowSeconds() + leeway, 'lies in the future'],
  [
    'iat',
    (iat, { leeway }) => nowSeconds() - Number(iat) <= day + leeway,
    'is more than a day ago',
  ],
  ['exp', (exp, { leeway }) => isTime(exp) && exp > nowSeconds() - leeway, 'is over, or missing'],
  ['jti', isText, 'is missing'],
  ['events', isLogout, 'does not say that this is a logout'],
  // It tells a logout token from an id_token.
  ['nonce', (nonce) => nonce === undefined, 'must not be there'],
  ['sub', optional, 'must be text'],
  ['sid', optional, 'must be text'],
];

function isLogout(events: unknown): boolean {
  return isObject(events) && Object.hasOwn(events, event) && isObject(events[event]);
}

/**
 * Verifies a logout token: signature, type, and every claim.
 *
 * @see https://openid.net/specs/openid-connect-backchannel-1_0.html#Validation
 */
export async function verifyLogoutToken(
  token: unknown,
  policy: LogoutTokenPolicy,
): Promise<LogoutClaims> {
  const signed: SignedJwtPolicy = {
    ...policy,
    what: 'logout token',
    code: 'invalid_logout_token',
    types: [undefined, 'jwt', 'logout+jwt'],
  };
  const claims = await verifySignedJwt(token, signed);
  for (const [claim, passes, complaint] of rules) {
    const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
    if (!passes(value, policy)) throw refusal(signed, `has a "${claim}" that ${complaint}`);
  }
  if (claims['sub'] !== undefined || claims['sid'] !== undefined) return claims as LogoutClaims;
  throw refusal(signed, 'names neither a person ("sub") nor a session ("sid")');
}
