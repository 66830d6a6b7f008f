import { modifyAssertion, PrivateKeyJwt, type ClientAuth } from 'openid-client';
import { nowSeconds, randomToken } from '../../../platform/crypto.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { CryptoKey } from '../../../model/web-types.js';
import type { ServerMetadata } from '../discovery/metadata.js';
import type { Signer } from './signing-key.js';

/** Lifetime of an assertion in seconds: the time one request may take. */
const lifetime = 60;

/** The client and its provider. */
interface Parties {
  readonly options: Readonly<RegisterOptions>;
  readonly metadata: ServerMetadata;
}

/**
 * Authenticates with a JWT signed with the client's key, with a unique `jti`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7523#section-3
 * @see https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication
 */
export function keyAssertion(
  { key, header: { alg, kid = '' } }: Signer<CryptoKey>,
  { options, metadata }: Parties,
): ClientAuth {
  return PrivateKeyJwt(kid === '' ? key : { key, kid }, {
    [modifyAssertion](header, payload) {
      Object.assign(header, options.clientAssertionHeader, { alg });
      // A server whose clock is behind would reject it.
      delete payload['nbf'];
      Object.assign(payload, options.clientAssertionClaims, { aud: audience(options, metadata) });
    },
  });
}

/** Returns the JWT of `client_secret_jwt`, signed with the client secret. */
export async function secretAssertion(
  { key, header }: Signer,
  { options, metadata }: Parties,
): Promise<string> {
  const { clientId = '', clientAssertionClaims, clientAssertionHeader } = options;
  const now = nowSeconds();
  const { SignJWT } = await import('../../../platform/jose.js');
  return await new SignJWT({ ...clientAssertionClaims, jti: randomToken(16) })
    .setProtectedHeader({ ...clientAssertionHeader, ...header })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience(options, metadata))
    .setIssuedAt(now)
    .setExpirationTime(now + lifetime)
    .sign(key);
}

/**
 * Returns the audience: only the issuer by default, because an assertion for several endpoints
 * could be replayed by one of them.
 */
function audience(
  { clientAssertionAudience: configured }: Readonly<RegisterOptions>,
  { issuer, token_endpoint: endpoint }: ServerMetadata,
): string {
  if (configured === 'token_endpoint') return endpoint ?? '';
  return (configured === 'issuer' ? undefined : configured) ?? issuer ?? endpoint ?? '';
}
