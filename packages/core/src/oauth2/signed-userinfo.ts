import { nowSeconds } from '../crypto.js';
import { readObject } from '../encoding.js';
import { OAuthError } from '../errors.js';
import type { RegisterOptions } from '../option-types.js';
import { decryptJwt, isEncrypted } from './decrypt.js';
import { allowedAlgorithms } from './algorithms.js';
import { acceptsIssuer } from './issuer.js';
import type { Jwks } from './jwks.js';
import type { ServerMetadata } from './metadata.js';
import { refusal, verifySignedJwt, type SignedJwtPolicy } from './signed-jwt.js';

/** What a profile that is a JWT is verified with. */
export interface UserinfoContext {
  options: Readonly<RegisterOptions>;
  metadata: ServerMetadata;
  jwks: Jwks | undefined;
}

/**
 * Reads a profile that is a JWT: decrypts it, verifies its signature, and holds `iss` and `aud`, where
 * they are there, against this provider and this client.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#UserInfoResponse
 */
export async function readSignedUserinfo(
  jwt: string | undefined,
  context: UserinfoContext,
): Promise<Record<string, unknown>> {
  const { options } = context;
  const alg = options.userinfoEncryptedResponseAlg;
  if (jwt === undefined) throw plain('a JWT');
  if (alg === undefined) return await verify(jwt, context);
  if (!isEncrypted(jwt)) throw plain('encrypted');
  const content = await decryptJwt(jwt, {
    what: 'encrypted userinfo',
    code: 'invalid_userinfo',
    alg,
    enc: options.userinfoEncryptedResponseEnc,
    keys: options.decryptionKeys ?? [],
  });
  // Claims may be encrypted and not signed (Core §5.3.2).
  const claims = options.userinfoSignedResponseAlg === undefined ? readObject(content) : undefined;
  return claims ?? (await verify(content, context));
}

async function verify(
  jwt: string,
  { options, metadata, jwks }: UserinfoContext,
): Promise<Record<string, unknown>> {
  const policy: SignedJwtPolicy = {
    what: 'signed userinfo',
    code: 'invalid_userinfo',
    types: [undefined, 'jwt'],
    algorithms: allowedAlgorithms(
      options.userinfoSignedResponseAlg,
      metadata['userinfo_signing_alg_values_supported'],
    ),
    jwks,
    clientSecret: options.clientSecret,
  };
  const claims = await verifySignedJwt(jwt, policy);
  const { iss, aud, exp } = claims;
  if (iss !== undefined && !acceptsIssuer(options, metadata, iss)) {
    throw refusal(policy, 'is not issued by this provider ("iss")');
  }
  if (aud !== undefined && ![aud].flat().includes(options.clientId ?? '')) {
    throw refusal(policy, 'is not for this client ("aud")');
  }
  const oldest = nowSeconds() - (options.leeway ?? 30);
  if (exp !== undefined && !(typeof exp === 'number' && exp > oldest)) {
    throw refusal(policy, 'has expired ("exp")');
  }
  return claims;
}

function plain(wanted: string): OAuthError {
  return new OAuthError(
    'invalid_userinfo',
    `The userinfo is not ${wanted}, which "userinfoSignedResponseAlg" or "userinfoEncryptedResponseAlg" ` +
      'asks for. Check the client settings at the provider; nothing of it was used.',
  );
}
