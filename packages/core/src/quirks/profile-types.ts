import type { Params, UserInfo } from '../model/types.js';

/** Where the profile comes from, beside `userinfoEndpoint`. */
export interface UserinfoSource {
  /**
   * `endpoint` (default); `public` for an endpoint that gets no token, and whose failure is ignored; or
   * what the login already brought: the `token` response, the `id_token`.
   */
  from?: 'endpoint' | 'public' | 'token' | 'id_token' | undefined;
  method?: 'GET' | 'POST' | undefined;
  /** Added to the query. */
  params?: Params | undefined;
  /** Sent as JSON, e.g. a GraphQL query. */
  json?: unknown;
  /** Sent as a form. */
  form?: Params | undefined;
  /** `false` leaves `token.userinfo` empty at login; `userinfo()` still asks. Default: true. */
  onLogin?: boolean | undefined;
  /** Further requests, each with a name that the profile's paths begin with. */
  extra?: Record<string, ExtraRequest> | undefined;
}

/** A further request for the profile. Where it is refused, its claims are left out. */
export interface ExtraRequest {
  /** Absolute, or below `apiBaseUrl`; may hold paths of the profile: `users/{username}`. */
  url: string;
  params?: Params | undefined;
  /** Sent only where the token has one of these scopes, or does not say what it has. */
  scope?: string | readonly string[] | undefined;
}

/** Claims and where they stand. */
export type ProfileMapping = Readonly<Record<string, ClaimSource>>;
/** Where one claim stands: an expression, or a function of the sources. */
export type ClaimSource = string | ((sources: ProfileSources) => unknown);

/** What a profile is read from. */
export interface ProfileSources {
  /** The profile as the provider sent it. */
  readonly $: Record<string, unknown>;
  /** The token response, without its secrets. */
  readonly token: Record<string, unknown>;
  /** The verified claims of the id_token. */
  readonly id_token: Record<string, unknown>;
  /** Callback parameters that were kept; they came through the browser. */
  readonly callback: Record<string, unknown>;
  /** The answer to an extra request. */
  readonly [extra: string]: unknown;
}

/** The claims of a profile as this library makes them. */
export type MappedUser = UserInfo & { sub: string; email_verified: boolean };
