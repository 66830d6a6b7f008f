import {
  apiOrigin,
  apiUrl,
  authorizeParams,
  flag,
  func,
  listOf,
  text,
  url,
  type Check,
} from '../platform/validators.js';
import { apiChecks, profileChecks, providerChecks } from './quirks.js';
import { clientHttpChecks, type ClientHttpOptions } from './http.js';
import type { AuthorizeParams, Awaitable, UserInfo } from '../model/types.js';
import type { ProfileOptions } from '../quirks/profile-types.js';
import type { ApiOptions, ProviderOptions } from '../quirks/types.js';

/** Options of every client. */
export interface CommonOptions
  extends ProfileOptions, ApiOptions, ProviderOptions, ClientHttpOptions {
  /**
   * Name of the preset that these options extend, for example from a configuration file. Default:
   * the preset with the client's name, unless the options describe the provider.
   */
  preset?: string | undefined;
  /**
   * Extra parameters of every authorization request; parameters of a single call take precedence.
   */
  authorizeParams?: AuthorizeParams | undefined;
  /**
   * Base URL of the provider's API; relative URLs of API calls are appended to it. Default: the
   * `resource`, if there is one.
   */
  apiBaseUrl?: string | undefined;
  /**
   * Further origins of the provider's API, to which the token may be sent: `https://host`, or
   * `https://*.host` for every host with one more label: whoever controls one of them receives the
   * token. If there are any, an `apiBaseUrl` that a token begins (`{token.api_domain}/`) must be at
   * one of them. Default: none, besides that of `apiBaseUrl`.
   */
  apiOrigins?: readonly string[] | undefined;
  /**
   * UserInfo endpoint (OpenID Connect Core §5.3), or the URL of the profile. Default: from the
   * metadata.
   */
  userinfoEndpoint?: string | undefined;
  /**
   * Converts the provider's profile to claims. Receives the parsed body and a client for further
   * API calls.
   */
  userinfoComplianceFix?: UserinfoComplianceFix | undefined;
  /** Makes the configuration take precedence over these options. Default: `false`. */
  overwrite?: boolean | undefined;
}

/** Converts a provider's profile to claims, given the client it was loaded with. */
export type UserinfoComplianceFix = (
  profile: Record<string, unknown>,
  app: { get(url: string | URL): Promise<Response> },
) => Awaitable<UserInfo>;

export const commonChecks: Record<keyof CommonOptions, Check> = {
  preset: text,
  authorizeParams,
  apiBaseUrl: apiUrl,
  apiOrigins: listOf(apiOrigin),
  userinfoEndpoint: url,
  userinfoComplianceFix: func,
  overwrite: flag,
  ...profileChecks,
  ...apiChecks,
  ...providerChecks,
  ...clientHttpChecks,
};
