import { apiFetch } from './api-fetch.js';
import { callApi, type ApiTarget } from './api-request.js';
import { checkToken, type TokenCheck } from './check-token.js';
import { scopeText } from '../platform/scope.js';
import type { Phase } from '../model/error-codes.js';
import { checkCall } from '../platform/arguments.js';
import { clientArguments, type ClientVerb } from '../options/verb-arguments.js';
import { trace, withPhase } from '../platform/tracing/phases.js';
import { checkHolder } from './tokens/closed-session.js';
import type { StoredToken } from './tokens/stored-tokens.js';
import { ClientTokens } from './tokens/client-tokens.js';
import type { TokensConfig } from './tokens/config.js';
import type {
  ActiveTokenOptions,
  CallTokenOptions,
  CheckOptions,
  Protocol,
  ResourceOptions,
  Token,
  TokenOptions,
  TokenOwner,
  UserInfo,
} from '../model/types.js';
import { fetchUser, identityOf } from './profile.js';
import { defineFormerNames } from './verb-groups.js';

type Verb = (...given: readonly unknown[]) => Promise<unknown>;

/** Calls a method of a client's engine. Set by the class itself, which has the engine. */
let run: (client: ResourceClient, verb: string, given: readonly unknown[]) => Promise<unknown>;

/** Calls a protocol-specific method of a client. */
export function runVerb(
  client: ResourceClient,
  verb: string,
  given: readonly unknown[],
): Promise<unknown> {
  return run(client, verb, given);
}

/** A client's resource calls, and the management of their tokens. */
export class ResourceClient<T extends Token = Token> {
  /** The registered name. */
  readonly name: string;
  /** The client's protocol, which determines its protocol-specific methods. */
  readonly kind: Protocol;
  readonly #config: TokensConfig<T>;
  #ownTokens: ClientTokens<T> | undefined;

  static {
    defineFormerNames(this.prototype);
    run = (client, verb, given) => client.#run(verb, given);
  }

  constructor(config: TokensConfig<T>) {
    this.name = config.app.name;
    this.kind = config.app.kind;
    this.#config = config;
  }

  /** The provider's display name. Default: the client's name. */
  get displayName(): string {
    return this.#config.options.displayName ?? this.name;
  }

  /** The brand colour of the provider as `#rrggbb`. */
  get brandColor(): string | undefined {
    return this.#config.options.brandColor;
  }

  /** The logo of the provider: the data of one SVG path in a 24 by 24 square. */
  get mark(): string | undefined {
    return this.#config.options.mark;
  }

  /** The client identifier at the provider, unless the client registers itself. */
  get clientId(): string | undefined {
    return this.#config.options.clientId;
  }

