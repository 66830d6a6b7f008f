import type { Awaitable } from '../model/types.js';
import type { PrivateKeyOption } from './client-auth-types.js';

/** Options of `register()` about how authorization requests travel, and what tokens are bound to. */
export interface RequestRegisterOptions {
  /**
   * How the provider sends its answer: in the `query` (default), as a `form_post`, in the `fragment`
   * (see `fragmentPage()`), or signed as a JWT: `jwt`, `query.jwt`, `form_post.jwt`, `fragment.jwt`
   * (JARM §2.3).
   */
  responseMode?: ResponseMode | undefined;
  /** Pushes authorization requests (RFC 9126). Happens anyway where the metadata requires it. */
  requirePushedAuthorizationRequests?: boolean | undefined;
  /** Where they are pushed to, where no metadata says so. */
  pushedAuthorizationRequestEndpoint?: string | undefined;
  /**
   * Signs authorization requests with this `alg` (RFC 9101): with the `privateKey`, or with the
   * `clientSecret` for HS256, HS384 and HS512. Happens anyway if the metadata requires it. `none` leaves
   * the signature out, only together with `publishRequestObject` (OpenID Connect Core §6.2).
   */
  requestObjectSigningAlg?: string | undefined;
  /**
   * Signs backchannel authentication requests with this `alg` and the `privateKey` (CIBA Core §7.1.1).
   * Default: they are not signed. `registerDynamically()` sets it if the provider registered one.
   */
  backchannelAuthenticationRequestSigningAlg?: string | undefined;
  /**
   * Hands authorization requests over by reference (RFC 9101 §5.2): publishes the request object,
   * which is good for five minutes, and returns its https address of at most 512 characters. The provider
   * fetches it from there. Where requests are pushed it is not used: pushing is the safer way.
   */
  publishRequestObject?: ((requestObject: string) => Awaitable<string>) | undefined;
  /** The one `alg` accepted of signed answers (JARM §3). Default: the asymmetric ones the metadata lists. */
  authorizationSignedResponseAlg?: string | undefined;
  /**
   * The one `alg` signed answers are encrypted with, to one of the `decryptionKeys` (JARM §3); with it, an
   * unencrypted one is refused.
   */
  authorizationEncryptedResponseAlg?: string | undefined;
  /** The one `enc` of encrypted answers. Default `A128CBC-HS256`. */
  authorizationEncryptedResponseEnc?: string | undefined;
  /**
   * Binds tokens to a key (RFC 9449): a new ES256 key for every token, kept in the token's `dpop_key`,
   * or the `dpopKey`. A provider that answers with a bearer token is refused.
   */
  dpop?: boolean | undefined;
  /** One key for all tokens of this client, in place of a new one for every token. */
  dpopKey?: PrivateKeyOption | undefined;
}

/** How an authorization response travels (OAuth 2.0 Multiple Response Types §2.1, Form Post, JARM). */
export type ResponseMode =
  'query' | 'form_post' | 'fragment' | 'jwt' | 'query.jwt' | 'form_post.jwt' | 'fragment.jwt';
