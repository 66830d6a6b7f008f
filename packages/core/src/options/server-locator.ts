import { each, flag, func, shape, text, type Check } from '../platform/validators.js';
import type { Awaitable, ChosenServer, OAuth2Token } from '../model/types.js';
import type { ClientRegistration } from './protected-resource.js';

/** How a server is resolved from user input, if a URL variable alone is not enough. */
export interface ServerLocator {
  /**
   * Fields the user fills in, besides the URL variables marked for it: labels by parameter,
   * optionally with a default value, or an example that is shown.
   */
  ask?:
    | Readonly<Record<string, string | { label: string; preset?: string; example?: string }>>
    | undefined;
  /**
   * Resolves the server from the user's input, by parameter. The whole result is stored with the
   * login and in the token. Default: the values of the URL variables.
   *
   * @throws OAuthError `invalid_server` if no server can be resolved
   */
  find?: ((given: ChosenServer, tools: ServerTools) => Awaitable<ChosenServer>) | undefined;
  /**
   * Options of `register()` for one server, merged over the client's. Called once for many logins.
   */
  describe?:
    | ((
        server: ChosenServer,
        context: ServerContext,
      ) => Awaitable<Readonly<Record<string, unknown>>>)
    | undefined;
  /**
   * Validates a request that starts a login at the routes, for providers that sign the requests
   * they initiate; throws to reject it.
   */
  checkStart?:
    | ((params: URLSearchParams, client: { clientSecret: string | undefined }) => Awaitable<void>)
    | undefined;
  /** Registers this client at a server that does not support RFC 7591. */
  registerClient?:
    ((request: ServerRegistration, tools: ServerTools) => Promise<ClientRegistration>) | undefined;
  /**
   * Returns whether a server still recognizes a client registered there. Called occasionally before
   * logins; if `false`, the client is registered again.
   */
  knowsClient?:
    ((client: ClientRegistration, context: ServerContext) => Promise<boolean>) | undefined;
  /**
   * Completes or rejects the token of a login before it is returned. A different `server` in the
   * result reassigns the token to that server, if `servers` accepts it as well.
   */
  checkToken?:
    | ((token: OAuth2Token, server: ChosenServer, context: ServerContext) => Awaitable<OAuth2Token>)
    | undefined;
  /**
   * Whether a `sub` identifies the same user at every server, because `checkToken` or `find`
   * verified it. Default: `false`; `userinfo.sub` is then prefixed with the server unless it is a
   * URL on that server.
   */
  globalSubject?: boolean | undefined;
}

/** What a client sends to a server to register itself. */
export interface ServerRegistration {
  /** The client's options, resolved for the server. */
  options: Readonly<Record<string, unknown>>;
  redirectUris: readonly string[];
  /** Space separated. */
  scope: string;
  /** The application's client metadata, with its wire names (RFC 7591 §2). */
  clientMetadata: Readonly<Record<string, unknown>>;
}

/** Sends guarded requests to servers from untrusted input. */
export interface ServerTools {
  /**
   * Sends a request to a server: https to public hosts only, limited in time and size. Redirects
   * are an error, or followed up to `redirects` times; each URL is checked like the first.
   *
   * @throws OAuthError `unsafe_address`, `timeout`, `response_too_large`, `provider_unavailable`
   */
  request(request: ServerRequest): Promise<ServerResponse>;
}

/** Sends guarded requests, with the client's options for the server. */
export interface ServerContext extends ServerTools {
  /** The client's options, resolved for the server. */
  options: Readonly<Record<string, unknown>>;
}

/** A request to a server. It must not carry credentials if redirects are followed. */
export interface ServerRequest {
  /** Describes the URL in error messages, for example `profile page`. */
  what: string;
  url: string | URL;
  method?: 'GET' | 'HEAD' | 'POST';
  headers?: Readonly<Record<string, string>>;
  body?: string | URLSearchParams;
  redirects?: number;
  /** Maximum size of the response in bytes. Default: 1,000,000. */
  limit?: number;
}

/** A server's response, with its body fully read. */
export interface ServerResponse {
  /** The URL of the response, after redirects. */
  url: string;
  status: number;
  headers: Headers;
  text: string;
}

const labelled = shape<{ label: string; preset?: string; example?: string }>(
  { label: text, preset: text, example: text },
  ['label'],
);
const label: Check = (value) => (typeof value === 'string' ? text(value) : labelled(value));

export const serverLocatorCheck: Check = shape<ServerLocator>({
  ask: each(label),
  find: func,
  describe: func,
  checkStart: func,
  registerClient: func,
  knowsClient: func,
  checkToken: func,
  globalSubject: flag,
});
