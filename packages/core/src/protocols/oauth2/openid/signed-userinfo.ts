import { readObject } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import { leewayOf } from '../../../options/openid.js';
import { audienceRule, expiryRule, ifPresent } from '../../../platform/jwt/claim-rules.js';
import { decryptJwt, type EncryptedKind } from '../jwt/decrypt.js';
import { verifyJwt } from '../../../platform/jwt/verify.js';
import { issuerRule, policyFor, type JwtContext, type JwtKind } from '../jwt/policy.js';

const signedUserinfo = {
  what: 'signed userinfo',
  code: 'invalid_userinfo',
  option: 'userinfoSignedResponseAlg',
  supported: 'userinfo_signing_alg_values_supported',
} as const satisfies JwtKind;

const encryptedUserinfo = {
  what: 'encrypted userinfo',
  code: 'invalid_userinfo',
  encrypted: 'userinfoEncryptedResponse',
} as const satisfies EncryptedKind;

/**
 * Reads a profile that is a JWT: decrypts it, verifies its signature, and validates `iss` and `aud`
 * if present.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#UserInfoResponse
 */
export async function readSignedUserinfo(
  jwt: string | undefined,
  context: JwtContext,
): Promise<Record<string, unknown>> {
  const { options, limits } = context;
  if (jwt === undefined) throw notJwt();
  const content = await decryptJwt(jwt, encryptedUserinfo, { options, maxBytes: limits.jwtBytes });
  const { userinfoEncryptedResponseAlg, userinfoSignedResponseAlg } = options;
  // Claims may be encrypted without a signature (Core §5.3.2).
  const mayBePlain =
    userinfoEncryptedResponseAlg !== undefined && userinfoSignedResponseAlg === undefined;
  return (mayBePlain && readObject(content)) || (await verifyUserinfo(content, context));
}

async function verifyUserinfo(jwt: string, context: JwtContext): Promise<Record<string, unknown>> {
  const { clientId, ...options } = context.options;
  const rules = [issuerRule(context), audienceRule(clientId), expiryRule(leewayOf(options))];
  const policy = { ...policyFor(signedUserinfo, context), rules: rules.map(ifPresent) };
  return (await verifyJwt(jwt, policy)).raw;
}

function notJwt(): OAuthError {
  return new OAuthError(
    'invalid_userinfo',
    'The userinfo is not a JWT, although "userinfoSignedResponseAlg" or ' +
      '"userinfoEncryptedResponseAlg" is set. It was discarded. Check the client settings at ' +
      'the provider.',
  );
}
