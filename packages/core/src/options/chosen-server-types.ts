import type { Awaitable, ChosenServer, OAuth2Token } from '../model/types.js';
import type { ClientRegistration } from './protected-resource-types.js';

/** Options of `register()` for a provider with many servers, of which the person chooses one. */
export interface ServerRegisterOptions {
  /**
   * Which servers people may log in at: a list, or a function of what the person chose. With it, people
   * choose even where there is a default. Required where a client with a `clientSecret` would else send
   * it to whatever host a person names.
   */
  servers?: readonly string[] | ServerFilter | undefined;
  /**
   * Gives the application a redirect URI of its own at every server, `…?server=…`, so that no server can
   * hand people over to another and get the code of that one (RFC 9700 §4.4.2.2), also where servers send
   * no `iss` (RFC 9207). Default: `true` where the client registers itself; else each URI has to be
   * registered by hand.
   */
  redirectUriPerServer?: boolean | undefined;
  /** How a server is found, and what is particular about it; part of a preset. */
  serverLocator?: ServerLocator | undefined;
  /**
   * Lets URLs that users, documents or options from `loadClient` name be on this machine or in a private
   * network. For development, tests, and networks in which every host may be reached by every user. Do not
   * take it from data that a tenant can write. Default: the registry's.
   */
  allowPrivateNetworks?: boolean | undefined;
}

/** Tells whether people may log in at a server. */
export type ServerFilter = (server: ChosenServer) => Awaitable<boolean>;

/** How servers are found from what people say, where a url variable in an address is not enough. */
export interface ServerLocator {
  /**
   * What people are asked for, beside the url variables that say so: labels, by parameter, perhaps with
   * what is taken where nothing is given.
   */
  ask?: Readonly<Record<string, string | { label: string; preset: string }>> | undefined;
  /**
   * Finds the server of what a person gave, by parameter. Everything in the result is kept with the
   * login and in the token. Default: the values of the url variables.
   *
   * @throws OAuthError `invalid_server` for what leads nowhere
   */
  find?: ((given: ChosenServer, tools: ServerTools) => Awaitable<ChosenServer>) | undefined;
  /** Options of `register()` that hold at a server, laid over the client's. Called once for many logins. */
  describe?:
    | ((
        server: ChosenServer,
        context: ServerContext,
      ) => Awaitable<Readonly<Record<string, unknown>>>)
    | undefined;
  /**
   * Checks a request that starts a login at the drop-in routes, where providers sign those that begin on
   * their own site; throws to refuse it.
   */
  checkStart?:
    | ((params: URLSearchParams, client: { clientSecret: string | undefined }) => Awaitable<void>)
    | undefined;
  /** Registers this client at a server that knows nothing of RFC 7591. */
  registerClient?:
    ((request: ServerRegistration, tools: ServerTools) => Promise<ClientRegistration>) | undefined;
  /**
   * Tells whether a server still knows a client that was registered there, now and then before logins.
   * Where it does not, the client is registered anew.
   */
  knowsClient?:
    ((client: ClientRegistration, context: ServerContext) => Promise<boolean>) | undefined;
  /**
   * Completes or refuses the token of a login, before anybody sees it. With another `server` in it, the
   * token belongs there from then on, if `servers` accepts that one as well.
   */
  checkToken?:
    | ((token: OAuth2Token, server: ChosenServer, context: ServerContext) => Awaitable<OAuth2Token>)
    | undefined;
  /**
   * Whether a `sub` means the same person at every server, because `checkToken` or `find` have proved
   * it. Default: `false`, and `userinfo.sub` begins with the server unless it is an address there.
   */
  globalSubject?: boolean | undefined;
}

/** What a client tells a server of itself, where it registers by itself. */
export interface ServerRegistration {
  /** The client's options, as they are at the server. */
  options: Readonly<Record<string, unknown>>;
  redirectUris: readonly string[];
  /** Space separated. */
  scope: string;
  /** The application's words about itself, with their wire names (RFC 7591 §2). */
  clientMetadata: Readonly<Record<string, unknown>>;
}

/** The way to servers that others have named. */
export interface ServerTools {
  /**
   * Sends a request to a server: https to public hosts only, bounded in time and size. Redirects are an error, or
   * followed up to `redirects` times, each address checked like the first.
   *
   * @throws OAuthError `unsafe_address`, `timeout`, `response_too_large`, `provider_unavailable`
   */
  request(request: ServerRequest): Promise<ServerAnswer>;
}

/** The way to a server, and what the client is there. */
export interface ServerContext extends ServerTools {
  /** The client's options, as they are at the server. */
  options: Readonly<Record<string, unknown>>;
}

/** A request to a server. It carries no credentials where redirects are followed. */
export interface ServerRequest {
  /** What the address is, for messages: `profile page`. */
  what: string;
  url: string | URL;
  method?: 'GET' | 'HEAD' | 'POST';
  headers?: Readonly<Record<string, string>>;
  body?: string | URLSearchParams;
  redirects?: number;
  /** The most bytes the answer may have. Default 1 000 000. */
  limit?: number;
}

/** A server's answer, read to its end. */
export interface ServerAnswer {
  /** Where the answer came from, after redirects. */
  url: string;
  status: number;
  headers: Headers;
  text: string;
}
