import { assertionOptions, type AssertionOptions } from './assertion.js';
import { must, params, scope, text, url, type Check } from '../platform/validators.js';
import { isObject, isToken } from '../platform/encoding.js';
import { complianceFixCheck, type ComplianceFix } from './compliance-fix.js';
import {
  requestChecks,
  requestProblem,
  type AuthorizationRequestOptions,
} from './authorization-request.js';
import { serverChecks, serverProblem, type ServerChoiceOptions } from './chosen-server.js';
import { clientAuthChecks, clientAuthProblem, type ClientAuthOptions } from './client-auth.js';
import { commonChecks, type CommonOptions } from './common.js';
import { dpopChecks, dpopProblem, type DpopOptions } from './dpop.js';
import { endpointChecks, type EndpointOptions } from './endpoints.js';
import { logoutChecks, type LogoutOptions } from './logout.js';
import { openidChecks, openidProblem, type OpenIdOptions } from './openid.js';
import {
  protectedResourceChecks,
  protectedResourceProblem,
  type ProtectedResourceOptions,
} from './protected-resource.js';
import { oauth2QuirkChecks, oauthQuirkChecks } from './quirks.js';
import { questionsOf, supposed } from './server-choice.js';
import { storedTokenChecks, type StoredTokenOptions } from './stored-tokens.js';
import type { OAuth2QuirkOptions, OAuthQuirkOptions } from '../quirks/types.js';
import type { Params } from '../model/types.js';

