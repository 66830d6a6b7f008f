import { decodeJwt } from 'jose';

/** Reads the claims of a JWT without verifying it; returns `undefined` if they cannot be read. */
export function unverifiedClaims(jwt: unknown): Readonly<Record<string, unknown>> | undefined {
  try {
    return typeof jwt === 'string' ? decodeJwt(jwt) : undefined;
  } catch {
    return undefined;
  }
}
