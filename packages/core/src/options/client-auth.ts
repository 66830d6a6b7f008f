import { flag, functions, must, oneOf, shape, text, type Check } from '../platform/validators.js';
import { isObject } from '../platform/encoding.js';
import {
  privateKeyCheck,
  readPrivateKey,
  type PrivateKey,
  type PrivateKeyOption,
} from './private-key.js';
import { secretAlgorithms } from '../platform/jwt/algorithms.js';
import { signedAs } from './algorithms.js';
import type { Awaitable } from '../model/types.js';
import type { HookRequest } from './compliance-fix.js';

/** Options for client authentication (RFC 6749 §2.3, RFC 7591 §2). */
export interface ClientAuthOptions {
  /**
   * Client authentication method at the token endpoint (RFC 7591 §2): `client_secret_basic`,
   * `client_secret_post`, `client_secret_jwt`, `private_key_jwt`, `tls_client_auth`,
   * `self_signed_tls_client_auth`, `none`, or a name in `clientAuthMethods`. Default:
   * `client_secret_basic` with a secret (`client_secret_post` if the metadata lists only that),
   * `private_key_jwt` with only a key, otherwise `none`.
   */
  tokenEndpointAuthMethod?: string | undefined;
  /**
   * The client's private key, for `private_key_jwt` and signed requests (RFC 7523 §2.2): PEM text
   * (PKCS #8, PKCS #1 or SEC 1), a JWK or a `CryptoKey`. Use `{ key, kid }` if the provider
   * requires a `kid`.
   */
  privateKey?: PrivateKeyOption | undefined;
  /** Generates the client secret as a signed JWT and regenerates it before it expires. */
  clientSecretJwt?: ClientSecretJwt | undefined;
  /**
   * The `alg` of client assertions (RFC 7591 §2). Default: the first algorithm of the key that the
   * metadata lists.
   */
  tokenEndpointAuthSigningAlg?: string | undefined;
  /**
   * The `aud` of client assertions (RFC 7523 §3): the provider's `issuer`, its `token_endpoint`, or
   * any other string. Default: the `issuer`.
   */
  clientAssertionAudience?: string | undefined;
  /**
   * Additional header parameters of client assertions, such as `x5t#S256`, the thumbprint of the
   * key's certificate (RFC 7515 §4.1). `alg`, `kid`, `crit` and `b64` are reserved.
   */
  clientAssertionHeader?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Additional claims of client assertions. `iss`, `sub`, `aud`, `exp`, `iat` and `jti` are
   * reserved (RFC 7523 §3).
   */
  clientAssertionClaims?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Uses the provider's `mtls_endpoint_aliases` and expects certificate-bound access tokens (RFC
   * 8705 §3). Implied by the `tls_client_auth` methods. The certificate itself is configured in
   * `fetch`. Default: `false`.
   */
  tlsClientCertificateBoundAccessTokens?: boolean | undefined;
  /**
   * Encoding of client id and secret in HTTP Basic: `form`-encoded first (RFC 6749 §2.3.1), or
   * `raw`, for authorization servers that do not decode them. Default: `form`.
   */
  basicEncoding?: 'form' | 'raw' | undefined;
  /** Custom client authentication methods, by name. */
  clientAuthMethods?: Record<string, ClientAuthMethod> | undefined;
}

/**
 * A custom client authentication method. Edits in place a request to the token endpoint or another
 * endpoint that authenticates the client.
 */
export type ClientAuthMethod = (
  request: HookRequest,
  client: { clientId: string; clientSecret: string | undefined },
) => Awaitable<void>;

/** How to generate a client secret that is a signed JWT. */
export interface ClientSecretJwt {
  /** The signing key. */
  readonly key: PrivateKey;
  /** The `kid` of the JWT header. */
  readonly kid?: string | undefined;
  /** The `iss` claim: your identifier at the provider. The `sub` claim is the `clientId`. */
  readonly issuer: string;
  /** The `aud` claim: the provider. */
  readonly audience: string;
  /** Lifetime in seconds. The JWT is regenerated when a tenth of it remains. Default: 3600. */
  readonly lifetime?: number | undefined;
}

const secretJwt = shape<ClientSecretJwt>(
  {
    key: privateKeyCheck,
    kid: text,
    issuer: text,
    audience: text,
    lifetime: must((v) => Number.isFinite(v) && Number(v) > 0, 'must be seconds above 0'),
  },
  ['key', 'issuer', 'audience'],
);

/** Requires an object without reserved members, which would break the assertion. */
function without(...own: string[]): Check {
  return (value) => {
    if (!isObject(value) || Object.keys(value).length === 0)
      return 'must be an object with members';
    const unset = Object.keys(value).find((name) => value[name] === undefined);
    if (unset !== undefined) return `has a member "${unset}" without a value`;
    const taken = own.find((name) => Object.hasOwn(value, name));
    return taken && `must not contain "${taken}", which the library sets itself`;
  };
}

