import {
  flag,
  func,
  functions,
  headerText,
  milliseconds,
  must,
  oneOf,
  shape,
  text,
  type Check,
} from '../platform/validators.js';
import { isObject } from '../platform/encoding.js';
import type {
  ClientAuthRegisterOptions,
  ClientSecretJwt,
  PrivateKeyOption,
} from './client-auth-types.js';
import type { RegisterOptions } from './register-options.js';
import { privateKeyCheck, readPrivateKey } from './private-key.js';
import { secretAlgorithms } from '../platform/jws-algorithms.js';
import { signedAs } from './openid.js';

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

export const clientAuthChecks: Record<keyof ClientAuthRegisterOptions, Check> = {
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
  fetch: func,
  timeout: milliseconds,
  userAgent: headerText,
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

/** Returns the key for `private_key_jwt`; PEM text may also be given as the `clientSecret`. */
export function clientKey(options: Readonly<RegisterOptions>): PrivateKeyOption | undefined {
  const { privateKey, clientSecret, tokenEndpointAuthMethod } = options;
  return privateKey ?? (tokenEndpointAuthMethod === 'private_key_jwt' ? clientSecret : undefined);
}

type Rule = (options: Readonly<RegisterOptions>) => string | undefined;

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
      ? '"client_secret_jwt" signs with a "clientSecret"; use client_secret_post or client_secret_basic with a "clientSecretJwt".'
      : undefined,
  ({ tokenEndpointAuthMethod: method = 'client_secret_basic', basicEncoding }) =>
    basicEncoding !== undefined && method !== 'client_secret_basic'
      ? `"basicEncoding" applies only to client_secret_basic, but "tokenEndpointAuthMethod" is ${method}.`
      : undefined,
  (options) => {
    const key = clientKey(options);
    if (options.tokenEndpointAuthMethod !== 'private_key_jwt') return undefined;
    if (key === undefined) return '"private_key_jwt" needs a "privateKey" to sign with.';
    const problem = privateKeyCheck(key);
    return (
      problem &&
      `"clientSecret" is used as the key of private_key_jwt because there is no "privateKey", and ${problem}.`
    );
  },
  signingAlgorithm,
  assertionMembers,
];

function signingAlgorithm(options: Readonly<RegisterOptions>): string | undefined {
  const { tokenEndpointAuthMethod: method, tokenEndpointAuthSigningAlg: alg } = options;
  if (alg === undefined) return undefined;
  const key = clientKey(options);
  const keyed = method === 'private_key_jwt' || (method === undefined && key !== undefined);
  const fitting = keyed && key ? readPrivateKey(key).algorithms : secretAlgorithms;
  if (!keyed && method !== 'client_secret_jwt') {
    return '"tokenEndpointAuthSigningAlg" applies only to client_secret_jwt and private_key_jwt.';
  }
  return fitting.includes(alg)
    ? undefined
    : `"tokenEndpointAuthSigningAlg" must be one of ${fitting.join(', ')} for this client's key.`;
}

/** Rejects assertion headers and claims if no assertion is sent; they would be silently ignored. */
function assertionMembers(options: Readonly<RegisterOptions>): string | undefined {
  const { tokenEndpointAuthMethod: method } = options;
  const keyed = method === undefined && clientKey(options) !== undefined;
  if (keyed || method === 'private_key_jwt' || method === 'client_secret_jwt') return undefined;
  const useless = (['clientAssertionHeader', 'clientAssertionClaims'] as const).find(
    (name) => options[name] !== undefined,
  );
  return useless && `"${useless}" applies only to client_secret_jwt and private_key_jwt.`;
}

/** Returns what is inconsistent between the client authentication options, if anything. */
export function clientAuthProblem(options: Readonly<RegisterOptions>): string | undefined {
  return rules.map((rule) => rule(options)).find((problem) => problem !== undefined);
}
