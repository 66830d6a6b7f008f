import { vectorContext, type IdTokenVector } from './id-token-vectors.js';
import type { FakeProvider } from '../../../support/provider/index.js';

/**
 * Makes a fake provider issue a vector's id_token at its next logins, and publish the vector's keys.
 * The login itself must ask for `openid`, and for `max_age` where the vector has a `maxAge`.
 */
export function playVector(
  provider: FakeProvider,
  vector: IdTokenVector,
  canaryUrl?: string,
): void {
  const { issuer, settings } = provider;
  provider.idToken = async ({ claims, accessToken }) => {
    const context = vectorContext({
      issuer,
      clientId: settings.clientId,
      clientSecret: settings.clientSecret,
      nonce: String(claims['nonce'] ?? ''),
      now: Math.floor(Date.now() / 1000),
      accessToken,
      ...(canaryUrl === undefined ? {} : { canaryUrl }),
    });
    const { idToken, jwks, jwksStatus } = await vector.build(context);
    provider.quirks.jwks = jwks;
    provider.quirks.jwksStatus = jwksStatus;
    return idToken;
  };
}
