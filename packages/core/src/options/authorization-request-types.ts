import type { Awaitable } from '../model/types.js';
import type { PrivateKeyOption } from './client-auth-types.js';

/** Options of `register()` for sending authorization requests and for binding tokens to a key. */
export interface RequestRegisterOptions {
  /**
   * How the provider returns the authorization response: `query` (default), `form_post`, `fragment`
   * (see `fragmentPage()`), or signed as a JWT: `jwt`, `query.jwt`, `form_post.jwt`, `fragment.jwt`
   * (JARM §2.3).
   */
  responseMode?: ResponseMode | undefined;
  /**
   * Sends pushed authorization requests (RFC 9126). Always on if
   * `require_pushed_authorization_requests` is set in the metadata. Default: `false`.
   */
  requirePushedAuthorizationRequests?: boolean | undefined;
  /** Pushed authorization request endpoint. Default: from the metadata. */
  pushedAuthorizationRequestEndpoint?: string | undefined;
  /**
   * Signs authorization requests with this `alg` (RFC 9101), using the `privateKey`, or the
   * `clientSecret` for HS256, HS384 and HS512. Always on if the metadata requires signed requests.
   * `none` sends an unsigned request object and is allowed only together with
   * `publishRequestObject` (OpenID Connect Core §6.2).
   */
  requestObjectSigningAlg?: string | undefined;
  /**
   * Signs backchannel authentication requests with this `alg` and the `privateKey` (CIBA Core
   * §7.1.1). Default: unsigned. `registerDynamically()` sets it if the provider registered one.
   */
  backchannelAuthenticationRequestSigningAlg?: string | undefined;
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
   * `decryptionKeys` (JARM §3). If set, unencrypted responses are rejected.
   */
  authorizationEncryptedResponseAlg?: string | undefined;
  /** The only `enc` accepted for encrypted authorization responses. Default: `A128CBC-HS256`. */
  authorizationEncryptedResponseEnc?: string | undefined;
  /**
   * Binds tokens to a key with DPoP (RFC 9449): the `dpopKey`, or a new ES256 key per token, stored
   * in the token's `dpop_key`. A token response with a bearer token is rejected. Default: `false`.
   */
  dpop?: boolean | undefined;
  /** One DPoP key for all tokens of this client. Default: a new key per token. */
  dpopKey?: PrivateKeyOption | undefined;
}

/**
 * How an authorization response is returned (OAuth 2.0 Multiple Response Types §2.1, Form Post,
 * JARM).
 */
export type ResponseMode =
  'query' | 'form_post' | 'fragment' | 'jwt' | 'query.jwt' | 'form_post.jwt' | 'fragment.jwt';
