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
import { isNonEmptyString, isObject } from '../platform/encoding.js';
import { isCryptoKey } from '../platform/crypto.js';
import { readPem } from '../platform/pem.js';
import { unwrapKey, type PrivateKeyOption } from './private-key.js';
import { contentEncryption, keyManagement, signatureAlgorithm, signedAs } from './algorithms.js';
import type { ClaimsOptions, ResponseType } from '../model/types.js';

/** Options for OpenID Connect. They apply to id_tokens, userinfo and their keys. */
export interface OpenIdOptions {
  /**
   * Tenants of an `issuer` template that are accepted: a list, or a function that returns whether a
   * tenant is accepted (OpenID Connect Core §3.1.3.7, RFC 9207 §2.4).
   */
  tenants?: readonly string[] | ((tenant: string) => boolean) | undefined;
  /**
   * JWKS URL of the provider (OpenID Connect Discovery §3, RFC 8414 §2). Default: from the metadata.
   */
  jwksUri?: string | undefined;
  /**
   * The provider's JSON Web Key Set, inline (RFC 7517 §5, OpenID Connect Core §10.1). Default: loaded
   * from `jwksUri`.
   */
  jwks?: { readonly keys: readonly Record<string, unknown>[] } | undefined;
  /**
   * Additional validation of id_token claims. It never replaces the standard validation (OpenID
   * Connect Core §3.1.3.7).
   */
  claimsOptions?: ClaimsOptions | undefined;
  /**
   * Clock tolerance for the timestamps of the provider's JWTs, in seconds (RFC 7519 §4.1.4, OpenID
   * Connect Core §3.1.3.7). Default: 30.
   */
  leeway?: number | undefined;
  /**
   * Additional audiences that an id_token may contain (OpenID Connect Core §3.1.3.7). If set, an
   * id_token with other audiences is rejected and `azp` is optional. Default: none; with several
   * audiences, `azp` must be this client.
   */
  trustedAudiences?: readonly string[] | undefined;
  /**
   * Makes `acr_values` essential: an id_token whose `acr` is missing or not among them is rejected.
   * Otherwise `acr_values` requests a voluntary claim (OpenID Connect Core §5.5.1.1), and the
   * application checks `acr` itself. Default: `false`.
   */
  essentialAcr?: boolean | undefined;
  /**
   * The `response_type` of authorization requests (OAuth 2.0 Multiple Response Types §5, OpenID
   * Connect Core §3). With `code`, no token passes through the browser. The others need
   * `responseMode` `form_post`, which is then the default, or `fragment`. Default: `code`.
   */
  responseType?: ResponseType | undefined;
  /**
   * The only `alg` accepted for id_tokens (OpenID Connect Core §3.1.3.7). Default: the asymmetric algorithms listed in the
   * metadata.
   */
  idTokenSignedResponseAlg?: string | undefined;
  /**
   * The only `alg` accepted for encrypted id_tokens, decrypted with one of the `decryptionKeys`
   * (OpenID Connect Core §3.1.3.7). If set, unencrypted id_tokens are rejected. Default: unencrypted.
   */
  idTokenEncryptedResponseAlg?: string | undefined;
  /**
   * The only `enc` accepted for encrypted id_tokens (OpenID Connect Dynamic Client Registration §2).
   * Default: `A128CBC-HS256`.
   */
  idTokenEncryptedResponseEnc?: string | undefined;
  /**
   * The only `alg` accepted for signed userinfo (OpenID Connect Core §5.3.2). If set, unsigned
   * userinfo is rejected. Default: unsigned.
   */
  userinfoSignedResponseAlg?: string | undefined;
  /**
   * The only `alg` accepted for encrypted userinfo (OpenID Connect Core §5.3.2). If set,
   * unencrypted userinfo is rejected. Default: unencrypted.
   */
  userinfoEncryptedResponseAlg?: string | undefined;
  /**
   * The only `enc` accepted for encrypted userinfo (OpenID Connect Dynamic Client Registration §2).
   * Default: `A128CBC-HS256`.
   */
  userinfoEncryptedResponseEnc?: string | undefined;
  /**
   * Private keys that decrypt id_tokens, userinfo and responses: PEM text (PKCS #8, PKCS #1 or SEC
   * 1), JWKs or `CryptoKey`s (OpenID Connect Core §10.2, JARM §2.2). Use `{ key, kid }` if the
   * provider refers to keys by `kid`.
   */
  decryptionKeys?: readonly PrivateKeyOption[] | undefined;
  /**
   * The claims providers that `metadata.aggregatedClaims()` and `metadata.distributedClaims()` trust, by issuer
   * identifier (OpenID Connect Core §5.6.2). Their keys are discovered unless given here. Default:
   * none.
   */
  claimSources?: Readonly<Record<string, ClaimsProvider>> | undefined;
  /**
   * Treats the id_token of a `code id_token` callback as a detached signature of the response: its
   * `c_hash` and `s_hash` are required (FAPI 1.0 Advanced §5.2.2.1, §5.2.3.1). Otherwise `s_hash`
   * is optional. Default: `false`.
   */
  enableDetachedSignatureResponseChecks?: boolean | undefined;
}

