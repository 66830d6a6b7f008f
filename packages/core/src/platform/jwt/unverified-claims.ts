import { fromBase64Url, readObject } from '../encoding.js';

/** Reads the claims of a JWT without verifying it; returns `undefined` if they cannot be read. */
export function unverifiedClaims(jwt: unknown): Readonly<Record<string, unknown>> | undefined {
  const [, payload = '', signature, ...others] = typeof jwt === 'string' ? jwt.split('.', 4) : [];
  const bytes = fromBase64Url(payload);
  if (bytes === undefined || signature === undefined || others.length > 0) return undefined;
  return readObject(new TextDecoder().decode(bytes));
}
