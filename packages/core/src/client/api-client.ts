import { callApi } from './call.js';
import type { Phase } from '../model/error-codes.js';
import type { RegisterOptions } from '../options/register-options.js';
import { checkArguments, checkSurplus } from '../options/arguments.js';
import type { RegistryOptions } from '../options/read-registry-options.js';
import { clientArguments, type ClientVerb } from '../options/verb-arguments.js';
import { inPhase, withPlace } from '../platform/tracing/phases.js';
import type { FindClosedSession } from '../model/ports.js';
import type { TokenMemory } from './tokens/token-cache.js';
import { guardedVerbs } from './tokens/closed-session.js';
import type { StoredToken } from './tokens/stored-tokens.js';
import type { Events } from './events/events.js';
import { ClientTokens } from './tokens/client-tokens.js';
import type {
  Protocol,
  RemoteApp,
  ResourceOptions,
  Token,
  TokenOptions,
  TokenOwner,
  UserInfo,
} from '../model/types.js';
import { fetchUser, identityOf } from './profile.js';

/** What the calls of a client are made of. */
export interface ResourceClientConfig<T extends Token = Token> {
  app: RemoteApp<T>;
  options: Readonly<RegisterOptions>;
  registry: Readonly<RegistryOptions>;
  /** Is told of refreshed tokens and of authorizations that have ended. */
  events: Events;
  /** The request being handled right now, where the integration keeps track of it. */
  currentRequest?: (() => unknown) | undefined;
  /** Finds a session that cannot be written any more. */
  closedSession?: FindClosedSession | undefined;
  /** What the clients of the registry have in memory of their tokens. */
  memory: TokenMemory;
}

/** A client after the login: calls of the provider's API, and the tokens they are made with. */
export class ResourceClient<T extends Token = Token> {
  /** The name it was registered under. */
  readonly name: string;
  /** The protocol it speaks, which says what verbs it has beside those of every client. */
  readonly kind: Protocol;
  readonly #config: ResourceClientConfig<T>;
  readonly #tokens: ClientTokens<T>;

  constructor(config: ResourceClientConfig<T>) {
    this.name = config.app.name;
    this.kind = config.app.kind;
    this.#config = config;
    this.#tokens = new ClientTokens(config);
    Object.assign(this, guardedVerbs(config));
  }

  /**
   * Fetches who the token's owner is. A token that the provider refuses is refreshed once, as for resource
   * calls. Pass `{ token }`, `{ owner }` with a `tokenStore`, or `{ request }` with a
   * `fetchToken` hook, which gets the current request by itself where the integration keeps track of it.
   */
  async userinfo(options: TokenOptions<T> = {}): Promise<UserInfo> {
    this.check('userinfo', [options], arguments);
    return await this.within('userinfo', () =>
      this.#tokens.use(options, (token) => fetchUser({ ...this.#config, token })),
    );
  }

  /**
   * Names the token's owner for good, in one word that is unique over all providers: `github$583231`.
   * Needs no network.
   *
   * @throws OAuthError `invalid_token` when the token has no `userinfo.sub`
   */
  identity(token: T): string {
    this.check('identity', [token], arguments);
    return identityOf(this.name, this.#config.options, token);
  }

  /**
   * Calls the provider's API with the token. A relative URL is appended to `apiBaseUrl`; the token goes
   * to no other origin. Redirects are handed back; only those of a signed request (OAuth 1) that stay on
   * the origin are followed, each signed anew.
   *
   * @returns a standard `Response`, whatever its status
   */
  async request(
    method: string,
    url: string | URL,
    options: ResourceOptions<T> = {},
  ): Promise<Response> {
    this.check('request', [method, url, options], arguments);
    return await this.#call(method, url, options);
  }

  async #call(
    method: string,
    url: string | URL,
    options: ResourceOptions<T> = {},
  ): Promise<Response> {
    const config = { ...this.#config, tokens: this.#tokens };
    return await inPhase({ client: this.name, phase: 'resource' }, async (event) => {
      event.method = method;
      const answer = await callApi(config, { method, url }, options);
      event.status = answer.status;
      return answer;
    });
  }

  /**
   * Keeps a token in the registry's `tokenStore`, so that `{ owner, account }` finds it, refreshed, from
   * then on. It takes the place of the one that is there.
   *
   * @param whose `owner` names the person in your application; `account` tells several accounts of one
   *   person apart, best by the provider's own identifier (`token.userinfo.sub`)
   */
  async saveToken(token: T, whose: TokenOwner): Promise<void> {
    this.check('saveToken', [token, whose], arguments);
    await withPlace({ client: this.name, phase: 'resource' }, () =>
      this.#tokens.save(token, whose),
    );
  }

  /** Forgets a stored token. To end the authorization itself, revoke it at the provider first. */
  async deleteToken(whose: TokenOwner): Promise<void> {
    this.check('deleteToken', [whose], arguments);
    await withPlace({ client: this.name, phase: 'resource' }, () => this.#tokens.delete(whose));
  }

  /** The accounts of a person at this provider, with their tokens as they are stored. */
  async listTokens(whose: Pick<TokenOwner, 'owner'>): Promise<StoredToken<T>[]> {
    this.check('listTokens', [whose], arguments);
    return await withPlace({ client: this.name, phase: 'resource' }, () =>
      this.#tokens.list(whose),
    );
  }

  /** Sends a GET request; see {@link request}. */
  async get(url: string | URL, options?: ResourceOptions<T>): Promise<Response> {
    this.check('get', [url, options], arguments);
    return await this.#call('GET', url, options);
  }

  /** Sends a POST request; see {@link request}. */
  async post(url: string | URL, options?: ResourceOptions<T>): Promise<Response> {
    this.check('post', [url, options], arguments);
    return await this.#call('POST', url, options);
  }

  /** Sends a PUT request; see {@link request}. */
  async put(url: string | URL, options?: ResourceOptions<T>): Promise<Response> {
    this.check('put', [url, options], arguments);
    return await this.#call('PUT', url, options);
  }

  /** Sends a PATCH request; see {@link request}. */
  async patch(url: string | URL, options?: ResourceOptions<T>): Promise<Response> {
    this.check('patch', [url, options], arguments);
    return await this.#call('PATCH', url, options);
  }

  /** Sends a DELETE request; see {@link request}. */
  async delete(url: string | URL, options?: ResourceOptions<T>): Promise<Response> {
    this.check('delete', [url, options], arguments);
    return await this.#call('DELETE', url, options);
  }

  /** Sends a HEAD request; see {@link request}. */
  async head(url: string | URL, options?: ResourceOptions<T>): Promise<Response> {
    this.check('head', [url, options], arguments);
    return await this.#call('HEAD', url, options);
  }

  /** Refuses arguments that a verb does not take; `all` are those of the call, with any beyond the known ones. */
  protected check(
    verb: ClientVerb,
    given: readonly unknown[],
    all: Iterable<unknown> = given,
  ): void {
    const call = { verb, client: this.name };
    checkArguments(call, clientArguments[verb], given);
    checkSurplus(call, clientArguments[verb], [...all]);
  }

  /** Runs a step, and says of its errors where they happened. */
  protected within<R>(phase: Phase, step: () => Promise<R>): Promise<R> {
    return inPhase({ client: this.name, phase }, step);
  }
}