/** Options of an OAuth 2 or OpenID Connect client (RFC 6749). */
export interface OAuth2Options
  extends
    CommonOptions,
    OpenIdOptions,
    ClientAuthOptions,
    AuthorizationRequestOptions,
    DpopOptions,
    StoredTokenOptions,
    EndpointOptions,
    LogoutOptions,
    ServerChoiceOptions,
    ProtectedResourceOptions,
    OAuthQuirkOptions,
    OAuth2QuirkOptions {
  /** The client identifier issued by the provider (RFC 6749 §2.2). Default: `{NAME}_CLIENT_ID`. */
  clientId?: string | undefined;
  /**
   * The client secret (RFC 6749 §2.3.1); without one the client is public. Default:
   * `{NAME}_CLIENT_SECRET`.
   */
  clientSecret?: string | undefined;
  /**
   * Requested scope: space separated, or a list (RFC 6749 §3.3). With `openid`, the token response
   * must contain an id_token (OpenID Connect Core §3.1.2.1). Default: none.
   */
  scope?: string | readonly string[] | undefined;
  /**
   * The provider's issuer identifier, compared exactly (RFC 8414 §2, OpenID Connect Core §3.1.3.7).
   * Without `serverMetadataUrl`, it is also used for discovery. For a provider with several issuers:
   * a list, in which entries after the first may be bare hosts, or a template such as
   * `https://login.example/{tenantid}/v2.0`, with the allowed `tenants`. Default: from the metadata.
   */
  issuer?: string | readonly string[] | undefined;
  /**
   * URL of the provider's metadata, loaded on first use (RFC 8414 §3, OpenID Connect Discovery §4).
   * Default: derived from the `issuer`.
   */
  serverMetadataUrl?: string | undefined;
  /** Authorization endpoint (RFC 6749 §3.1). Default: from the metadata. */
  authorizeUrl?: string | undefined;
  /** Token endpoint (RFC 6749 §3.2). Default: from the metadata. */
  accessTokenUrl?: string | undefined;
  /**
   * Extra parameters of token requests (RFC 6749 §4.1.3); `null` and `undefined` are omitted.
   */
  accessTokenParams?: Params | undefined;
  /**
   * `authorization_code` logs users in. With any other grant the client acts on its own behalf, and
   * API calls request its token automatically: `client_credentials` (RFC 6749 §4.4),
   * `urn:ietf:params:oauth:grant-type:jwt-bearer` with an `assertion`, or a grant type of the
   * provider with `accessTokenParams`. Default: `authorization_code`.
   */
  grantType?:
    | 'authorization_code'
    | 'client_credentials'
    | 'urn:ietf:params:oauth:grant-type:jwt-bearer'
    | (string & {})
    | undefined;
  /**
   * The assertion of a service account (RFC 7523 §2.1), signed for each token request. The client
   * is not authenticated besides, unless `tokenEndpointAuthMethod` is set. Default: none.
   */
  assertion?: AssertionOptions | undefined;
  /** How API calls send a bearer token (RFC 6750 §2). Default: `header`. */
  tokenPlacement?: TokenPlacement | undefined;
  /** Hooks for a provider's deviations from RFC 6749. */
  complianceFix?: ComplianceFix | undefined;
  /**
   * Enables insecure grants that OAuth 2.1 removes (RFC 6749 §4.2, §4.3), for providers that
   * support no other. Default: none.
   */
  allowLegacyGrants?: readonly ('password' | 'implicit')[] | undefined;
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

/** The first of several spellings is used for discovery; the others may be bare hosts. */
function oneIssuer(value: unknown, index: number): string | undefined {
  const bare = index > 0 && typeof value === 'string' && /^[\w.-]+$/.test(value);
  return bare ? undefined : url(value);
}

/** Grants that need a user or a token. */
const reservedGrants: ReadonlySet<unknown> = new Set([
  'refresh_token',
  'password',
  'implicit',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:openid:params:grant-type:ciba',
]);

/** The URL of a metadata document is often taken for the issuer, which it begins with. */
const notMetadata: Check = must(
  (v) => !/\/\.well-known\/(?:openid-configuration|oauth-authorization-server)/.test(String(v)),
  'is the URL of a metadata document. Pass it as "serverMetadataUrl", or the part before "/.well-known" as "issuer"',
);

export const oauth2Checks: Record<keyof OAuth2Options, Check> = {
  clientId: text,
  clientSecret: text,
  scope,
  issuer: (value) =>
    Array.isArray(value) && value.length > 0
      ? value.map(oneIssuer).find((problem) => problem !== undefined)
      : (url(value) ?? notMetadata(value)),
  serverMetadataUrl: url,
  authorizeUrl: url,
  accessTokenUrl: url,
  accessTokenParams: params,
  grantType: must(
    (v) => typeof v === 'string' && /^[\w:./-]+$/.test(v) && !reservedGrants.has(v),
    'must be authorization_code, client_credentials, urn:ietf:params:oauth:grant-type:jwt-bearer, or a grant type of the provider that needs no user',
  ),
  assertion: assertionOptions,
  tokenPlacement,
  complianceFix: complianceFixCheck,
  allowLegacyGrants: must(
    (v) => Array.isArray(v) && v.every((grant) => grant === 'password' || grant === 'implicit'),
    'must be a list of "password" and "implicit"',
  ),
  ...commonChecks,
  ...openidChecks,
  ...clientAuthChecks,
  ...requestChecks,
  ...dpopChecks,
  ...storedTokenChecks,
  ...endpointChecks,
  ...logoutChecks,
  ...serverChecks,
  ...protectedResourceChecks,
  ...oauthQuirkChecks,
  ...oauth2QuirkChecks,
};

/** Returns what is inconsistent between the options of an OAuth 2 client, if anything. */
export function oauth2Problem(
  options: Readonly<OAuth2Options>,
  variableOf: (option: string) => string,
): string | undefined {
  return (
    openidProblem(supposed(options)) ??
    clientAuthProblem(options) ??
    requestProblem(options) ??
    dpopProblem(options) ??
    protectedResourceProblem(options) ??
    serverProblem(options, variableOf) ??
    profileProblem(options) ??
    callbackServerProblem(options)
  );
}

/** Claims of an access token are read only if it is certain who issued it, and for whom. */
function profileProblem({
  userinfo: { from, audience = [] } = {},
  issuer,
  jwksUri,
  jwks,
}: Readonly<OAuth2Options>): string | undefined {
  const isVerified = issuer && (jwksUri ?? jwks) && audience.length > 0;
  return from === 'access_token' && !isVerified
    ? '"userinfo.from" is access_token, so "issuer", "jwksUri" or "jwks", and "userinfo.audience" are required.'
    : undefined;
}

function callbackServerProblem(options: Readonly<OAuth2Options>): string | undefined {
  if (!options.callbackServer) return undefined;
  if (options.accessTokenUrl === undefined) return '"callbackServer" requires "accessTokenUrl".';
  return questionsOf(options).length > 0 || options.resource !== undefined
    ? 'the server is found otherwise, so "callbackServer" has no effect; remove it.'
    : undefined;
}
