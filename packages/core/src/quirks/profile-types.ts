import type { Params, UserInfo } from '../model/types.js';

/** Options for the user profile. */
export interface ProfileOptions {
  /**
   * The sources of the OpenID Connect standard claims, each an expression or a function. If set,
   * the login fills `token.userinfo`. An expression is a path: `$.user.id` in the profile,
   * `token.uid` in the token response, `id_token.email` in the verified claims, `callback.user` in
   * stored callback parameters, or `NAME.path` in the response to an additional request. `[0]` and
   * `[-1]` index, `[?primary]` selects the first item whose member is true. `a | b` takes the first
   * with a value. A path may be preceded by `bool:`, `present:`, `and:`, `if:`, `concat:`,
   * `template:`, `lastSegment:`, `withoutQuery:`, `html:` and `const:`. A `name` without a value is
   * the `preferred_username`, or the `nickname`.
   */
  profile?: ProfileMapping | undefined;
  /** The source of the profile. Default: the `userinfoEndpoint`. */
  userinfo?: UserinfoSource | undefined;
}

/** The source of the profile, besides `userinfoEndpoint`. */
export interface UserinfoSource {
  /**
   * `endpoint` (default); `public` for an endpoint called without a token, whose failure is
   * ignored; data from the login: the `token` response, or the `id_token`; or `access_token` for the
   * verified claims of an access token that is a JWT. That requires `issuer`, `jwksUri` or `jwks`,
   * and an `audience`.
   */
  from?: 'endpoint' | 'public' | 'token' | 'id_token' | 'access_token' | undefined;
  /**
   * The values that the `aud` of an access token must have, all of them (RFC 9068 §4);
   * `{client_id}` stands for the client ID.
   */
  audience?: readonly string[] | undefined;
  method?: 'GET' | 'POST' | undefined;
  /** Query parameters. */
  params?: Params | undefined;
  /** JSON body, for example a GraphQL query. */
  json?: unknown;
  /** Form body. */
  form?: Params | undefined;
  /**
   * `false` does not request the profile at login, so `token.userinfo` is empty; `userinfo()` still
   * does. `true` always requests it. Default: it is requested if there is no id_token, or if the
   * id_token has none of the claims of a requested scope.
   */
  onLogin?: boolean | undefined;
  /** Additional requests by name; paths of the profile refer to their responses by that name. */
  extra?: Record<string, ExtraRequest> | undefined;
}

/** An additional profile request. If it is rejected, its claims are omitted. */
export interface ExtraRequest {
  /**
   * Absolute URL, or relative to `apiBaseUrl`; may contain paths of the profile:
   * `users/{username}`.
   */
  url: string;
  params?: Params | undefined;
  /** Sends the request only if the token has one of these scopes, or its scope is unknown. */
  scope?: string | readonly string[] | undefined;
}

/** Claims and their sources. */
export type ProfileMapping = Readonly<Record<string, ClaimSource>>;
/** The source of one claim: an expression, or a function of the sources. */
export type ClaimSource = string | ((sources: ProfileSources) => unknown);

/** The data that claims are read from. */
export interface ProfileSources {
  /** The profile as sent by the provider. */
  readonly $: Record<string, unknown>;
  /** The token response, without its secrets. */
  readonly token: Record<string, unknown>;
  /** The verified claims of the id_token. */
  readonly id_token: Record<string, unknown>;
  /** Callback parameters listed in `callbackParams`. Untrusted: they pass through the browser. */
  readonly callback: Record<string, unknown>;
  /** The response to an additional request. */
  readonly [extra: string]: unknown;
}

/** The mapped claims of a profile. */
export type MappedUser = UserInfo & { sub: string; email_verified: boolean };
