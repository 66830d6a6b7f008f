import { flag, func, headerText, milliseconds, type Check } from '../platform/validators.js';

/** Options for the HTTP requests of one client. */
export interface ClientHttpOptions {
  /** Milliseconds before a request of this client times out. Default: the registry's. */
  timeout?: number | undefined;
  /** Replaces `fetch` for this client, to send a client certificate. Default: the registry's. */
  fetch?: typeof globalThis.fetch | undefined;
  /** The `User-Agent` header of this client's requests (RFC 9110 §10.1.5). Default: the registry's. */
  userAgent?: string | undefined;
  /**
   * Allows URLs from untrusted input (users, third-party documents, options from `loadClient`) to
   * point at loopback or a private network. Use it only in development, in tests, and in networks
   * in which every user may reach every host. Never set it from data that a tenant can write.
   * Default: the registry's.
   */
  allowPrivateNetworks?: boolean | undefined;
}

export const clientHttpChecks: Record<keyof ClientHttpOptions, Check> = {
  timeout: milliseconds,
  fetch: func,
  userAgent: headerText,
  allowPrivateNetworks: flag,
};
