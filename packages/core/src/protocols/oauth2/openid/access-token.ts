import { leewayOf } from '../../../options/openid.js';
import { expiryRule, type ClaimRule } from '../../../platform/jwt/claim-rules.js';
import { verifyJwt } from '../../../platform/jwt/verify.js';
import { allowedAlgorithms, issuerRule, type JwtContext } from '../jwt/policy.js';

/**
 * Verifies an access token that is a JWT, for a provider that says only there who the user is, and
 * returns its claims.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9068#section-4
 */
export async function readAccessToken(
  jwt: string,
  context: JwtContext,
): Promise<Record<string, unknown>> {
  const { options, jwks, limits } = context;
  const { raw } = await verifyJwt(jwt, {
    what: 'access token',
    code: 'invalid_userinfo',
    types: [undefined, 'jwt', 'at+jwt'],
    maxBytes: limits.jwtBytes,
    algorithms: allowedAlgorithms(undefined, undefined),
    jwks,
    rules: [issuerRule(context), audiencesRule(options), expiryRule(leewayOf(options))],
  });
  return raw;
}

function audiencesRule({ userinfo, clientId = '' }: JwtContext['options']): ClaimRule {
  const needed = userinfo?.audience?.map((one) => (one === '{client_id}' ? clientId : one)) ?? [];
  return [
    'aud',
    (aud) => needed.every((one) => [aud].flat().includes(one)),
    'lacks a value of "userinfo.audience". Check it, and "clientId".',
  ];
}
