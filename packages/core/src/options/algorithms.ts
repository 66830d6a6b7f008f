import { oneOf, type Check } from '../platform/validators.js';
import { signatureAlgorithms } from '../platform/jwt/algorithms.js';

/**
 * Key management algorithms that use a private key of the client. RSA1_5 is insecure (RFC 8725
 * §3.2).
 */
export const keyManagements = [
  'RSA-OAEP',
  'RSA-OAEP-256',
  'RSA-OAEP-384',
  'RSA-OAEP-512',
  'ECDH-ES',
  'ECDH-ES+A128KW',
  'ECDH-ES+A192KW',
  'ECDH-ES+A256KW',
] as const;

export const keyManagement: Check = oneOf(...keyManagements);

/** Content encryption algorithms of a JWT (RFC 7518 §5.1). */
export const contentEncryptions = [
  'A128CBC-HS256',
  'A192CBC-HS384',
  'A256CBC-HS512',
  'A128GCM',
  'A192GCM',
  'A256GCM',
] as const;

export const contentEncryption: Check = oneOf(...contentEncryptions);

/** Checks the `alg` of a signature. */
export const signatureAlgorithm: Check = oneOf(...signatureAlgorithms.keys());

/**
 * Checks the `alg` of a signature. `none`, which a provider may have registered for the client, is
 * rejected; `field` is the setting's name in a registration (RFC 7591 §2).
 */
export function signedAs(field: string): Check {
  return (value) =>
    value === 'none'
      ? `is none, but unsigned messages are rejected. If a registration says so, the provider registered the ` +
        `client for unsigned messages: register it again with "${field}": "RS256"; the value ` +
        `${signatureAlgorithm(value)}`
      : signatureAlgorithm(value);
}
