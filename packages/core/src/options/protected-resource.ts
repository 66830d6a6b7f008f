import { func, functions, must, url, type Check } from '../platform/validators.js';
import { isObject } from '../platform/encoding.js';
import type { Awaitable } from '../model/types.js';

/** Options for a client that is configured with the URL of a protected resource only (RFC 9728). */
export interface ProtectedResourceOptions {
  /**
   * URL of the protected resource, such as an MCP server. On first use the client discovers its
   * authorization server (RFC 9728 §3, RFC 8414 §3) and its own client identifier there. Also used
   * as the `apiBaseUrl`, and sent as `resource` (RFC 8707 §2).
   */
  resource?: string | undefined;
  /**
   * Selects one of several authorization servers of a resource. Without it, the resource must have
   * exactly one, or `issuer` must be one of them.
   */
  chooseAuthorizationServer?: ((issuers: readonly string[]) => Awaitable<string>) | undefined;
  /**
   * The https URL of this client's metadata document. It is the `client_id` at authorization
   * servers that support such documents (OAuth Client ID Metadata Document §3).
   */
  clientIdMetadataUrl?: string | undefined;
  /**
   * Client metadata for dynamic registration (RFC 7591 §2). The redirect URIs and the scope in use
   * are added. List every redirect URI that will be used later: each additional one registers
   * another client.
   */
  clientMetadata?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Stores dynamically registered clients (RFC 7591 §3.2.1), shared between processes. Default: in
   * memory.
   */
  clientRegistrations?: ClientRegistrations | undefined;
}

/**
 * Storage for dynamically registered clients. Each registration contains a client secret: protect
 * it like a token.
 */
export interface ClientRegistrations {
  /** Returns the client registered at an issuer. */
  get(issuer: string): Awaitable<ClientRegistration | undefined | null>;
  put(issuer: string, registration: ClientRegistration): Awaitable<void>;
}

/** A client registration response, with its wire names (RFC 7591 §3.2.1). */
export interface ClientRegistration {
  client_id: string;
  client_secret?: string;
  /** When the secret expires, in seconds since the epoch; 0 means never. */
  client_secret_expires_at?: number;
  token_endpoint_auth_method?: string;
  redirect_uris?: readonly string[];
  /** The registered scope, space separated. */
  scope?: string;
  /** Earlier registrations, newest first. Tokens issued to them remain usable. */
  former?: readonly ClientRegistration[];
  [field: string]: unknown;
}

export const protectedResourceChecks: Record<keyof ProtectedResourceOptions, Check> = {
  resource: (value) => url(value) ?? (String(value).includes('#') ? noFragment : undefined),
  clientIdMetadataUrl: must(
    (v) => url(v) === undefined && !/#|^https?:\/\/[^/]+\/?$/.test(String(v)),
    'must be an https URL with a path and without a fragment',
  ),
  clientMetadata: must(isObject, 'must be an object'),
  clientRegistrations: must(
    (v) => isObject(v) && functions({ get: v['get'], put: v['put'] }) === undefined,
    'must be an object with get() and put()',
  ),
  chooseAuthorizationServer: func,
};

/** The client's secret, and the server it belongs to. */
interface SecretAndServer {
  readonly issuer?: unknown;
  readonly serverMetadataUrl?: unknown;
  readonly clientSecret?: unknown;
  readonly clientSecretJwt?: unknown;
}

/**
 * Requires an `issuer` for a client secret. The resource's own metadata names the authorization
 * server; without a configured issuer, that document would decide which server receives the secret.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/client-registration
 */
export function protectedResourceProblem(
  options: Readonly<ProtectedResourceOptions> & SecretAndServer,
): string | undefined {
  const { resource, issuer, serverMetadataUrl, clientSecret, clientSecretJwt } = options;
  if (resource === undefined || (clientSecret ?? clientSecretJwt) === undefined) return undefined;
  if (issuer !== undefined || serverMetadataUrl !== undefined) return undefined;
  const secret = clientSecret === undefined ? 'clientSecretJwt' : 'clientSecret';
  return (
    `"${secret}" would be sent to any authorization server that the "resource" names. Give the "issuer" that ` +
    'the secret belongs to.'
  );
}

const noFragment = 'must not have a fragment (RFC 9728 §1.2)';