/** A trusted claims provider (OpenID Connect Core §5.6.2). */
export interface ClaimsProvider {
  /** The JSON Web Key Set, inline (RFC 7517 §5). */
  readonly jwks?: { readonly keys: readonly Record<string, unknown>[] } | undefined;
  /** The JWKS URL. */
  readonly jwksUri?: string | undefined;
  /**
   * The endpoint of distributed claims; only its origin is compared. Default: the issuer's origin.
   */
  readonly endpoint?: string | undefined;
  /** The only `alg` accepted for signatures. Default: any asymmetric algorithm. */
  readonly alg?: string | undefined;
}

export const openidChecks: Record<keyof OpenIdOptions, Check> = {
  tenants: must(
    (v) =>
      typeof v === 'function' || (Array.isArray(v) && v.length > 0 && v.every(isNonEmptyString)),
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
    (v) => Array.isArray(v) && v.every(isNonEmptyString),
    'must be a list of audiences',
  ),
  essentialAcr: flag,
  claimSources: (value) => claimSources(value) ?? byIssuer(value),
  claimsOptions: claims,
};

/** Returns the clock tolerance in seconds. */
export function leewayOf({ leeway = 30 }: Readonly<OpenIdOptions>): number {
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
  if (typeof key === 'string') return typeof readPem(key) !== 'string';
  if (isCryptoKey(key)) return key.type === 'private';
  return isObject(key) && typeof key['kty'] === 'string' && typeof key['d'] === 'string';
}

/** The issuer, and how it encrypts its authorization response. */
interface IssuerAndResponse {
  readonly issuer?: string | readonly string[] | undefined;
  readonly authorizationEncryptedResponseAlg?: string | undefined;
}

/** The options after which responses are encrypted. */
const encryptions = [
  'idTokenEncryptedResponseAlg',
  'userinfoEncryptedResponseAlg',
  'authorizationEncryptedResponseAlg',
] as const;

/** Returns what is inconsistent between the OpenID Connect options, if anything. */
export function openidProblem(
  options: Readonly<OpenIdOptions> & IssuerAndResponse,
): string | undefined {
  const { issuer, tenants, decryptionKeys } = options;
  const template = [issuer ?? []].flat().some((one) => /\{\w+\}/.test(one));
  if (template && tenants === undefined) {
    return (
      'the "issuer" is a template, so any tenant would be accepted. Give "tenants": a list of those that ' +
      'may log in, or a function.'
    );
  }
  const encrypted = encryptions.find((option) => options[option] !== undefined);
  if (encrypted !== undefined && decryptionKeys === undefined) {
    return `"${encrypted}" is set, but no "decryptionKeys": give the private keys to decrypt with.`;
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
}: Readonly<OpenIdOptions>): string | undefined {
  return checked !== true || responseType?.startsWith('code id_token')
    ? undefined
    : '"enableDetachedSignatureResponseChecks" needs the "responseType" code id_token: the id_token of its ' +
        'callback is the signature.';
}
