import { flag, func, oneOf, url, type Check } from '../platform/validators.js';
import { readPrivateKey } from './private-key.js';
import { secretAlgorithms } from '../platform/jwt/algorithms.js';
import { clientKey, type ClientAuthSettings } from './client-auth.js';
import { contentEncryption, keyManagement, signedAs } from './algorithms.js';
import type { Awaitable } from '../model/types.js';

/** Options for authorization requests and their responses (RFC 6749 §4.1.1). */
export interface AuthorizationRequestOptions {
  /**
   * How the provider returns the authorization response: `query`, `form_post`, `fragment` (see
   * `fragmentPage()`), or signed as a JWT: `jwt`, `query.jwt`, `form_post.jwt`, `fragment.jwt`
   * (JARM §2.3). Default: `query`.
   */
  responseMode?: ResponseMode | undefined;
  /**
   * PKCE code challenge method (RFC 7636 §4.3). Only `S256` is supported; see `pkce` for providers
   * that reject PKCE. Default: `S256`.
   */
  codeChallengeMethod?: 'S256' | undefined;
  /**
   * Sends pushed authorization requests (RFC 9126). Always on if
   * `require_pushed_authorization_requests` is set in the metadata. Default: `false`.
   */
  requirePushedAuthorizationRequests?: boolean | undefined;
  /** Pushed authorization request endpoint (RFC 9126 §2). Default: from the metadata. */
  pushedAuthorizationRequestEndpoint?: string | undefined;
  /**
   * Signs authorization requests with this `alg` (RFC 9101), using the `privateKey`, or the
   * `clientSecret` for HS256, HS384 and HS512. Always on if the metadata requires signed requests.
   * `none` sends an unsigned request object and is allowed only together with
   * `publishRequestObject` (OpenID Connect Core §6.2). Default: unsigned.
   */
  requestObjectSigningAlg?: string | undefined;
  /**
   * Passes authorization requests by reference (RFC 9101 §5.2): publishes the request object, which
   * is valid for five minutes, and returns its https URL of at most 512 characters. The provider
   * fetches the request object from that URL. Not used if requests are pushed, which is safer.
   */
  publishRequestObject?: ((requestObject: string) => Awaitable<string>) | undefined;
  /**
   * The only `alg` accepted for signed authorization responses (JARM §3). Default: the asymmetric
   * algorithms listed in the metadata.
   */
  authorizationSignedResponseAlg?: string | undefined;
  /**
   * The only `alg` accepted for encrypted authorization responses, decrypted with one of the
   * `decryptionKeys` (JARM §3). If set, unencrypted responses are rejected. Default: unencrypted.
   */
  authorizationEncryptedResponseAlg?: string | undefined;
  /**
   * The only `enc` accepted for encrypted authorization responses (JARM §3). Default:
   * `A128CBC-HS256`.
   */
  authorizationEncryptedResponseEnc?: string | undefined;
  /**
   * Signs backchannel authentication requests with this `alg` and the `privateKey` (CIBA Core
   * §7.1.1). `registerDynamically()` sets it if the provider registered one. Default: unsigned.
   */
  backchannelAuthenticationRequestSigningAlg?: string | undefined;
}

/**
 * How an authorization response is returned (OAuth 2.0 Multiple Response Types §2.1, Form Post,
 * JARM).
 */
export type ResponseMode =
  'query' | 'form_post' | 'fragment' | 'jwt' | 'query.jwt' | 'form_post.jwt' | 'fragment.jwt';

/** The supported response modes. */
export const responseModes: readonly string[] = [
  'query',
  'form_post',
  'fragment',
  'jwt',
  'query.jwt',
  'form_post.jwt',
  'fragment.jwt',
];

export const requestChecks: Record<keyof AuthorizationRequestOptions, Check> = {
  responseMode: oneOf(...responseModes),
  codeChallengeMethod: oneOf('S256'),
  requirePushedAuthorizationRequests: flag,
  pushedAuthorizationRequestEndpoint: url,
  requestObjectSigningAlg: (value) =>
    value === 'none' ? undefined : signedAs('request_object_signing_alg')(value),
  backchannelAuthenticationRequestSigningAlg: signedAs(
    'backchannel_authentication_request_signing_alg',
  ),
  publishRequestObject: func,
  authorizationSignedResponseAlg: signedAs('authorization_signed_response_alg'),
  authorizationEncryptedResponseAlg: keyManagement,
  authorizationEncryptedResponseEnc: contentEncryption,
};

/** The options that authorization requests depend on. */
type RequestSettings = AuthorizationRequestOptions & ClientAuthSettings;

/** Returns what is inconsistent between the authorization request options, if anything. */
export function requestProblem(options: Readonly<RequestSettings>): string | undefined {
  if (options.publishRequestObject && options.requirePushedAuthorizationRequests === true) {
    return '"publishRequestObject" and "requirePushedAuthorizationRequests" exclude each other; remove one.';
  }
  return requestObjectProblem(options) ?? backchannelProblem(options);
}

function requestObjectProblem(options: Readonly<RequestSettings>): string | undefined {
  const { requestObjectSigningAlg: alg, clientSecret, publishRequestObject } = options;
  if (alg === undefined) return undefined;
  if (alg === 'none') {
    return publishRequestObject
      ? undefined
      : '"requestObjectSigningAlg" is none, but an unsigned request is allowed only if it is passed by ' +
          'reference with "publishRequestObject" (OpenID Connect Core §6.2). If a registration says none, ' +
          'register the client again with another "request_object_signing_alg".';
  }
  const key = clientKey(options);
  const shared = clientSecret !== undefined && clientSecret !== key;
  const fitting = [...ownAlgorithms(options), ...(shared ? secretAlgorithms : [])];
  return fitting.includes(alg)
    ? undefined
    : `"requestObjectSigningAlg" is ${alg}, which needs ${
        secretAlgorithms.includes(alg) ? 'a "clientSecret"' : 'a "privateKey" that can sign with it'
      }.`;
}

/** The signature algorithm must be asymmetric (CIBA Core §7.1.1). */
function backchannelProblem(options: Readonly<RequestSettings>): string | undefined {
  const { backchannelAuthenticationRequestSigningAlg: alg } = options;
  return alg === undefined || ownAlgorithms(options).includes(alg)
    ? undefined
    : `"backchannelAuthenticationRequestSigningAlg" is ${alg}, which needs a "privateKey" that can sign with it ` +
        '(CIBA Core §7.1.1).';
}

function ownAlgorithms(options: Readonly<RequestSettings>): readonly string[] {
  const key = clientKey(options);
  return key === undefined ? [] : readPrivateKey(key).algorithms;
}
