import { func, shape, type Check } from '../platform/validators.js';
import type { Awaitable } from '../model/types.js';

/**
 * Hooks for a provider's deviations from RFC 6749. Each receives plain data and returns the
 * corrected data or edits it in place.
 */
export interface ComplianceFix {
  /** Corrects the parsed token response before it is validated. */
  accessTokenResponse?: (body: Record<string, unknown>) => Awaitable<Record<string, unknown>>;
  /** Edits the token request before it is sent. */
  accessTokenRequest?: (request: HookRequest) => Awaitable<void>;
  /** Corrects the parsed refresh response before it is validated. */
  refreshTokenResponse?: (body: Record<string, unknown>) => Awaitable<Record<string, unknown>>;
  /** Edits the refresh request before it is sent. */
  refreshTokenRequest?: (request: HookRequest) => Awaitable<void>;
  /** Edits the revocation request before it is sent (RFC 7009 §2.1). */
  revokeTokenRequest?: (request: HookRequest, client: HookClient) => Awaitable<void>;
  /** Edits the introspection request before it is sent (RFC 7662 §2.1). */
  introspectTokenRequest?: (request: HookRequest) => Awaitable<void>;
  /** Edits a resource request after the token is attached. The URL must stay on its origin. */
  protectedRequest?: (
    request: { url: URL; headers: Headers },
    client: HookClient,
  ) => Awaitable<void>;
}

/**
 * A request that a hook edits in place, to the token endpoint or another endpoint that
 * authenticates the client. The path and query of `url` may be changed, not the origin.
 */
export interface HookRequest {
  url: string;
  headers: Headers;
  body: URLSearchParams;
}

/** The client whose request a hook edits. */
export interface HookClient {
  readonly clientId: string;
  readonly clientSecret: string | undefined;
}

export const complianceFixCheck: Check = shape<ComplianceFix>({
  accessTokenRequest: func,
  accessTokenResponse: func,
  refreshTokenRequest: func,
  refreshTokenResponse: func,
  revokeTokenRequest: func,
  introspectTokenRequest: func,
  protectedRequest: func,
});
