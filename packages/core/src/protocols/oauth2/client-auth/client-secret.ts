import { now } from '../../../platform/crypto.js';
import type { ClientSecretJwt } from '../../../options/client-auth.js';
import { readPrivateKey } from '../../../options/private-key.js';

const defaultLifetime = 3600;

/**
 * Returns a client secret that is a JWT signed with the client's key, cached until a tenth of its
 * lifetime is left.
 */
export function createClientSecret(
  clientSecretJwt: ClientSecretJwt,
  clientId: string,
): () => Promise<string> {
  const lifetime = clientSecretJwt.lifetime ?? defaultLifetime;
  const sign = createSigner(clientSecretJwt, clientId);
  let cached: { secret: Promise<string>; renewAt: number } | undefined;
  return async () => {
    if (!cached || now() >= cached.renewAt) {
      const issuedAt = Math.floor(now() / 1000);
      const secret = sign(issuedAt, issuedAt + lifetime);
      cached = { secret, renewAt: (issuedAt + lifetime * 0.9) * 1000 };
      secret.catch(() => (cached = undefined));
    }
    return await cached.secret;
  };
}

function createSigner(
  { key, kid, issuer, audience }: ClientSecretJwt,
  clientId: string,
): (issuedAt: number, expiresAt: number) => Promise<string> {
  const signingKey = readPrivateKey({ key, kid });
  const alg = signingKey.algorithms[0] ?? '';
  const known = signingKey.kid;
  return async (issuedAt, expiresAt) => {
    const { SignJWT } = await import('../../../platform/jose.js');
    return await new SignJWT()
      .setProtectedHeader({ alg, ...(known === undefined ? {} : { kid: known }) })
      .setIssuer(issuer)
      .setSubject(clientId)
      .setAudience(audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(await signingKey.load(alg));
  };
}
