import { nowSeconds } from '../../../platform/crypto.js';
import { isObject, isPlainText } from '../../../platform/encoding.js';
import type { Limits } from '../../../options/limits.js';
import { leewayOf } from '../../../options/openid.js';
import { isSubject } from '../../../platform/standard-claims.js';
import {
  absent,
  audienceRule,
  expiryRule,
  ifPresent,
  issuedRule,
  type ClaimRule,
} from '../../../platform/jwt/claim-rules.js';
import { idTokenKind } from '../openid/id-token.js';
import { refusedJwt } from '../../../platform/jwt/jws.js';
import { verifyJwt } from '../../../platform/jwt/verify.js';
import { issuerRule, policyFor, type JwtContext, type JwtKind } from '../jwt/policy.js';

const logoutToken = {
  ...idTokenKind,
  what: 'logout token',
  code: 'invalid_logout_token',
  types: [undefined, 'jwt', 'logout+jwt'],
} as const satisfies JwtKind;

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

/** OpenID Connect Back-Channel Logout §2.6. */
function logoutTokenRules(context: LogoutTokenContext): ClaimRule[] {
  const { options, limits } = context;
  const leeway = leewayOf(options);
  return [
    issuerRule(context),
    audienceRule(options.clientId),
    issuedRule(leeway),
    [
      'iat',
      (iat) => nowSeconds() - Number(iat) <= limits.idTokenAge + leeway,
      'is too long ago. Check the clock of this machine; "limits.idTokenAge" allows more.',
    ],
    expiryRule(leeway),
    ['jti', isIdentifier, 'is missing.'],
    ['events', isLogout, 'has no back-channel logout event (Back-Channel Logout §2.4).'],
    // Distinguishes a logout token from an id_token.
    absent('nonce', 'must be absent, because logout tokens have none (Back-Channel Logout §2.4).'),
    ifPresent(['sub', isSubject, 'must be 1 to 255 characters of well-formed text.']),
    ifPresent(['sid', isIdentifier, 'must be a well-formed string.']),
  ];
}

function isIdentifier(value: unknown): boolean {
  return isPlainText(value) && value !== '';
}

function isLogout(events: unknown): boolean {
  return isObject(events) && Object.hasOwn(events, event) && isObject(events[event]);
}

/** The provider and the client, and the limits of logout tokens. */
type LogoutTokenContext = JwtContext & { limits: Pick<Limits, 'jwtBytes' | 'idTokenAge'> };

/**
 * Verifies a logout token: its signature, its type and every claim.
 *
 * @see https://openid.net/specs/openid-connect-backchannel-1_0.html#Validation
 */
export async function verifyLogoutToken(
  token: unknown,
  context: LogoutTokenContext,
): Promise<LogoutClaims> {
  const policy = { ...policyFor(logoutToken, context), rules: logoutTokenRules(context) };
  const { claims } = await verifyJwt(token, policy);
  if (claims['sub'] !== undefined || claims['sid'] !== undefined) return claims as LogoutClaims;
  throw refusedJwt(
    logoutToken,
    'claim',
    ' has neither a "sub" nor a "sid" claim (Back-Channel Logout §2.4). Report it to the provider.',
  );
}
