import {
  claims,
  count,
  each,
  flag,
  jwks,
  must,
  oneOf,
  shape,
  url,
  type Check,
} from '../platform/validators.js';
import { isObject } from '../platform/encoding.js';
import type { RegisterOptions } from './register-options.js';
import type { PrivateKeyOption } from './client-auth-types.js';
import type { ClaimsProvider, OpenIdRegisterOptions } from './openid-types.js';
import { readPkcs8 } from '../platform/pkcs8.js';
import { unwrapKey } from './private-key.js';
import { signatureAlgorithms } from '../platform/jws-algorithms.js';

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

const signatureAlgorithm: Check = oneOf(...signatureAlgorithms.keys());

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

/** The first of several spellings is used for discovery; the others may be bare hosts. */
function oneIssuer(value: unknown, index: number): string | undefined {
  const bare = index > 0 && typeof value === 'string' && /^[\w.-]+$/.test(value);
  return bare ? undefined : url(value);
}

export const openidChecks: Record<keyof OpenIdRegisterOptions, Check> = {
  issuer: (value) =>
    Array.isArray(value) && value.length > 0
      ? value.map(oneIssuer).find((problem) => problem !== undefined)
      : url(value),
  tenants: must(
    (v) =>
      typeof v === 'function' ||
      (Array.isArray(v) && v.length > 0 && v.every((one) => typeof one === 'string' && one !== '')),
    'must be a list of tenants, or a function that returns whether a tenant is accepted',
  ),
  jwksUri: url,
  responseType: oneOf(
    'code',
    'id_token',
    'code id_token',
    'id_token token',
    'code token',
    'code id_token token',
  ),
  enableDetachedSignatureResponseChecks: flag,
  jwks,
  idTokenSignedResponseAlg: signedAs('id_token_signed_response_alg'),
  idTokenEncryptedResponseAlg: keyManagement,
  idTokenEncryptedResponseEnc: contentEncryption,
  userinfoSignedResponseAlg: signedAs('userinfo_signed_response_alg'),
  userinfoEncryptedResponseAlg: keyManagement,
  userinfoEncryptedResponseEnc: contentEncryption,
  decryptionKeys: must(
    (v) => Array.isArray(v) && v.length > 0 && v.every(isDecryptionKey),
    'must be a list of private keys: PEM text, JWKs or CryptoKeys that may decrypt',
  ),
  leeway: count,
  trustedAudiences: must(
    (v) => Array.isArray(v) && v.every((one) => typeof one === 'string' && one !== ''),
    'must be a list of audiences',
  ),
  essentialAcr: flag,
  claimSources: (value) => claimSources(value) ?? byIssuer(value),
  claimsOptions: claims,
};

/** Returns the clock tolerance in seconds. */
export function leewayOf({ leeway = 30 }: Readonly<OpenIdRegisterOptions>): number {
  return leeway;
}

const claimSources = each(
  shape<ClaimsProvider>({ jwks, jwksUri: url, endpoint: url, alg: signatureAlgorithm }),
);
const byIssuer = must(
  (v) => Object.keys(v as object).every((issuer) => url(issuer) === undefined),
  'must have issuers as names, each an https URL',
);

function isDecryptionKey(option: unknown): boolean {
  const key: unknown = unwrapKey(option as PrivateKeyOption).key;
  if (typeof key === 'string') return readPkcs8(key) !== undefined;
  if (typeof CryptoKey === 'function' && key instanceof CryptoKey) return key.type === 'private';
  return isObject(key) && typeof key['kty'] === 'string' && typeof key['d'] === 'string';
}

/** Returns what is inconsistent between the OpenID Connect options, if anything. */
export function openidProblem(options: Readonly<RegisterOptions>): string | undefined {
  const { issuer, tenants, decryptionKeys } = options;
  const template = [issuer ?? []].flat().some((one) => /\{\w+\}/.test(one));
  if (template && tenants === undefined) {
    return (
      'the "issuer" is a template, so any tenant would be accepted. Give "tenants": a list of those that ' +
      'may log in, or a function.'
    );
  }
  const encrypted =
    options.idTokenEncryptedResponseAlg ??
    options.userinfoEncryptedResponseAlg ??
    options.authorizationEncryptedResponseAlg;
  if (encrypted !== undefined && decryptionKeys === undefined) {
    return `${encrypted} needs "decryptionKeys": the private keys to decrypt with.`;
  }
  return detachedSignatureProblem(options);
}

/**
 * Checks that a detached signature is possible: it is the id_token next to a code (FAPI 1.0
 * Advanced §5.2.2).
 */
function detachedSignatureProblem({
  enableDetachedSignatureResponseChecks: checked,
  responseType,
}: Readonly<RegisterOptions>): string | undefined {
  return checked !== true || responseType?.startsWith('code id_token')
    ? undefined
    : '"enableDetachedSignatureResponseChecks" needs the "responseType" code id_token: the id_token of its ' +
        'callback is the signature.';
}