  /** Created at the first use: a registry may have many clients. */
  get #tokens(): ClientTokens<T> {
    this.#ownTokens ??= new ClientTokens(this.#config);
    return this.#ownTokens;
  }

  async #run(verb: string, given: readonly unknown[]): Promise<unknown> {
    if (verb === 'refreshToken') await checkHolder(this.#config, given[0]);
    const verbs = (await this.#config.app.verbs) as Record<string, Verb>;
    return await verbs[verb]?.(...given);
  }

  /**
   * Returns the profile of the token's owner. A rejected token is refreshed once, as for resource
   * calls. Pass `{ token }`, `{ userId }` with a `tokenStore`, or `{ request }` with a `fetchToken`
   * hook; the current request is passed automatically if the integration tracks it.
   */
  async userinfo(options: TokenOptions<T> = {}): Promise<UserInfo> {
    this.#check('userinfo', [options], arguments);
    const { app, options: registered } = this.#config;
    return await this.within('userinfo', () =>
      this.#tokens.use(options, async (token) =>
        fetchUser({ ...(await app.of(token)), registered, token }),
      ),
    );
  }

  /**
   * Returns a permanent identifier of the token's owner that is unique across providers:
   * `github$583231`. Sends no request.
   *
   * @throws OAuthError `invalid_token` when the token has no `userinfo.sub`
   */
  identity(token: T): string {
    this.#check('identity', [token], arguments);
    return identityOf(this.name, this.#config.options, token);
  }

  /**
   * Calls the provider's API with the token. A relative URL is appended to `apiBaseUrl`; the token
   * is sent to no other origin. Redirects are returned, not followed, except that a signed request
   * (OAuth 1) follows redirects on the same origin and signs each request anew.
   *
   * @returns a standard `Response`, whatever its status
   */
  async request(
    method: string,
    url: string | URL,
    options: ResourceOptions<T> = {},
  ): Promise<Response> {
    this.#check('request', [method, url, options], arguments);
    return await this.#call({ method, url }, options);
  }

  /**
   * Returns a valid token, refreshed if it is due as for API calls, for what calls an API by itself:
   * SDKs, WebSockets, gRPC. Pass `{ token }`, `{ userId }` with a `tokenStore`, or `{ request }` with
   * a `fetchToken` hook. `fresh: true` refreshes it even if it is valid; concurrent calls share one
   * refresh.
   *
   * @throws OAuthError `missing_token` if there is none, `token_expired` if it has expired and cannot
   *   be refreshed
   */
  async activeToken(options: ActiveTokenOptions<T> = {}): Promise<T> {
    this.#check('activeToken', [options], arguments);
    const { fresh = false, ...owner } = options;
    return await this.within('resource', () => this.#tokens.active(owner, fresh));
  }

  /**
   * Asks the provider about a token, in its own way: by introspection, or by a request of the
   * profile. Refreshes nothing. `scope` has the scopes that the token must have.
   *
   * @throws OAuthError `missing_token` if there is none
   */
  async check(options: CheckOptions<T> = {}): Promise<TokenCheck> {
    this.#check('check', [options], arguments);
    const { scope, ...rest } = options;
    const owner: TokenOptions<T> = rest;
    const { app, options: registered } = this.#config;
    const { introspectToken } = (await app.verbs) as Record<string, Verb | undefined>;
    const hasIntrospection = registered.introspectionEndpoint !== undefined && introspectToken;
    return await this.within('introspection', () =>
      checkToken<T>(
        {
          find: () => this.#tokens.stored(owner),
          profile: async (token) => fetchUser({ ...(await app.of(token)), registered, token }),
          ...(hasIntrospection
            ? { introspect: async (token) => (await introspectToken(token)) as { active: boolean } }
            : {}),
        },
        scopeText(scope)?.split(' ') ?? [],
      ),
    );
  }

  /** Refreshes a stored token that expires within a number of seconds, for workers. */
  protected async refreshWithin(owner: TokenOwner, seconds: number): Promise<boolean> {
    return await this.within('refresh', () => this.#tokens.refreshWithin(owner, seconds));
  }

  /**
   * Returns a `fetch` that calls the API with a user's token, for libraries that accept one. It works
   * as {@link request}: a relative URL is appended to `apiBaseUrl`, the token is refreshed, and sent
   * only to the API's origins. Redirects are followed as `fetch` does, to other origins without the
   * token.
   */
  fetch(options: CallTokenOptions<T> = {}): typeof globalThis.fetch {
    this.#check('fetch', [options], arguments);
    return apiFetch((target, call) => this.#call(target, { ...options, ...call }));
  }

  /** Finds the token of a call, refreshed if it is due, for guards of pages. */
  protected async findToken(options: TokenOptions<T>): Promise<T> {
    return await this.within('resource', () => this.#tokens.find(options));
  }

  async #call(target: ApiTarget, options: ResourceOptions<T> = {}): Promise<Response> {
    const config = { app: this.#config.app, tokens: this.#tokens };
    return await trace({ client: this.name, phase: 'resource' }, async (event) => {
      event.method = target.method;
      const response = await callApi(config, target, options);
      event.status = response.status;
      return response;
    });
  }

  /**
   * Stores a token in the registry's `tokenStore`; resource calls with `{ userId, account }` then
   * use it and refresh it. Replaces a stored token.
   *
   * @param owner `userId` is the user ID in your application; `account` distinguishes several
   *   accounts of that user, preferably by the provider's identifier (`token.userinfo.sub`)
   */
  async saveToken(token: T, owner: TokenOwner): Promise<void> {
    this.#check('saveToken', [token, owner], arguments);
    await withPhase({ client: this.name, phase: 'resource' }, () =>
      this.#tokens.save(token, owner),
    );
  }

  /**
   * Deletes a stored token. To end the authorization itself, revoke it at the provider first. Without
   * an owner, deletes the token of a client that requests tokens for itself (client credentials,
   * service accounts): the next call requests a new one.
   */
  async deleteToken(owner?: TokenOwner): Promise<void> {
    this.#check('deleteToken', [owner], arguments);
    await withPhase({ client: this.name, phase: 'resource' }, () => this.#tokens.delete(owner));
  }

  /** Returns a user's accounts at this provider, with their stored tokens. */
  async listTokens(owner: Pick<TokenOwner, 'userId'>): Promise<StoredToken<T>[]> {
    this.#check('listTokens', [owner], arguments);
    return await withPhase({ client: this.name, phase: 'resource' }, () =>
      this.#tokens.list(owner),
    );
  }

  /** Sends a GET request; see {@link request}. */
  async get(url: string | URL, options?: ResourceOptions<T>): Promise<Response> {
    this.#check('get', [url, options], arguments);
    return await this.#call({ method: 'GET', url }, options);
  }

  /** Sends a POST request; see {@link request}. */
  async post(url: string | URL, options?: ResourceOptions<T>): Promise<Response> {
    this.#check('post', [url, options], arguments);
    return await this.#call({ method: 'POST', url }, options);
  }

  /** Sends a PUT request; see {@link request}. */
  async put(url: string | URL, options?: ResourceOptions<T>): Promise<Response> {
    this.#check('put', [url, options], arguments);
    return await this.#call({ method: 'PUT', url }, options);
  }

  /** Sends a PATCH request; see {@link request}. */
  async patch(url: string | URL, options?: ResourceOptions<T>): Promise<Response> {
    this.#check('patch', [url, options], arguments);
    return await this.#call({ method: 'PATCH', url }, options);
  }

  /** Sends a DELETE request; see {@link request}. */
  async delete(url: string | URL, options?: ResourceOptions<T>): Promise<Response> {
    this.#check('delete', [url, options], arguments);
    return await this.#call({ method: 'DELETE', url }, options);
  }

  /** Sends a HEAD request; see {@link request}. */
  async head(url: string | URL, options?: ResourceOptions<T>): Promise<Response> {
    this.#check('head', [url, options], arguments);
    return await this.#call({ method: 'HEAD', url }, options);
  }

  #check(verb: ClientVerb, given: readonly unknown[], all: Iterable<unknown>): void {
    checkCall({ verb, client: this.name }, clientArguments[verb], { given, all });
  }

  /** Runs a step and adds the client and the phase to its errors. */
  protected within<R>(phase: Phase, step: () => Promise<R>): Promise<R> {
    return trace({ client: this.name, phase }, step);
  }
}
