import type { Awaitable } from '../model/types.js';

/** Options of `register()` for a client that knows the address of a protected resource, and no more. */
export interface ProtectedResourceRegisterOptions {
  /**
   * The address of the protected resource, such as an MCP server. What else there is to know is found
   * out on first use: its authorization server (RFC 9728, RFC 8414) and who this client is there. Also
   * the `apiBaseUrl`, and sent as `resource` (RFC 8707).
   */
  resource?: string | undefined;
  /**
   * The https address of this client's own metadata document, which is its `client_id` at authorization
   * servers that support such documents (OAuth Client ID Metadata Document).
   */
  clientIdMetadataUrl?: string | undefined;
  /**
   * What this client says of itself where it registers by itself (RFC 7591 §2). The redirect URIs and the
   * scope in use come along; name here those that will be used later, for each one more makes another client.
   */
  clientMetadata?: Readonly<Record<string, unknown>> | undefined;
  /** Keeps the clients that were registered (RFC 7591), for other processes. Default: in memory. */
  clientRegistrations?: ClientRegistrations | undefined;
  /**
   * Chooses between several authorization servers of a resource; without it, there must be one, or an
   * `issuer` that is among them.
   */
  chooseAuthorizationServer?: ((issuers: readonly string[]) => Awaitable<string>) | undefined;
}

/**
 * Where the clients that were registered are stored, each as a whole. They hold secrets: store them as tokens
 * are stored.
 */
export interface ClientRegistrations {
  /** The client registered at an issuer. */
  get(issuer: string): Awaitable<ClientRegistration | undefined | null>;
  put(issuer: string, registration: ClientRegistration): Awaitable<void>;
}

/** A client as an authorization server has registered it, with its wire names (RFC 7591 §3.2.1). */
export interface ClientRegistration {
  client_id: string;
  client_secret?: string;
  /** Seconds since the epoch; 0 for never. */
  client_secret_expires_at?: number;
  token_endpoint_auth_method?: string;
  redirect_uris?: readonly string[];
  /** The scope the client was registered for, space separated. */
  scope?: string;
  /** The clients that were registered before this one, the newest first: their tokens are still theirs. */
  former?: readonly ClientRegistration[];
  [field: string]: unknown;
}
