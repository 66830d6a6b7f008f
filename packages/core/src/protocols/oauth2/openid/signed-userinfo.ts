import { readObject } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import { allowedAlgorithms } from '../jwt/algorithms.js';
import { decryptJwt } from '../jwt/decrypt.js';
import { isEncrypted } from '../jwt/jws.js';
import { checkExpiry, checkParties, verifyJwt, type JwtContext } from '../jwt/verify.js';

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
  const alg = options.userinfoEncryptedResponseAlg;
  if (jwt === undefined) throw plain('a JWT');
  if (alg === undefined) return await verifyUserinfo(jwt, context);
  if (!isEncrypted(jwt)) throw plain('encrypted');
  const content = await decryptJwt(jwt, {
    what: 'encrypted userinfo',
    code: 'invalid_userinfo',
    maxBytes: limits.jwtBytes,
    option: 'userinfoEncryptedResponse',
    alg,
    enc: options.userinfoEncryptedResponseEnc,
    keys: options.decryptionKeys ?? [],
  });
  // Claims may be encrypted without a signature (Core §5.3.2).
  const claims = options.userinfoSignedResponseAlg === undefined ? readObject(content) : undefined;
  return claims ?? (await verifyUserinfo(content, context));
}

async function verifyUserinfo(jwt: string, context: JwtContext): Promise<Record<string, unknown>> {
  const { options, metadata, jwks, limits } = context;
  const policy = {
    what: 'signed userinfo',
    code: 'invalid_userinfo' as const,
    maxBytes: limits.jwtBytes,
    types: [undefined, 'jwt'],
    algorithms: allowedAlgorithms(
      options.userinfoSignedResponseAlg,
      metadata['userinfo_signing_alg_values_supported'],
    ),
    jwks,
    clientSecret: options.clientSecret,
  };
  const { claims, raw } = await verifyJwt(jwt, policy);
  checkParties(claims, { policy, presence: 'optional' }, context);
  checkExpiry(claims, { policy, presence: 'optional' }, options);
  return raw;
}

function plain(wanted: string): OAuthError {
  return new OAuthError(
    'invalid_userinfo',
    `The userinfo is not ${wanted}, although "userinfoSignedResponseAlg" or ` +
      '"userinfoEncryptedResponseAlg" is set. It was discarded. Check the client settings at ' +
      'the provider.',
  );
}
