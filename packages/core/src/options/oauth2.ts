import { must, oneOf, params, url, type Check } from '../platform/validators.js';
import { isObject, isToken } from '../platform/encoding.js';
import { complianceFixCheck, type ComplianceFix } from './compliance-fix.js';
import { signedAs } from './algorithms.js';
import type { Params } from '../model/types.js';

/** Options of `register()` for OAuth 2 clients only. */
export interface OAuth2RegisterOptions {
  /** Token endpoint for refresh requests, if it differs from `accessTokenUrl`. */
  refreshTokenUrl?: string | undefined;
  /** Extra parameters of refresh requests. */
  refreshTokenParams?: Params | undefined;
  /** URL of the provider's metadata (RFC 8414, OpenID Connect Discovery), loaded on first use. */
  serverMetadataUrl?: string | undefined;
  /**
   * `client_credentials`: the client acts on its own behalf, and resource calls request its token
   * automatically (RFC 6749 §4.4). Default: `authorization_code`, which logs users in.
   */
  grantType?: 'authorization_code' | 'client_credentials' | undefined;
  /**
   * Enables insecure grants that OAuth 2.1 removes, for providers that support no other. Default:
   * none.
   */
  allowLegacyGrants?: readonly ('password' | 'implicit')[] | undefined;
  /** Revocation endpoint (RFC 7009). Default: from the metadata. */
  revocationEndpoint?: string | undefined;
  /** Introspection endpoint (RFC 7662). Default: from the metadata. */
  introspectionEndpoint?: string | undefined;
  /**
   * The `alg` of signed introspection responses (RFC 9701). If set, unsigned responses are
   * rejected.
   */
  introspectionSignedResponseAlg?: string | undefined;
  /** Device authorization endpoint (RFC 8628). Default: from the metadata. */
  deviceAuthorizationEndpoint?: string | undefined;
  /** Backchannel authentication endpoint (CIBA). Default: from the metadata. */
  backchannelAuthenticationEndpoint?: string | undefined;
  /** Hooks for a provider's deviations from RFC 6749. */
  complianceFix?: ComplianceFix | undefined;
  /**
   * PKCE code challenge method (RFC 7636 §4.3). Only `S256`, the default, is supported; see `pkce`
   * for providers that reject PKCE.
   */
  codeChallengeMethod?: 'S256' | undefined;
  /** How resource calls send a bearer token (RFC 6750 §2). Default: `header`. */
  tokenPlacement?: TokenPlacement | undefined;
}

/**
 * How a bearer token is sent: as in RFC 6750, under a provider-specific name, or in an
 * `Authorization` header with another scheme.
 */
export type TokenPlacement =
  | 'header'
  | 'body'
  | 'uri'
  | { readonly header: string }
  | { readonly scheme: string }
  | { readonly uri: string }
  | { readonly body: string };

const named = ['header', 'scheme', 'uri', 'body'];
const tokenPlacement = must(
  (v) =>
    ['header', 'body', 'uri'].includes(v as string) ||
    (isObject(v) &&
      Object.entries(v).length === 1 &&
      Object.entries(v).every(
        ([place, name]) => named.includes(place) && typeof name === 'string' && isToken(name),
      )),
  'must be one of header, body, uri, or { header }, { scheme }, { uri } or { body } with a name',
);

export const oauth2Checks: Record<keyof OAuth2RegisterOptions, Check> = {
  refreshTokenUrl: url,
  refreshTokenParams: params,
  serverMetadataUrl: url,
  grantType: oneOf('authorization_code', 'client_credentials'),
  allowLegacyGrants: must(
    (v) => Array.isArray(v) && v.every((grant) => grant === 'password' || grant === 'implicit'),
    'must be a list of "password" and "implicit"',
  ),
  revocationEndpoint: url,
  introspectionEndpoint: url,
  introspectionSignedResponseAlg: signedAs('introspection_signed_response_alg'),
  deviceAuthorizationEndpoint: url,
  backchannelAuthenticationEndpoint: url,
  complianceFix: complianceFixCheck,
  codeChallengeMethod: oneOf('S256'),
  tokenPlacement,
};