export const clientAuthChecks: Record<keyof ClientAuthOptions, Check> = {
  tokenEndpointAuthMethod: text,
  tokenEndpointAuthSigningAlg: signedAs('token_endpoint_auth_signing_alg'),
  clientAuthMethods: functions,
  basicEncoding: oneOf('form', 'raw'),
  privateKey: privateKeyCheck,
  clientAssertionAudience: text,
  clientAssertionHeader: without('alg', 'kid', 'crit', 'b64'),
  clientAssertionClaims: without('iss', 'sub', 'aud', 'exp', 'iat', 'jti'),
  clientSecretJwt: secretJwt,
  tlsClientCertificateBoundAccessTokens: flag,
};

const standardMethods = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
];

/** The options that client authentication depends on. */
export interface ClientAuthSettings extends ClientAuthOptions {
  clientSecret?: string | undefined;
}

/** Returns the key for `private_key_jwt`; PEM text may also be given as the `clientSecret`. */
export function clientKey(options: Readonly<ClientAuthSettings>): PrivateKeyOption | undefined {
  const { privateKey, clientSecret, tokenEndpointAuthMethod } = options;
  return privateKey ?? (tokenEndpointAuthMethod === 'private_key_jwt' ? clientSecret : undefined);
}

type Rule = (options: Readonly<ClientAuthSettings>) => string | undefined;

/** Consistency rules between the options; each returns the problem it finds. */
const rules: Rule[] = [
  ({ tokenEndpointAuthMethod: method, clientAuthMethods = {} }) =>
    method === undefined || [...standardMethods, ...Object.keys(clientAuthMethods)].includes(method)
      ? undefined
      : `"tokenEndpointAuthMethod" must be one of ${standardMethods.join(', ')}, or a name in "clientAuthMethods".`,
  ({ clientSecret, clientSecretJwt }) =>
    clientSecret !== undefined && clientSecretJwt !== undefined
      ? '"clientSecret" and "clientSecretJwt" are both set; remove one.'
      : undefined,
  ({ tokenEndpointAuthMethod: method, clientSecretJwt }) =>
    method === 'client_secret_jwt' && clientSecretJwt !== undefined
      ? '"tokenEndpointAuthMethod" is client_secret_jwt, which signs with a "clientSecret"; with a "clientSecretJwt", ' +
        'set it to client_secret_post or client_secret_basic.'
      : undefined,
  ({ tokenEndpointAuthMethod: method = 'client_secret_basic', basicEncoding }) =>
    basicEncoding !== undefined && method !== 'client_secret_basic'
      ? `"basicEncoding" applies only to client_secret_basic, but "tokenEndpointAuthMethod" is ${method}; remove one of them.`
      : undefined,
  (options) => {
    const key = clientKey(options);
    if (options.tokenEndpointAuthMethod !== 'private_key_jwt') return undefined;
    if (key === undefined)
      return '"tokenEndpointAuthMethod" is private_key_jwt, which needs a "privateKey" to sign with.';
    const problem = privateKeyCheck(key);
    return (
      problem &&
      `"tokenEndpointAuthMethod" is private_key_jwt and there is no "privateKey", so "clientSecret" is the key; it ${problem}.`
    );
  },
  signingAlgorithm,
  assertionMembers,
];

const onlyAssertions =
  'applies only to client_secret_jwt and private_key_jwt; remove it, or set "tokenEndpointAuthMethod" to one of them.';

function signingAlgorithm(options: Readonly<ClientAuthSettings>): string | undefined {
  const { tokenEndpointAuthMethod: method, tokenEndpointAuthSigningAlg: alg } = options;
  if (alg === undefined) return undefined;
  const key = clientKey(options);
  const keyed = method === 'private_key_jwt' || (method === undefined && key !== undefined);
  const fitting = keyed && key ? readPrivateKey(key).algorithms : secretAlgorithms;
  if (!keyed && method !== 'client_secret_jwt') {
    return `"tokenEndpointAuthSigningAlg" ${onlyAssertions}`;
  }
  return fitting.includes(alg)
    ? undefined
    : `"tokenEndpointAuthSigningAlg" must be one of ${fitting.join(', ')} for this client's key.`;
}

/** Rejects assertion headers and claims if no assertion is sent; they would be silently ignored. */
function assertionMembers(options: Readonly<ClientAuthSettings>): string | undefined {
  const { tokenEndpointAuthMethod: method } = options;
  const keyed = method === undefined && clientKey(options) !== undefined;
  if (keyed || method === 'private_key_jwt' || method === 'client_secret_jwt') return undefined;
  const useless = (['clientAssertionHeader', 'clientAssertionClaims'] as const).find(
    (name) => options[name] !== undefined,
  );
  return useless && `"${useless}" ${onlyAssertions}`;
}

/** Returns what is inconsistent between the client authentication options, if anything. */
export function clientAuthProblem(options: Readonly<ClientAuthSettings>): string | undefined {
  return rules.map((rule) => rule(options)).find((problem) => problem !== undefined);
}
