import { SignJWT } from 'jose';
import { nowSeconds, randomToken } from '../../../platform/crypto.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { ServerMetadata } from '../discovery/metadata.js';
import type { Signer } from './signing-key.js';

/** Lifetime of an assertion in seconds: the time one request may take. */
const lifetime = 60;

/**
 * Creates the JWT that authenticates the client, with a unique `jti`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7523#section-3
 * @see https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication
 */
export async function clientAssertion(
  { key, header }: Signer,
  options: Readonly<RegisterOptions>,
  metadata: ServerMetadata,
): Promise<string> {
  const { clientId = '', clientAssertionClaims, clientAssertionHeader } = options;
  const now = nowSeconds();
  return await new SignJWT({ ...clientAssertionClaims, jti: randomToken(16) })
    .setProtectedHeader({ ...clientAssertionHeader, ...header })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience(options.clientAssertionAudience, metadata))
    .setIssuedAt(now)
    .setExpirationTime(now + lifetime)
    .sign(key);
}

/**
 * Returns the audience: only the issuer by default, because an assertion for several endpoints
 * could be replayed by one of them.
 */
function audience(configured: string | undefined, metadata: ServerMetadata): string {
  const { issuer, token_endpoint: endpoint } = metadata;
  if (configured === 'token_endpoint') return endpoint ?? '';
  return (configured === 'issuer' ? undefined : configured) ?? issuer ?? endpoint ?? '';
}
