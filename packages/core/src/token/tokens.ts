import { OAuthError } from '../errors.js';
import type { Token } from '../types.js';
import { Cache } from './cache.js';
import type { TokenOptions, TokensConfig } from './config.js';
import { idOf, isDue, isExpired } from './expiry.js';
import { Flights, waitFor } from './flights.js';
import { HookedTokens, type TokenSource } from './hooked.js';
import { refusesToken } from './outcome.js';

/** A token that was found, and the way to a fresh one; absent where there is none. */
interface Found<T> {
  token: T;
  renew?: (() => Promise<T>) | undefined;
}

/** Milliseconds for which a fresh token that was refused as well is not refreshed again. */
const patience = 60_000;

/**
 * The tokens of one client, for its calls: finds the right one, refreshes it when its time has come, and
 * once more where the provider refuses it.
 */
export class ClientTokens<T extends Token> {
  readonly #config: TokensConfig<T>;
  readonly #hooked: HookedTokens<T>;
  readonly #flights = new Flights<T>();
  /** Access tokens that were refused although they were fresh: refreshing does not help there. */
  readonly #hopeless = new Cache<true>(1000);

  constructor(config: TokensConfig<T>) {
    this.#config = config;
    this.#hooked = new HookedTokens(config);
  }

  /** Finds the token of a call, refreshed where its time has come. */
  async find(options: TokenOptions<T>): Promise<T> {
    const found = await this.#find(options);
    return await this.#timely(found, options.signal);
  }

  /**
   * Sends a request with its token; where the provider refuses the token, once more with a fresh one.
   * Only for requests that can be repeated.
   */
  async send(options: TokenOptions<T>, send: (token: T) => Promise<Response>): Promise<Response> {
    const found = await this.#find(options);
    const token = await this.#timely(found, options.signal);
    const answer = await send(token);
    // A token that was refreshed for this very call is not refreshed again.
    const renew = token === found.token ? found.renew : undefined;
    if (!renew || !refusesToken(answer, token) || this.#hopeless.get(idOf(token))) return answer;
    answer.body?.cancel().catch(() => undefined);
    const fresh = await waitFor(renew(), options.signal);
    const second = await send(fresh);
    if (refusesToken(second, fresh)) this.#hopeless.set(idOf(fresh), true, patience);
    return second;
  }

  /** Refreshes a token whose time has come; one that is still good survives a failure of that. */
  async #timely({ token, renew }: Found<T>, signal: AbortSignal | undefined): Promise<T> {
    if (!renew || !isDue(token, this.#config.registry.refresh)) return token;
    try {
      return await waitFor(renew(), signal);
    } catch (error) {
      const over = error instanceof OAuthError && error.code === 'invalid_token';
      if (over || signal?.aborted || isExpired(token)) throw error;
      return token;
    }
  }

  async #find({ token, request }: TokenOptions<T>): Promise<Found<T>> {
    const { options, registry, currentRequest, app } = this.#config;
    const hook = options.fetchToken ?? registry.fetchToken;
    const current = request ?? currentRequest?.();
    if (token) return this.#renewable(token, { request: current });
    const again = async (): Promise<T | undefined> =>
      ((await hook?.(app.name, current)) ?? undefined) as T | undefined;
    const found = await again();
    if (found) return this.#renewable(found, { request: current, again });
    const own = await app.ownTokens?.current();
    if (own) return { token: own, renew: () => this.#renewOwn(own) };
    throw new OAuthError(
      'missing_token',
      `There is no token for "${app.name}". Pass { token }` +
        `${hook ? '; the fetchToken hook found none' : ', or give the registry a fetchToken hook'}.`,
    );
  }

  #renewable(token: T, source: TokenSource<T>): Found<T> {
    if (this.#hooked.canRenew(token)) {
      return { token, renew: () => this.#hooked.renew(token, source) };
    }
    const { options, registry, app } = this.#config;
    if (!app.ownTokens) return { token };
    const update = options.updateToken ?? registry.updateToken;
    const renew = (): Promise<T> =>
      this.#flights.run(idOf(token), async () => {
        const fresh = await this.#renewOwn(token);
        await update?.(app.name, fresh, { accessToken: idOf(token) }, source.request);
        return fresh;
      });
    return { token, renew };
  }

  /** A client's own token needs no refreshing: the client asks for another. */
  async #renewOwn(token: T): Promise<T> {
    return (await this.#config.app.ownTokens?.renewed(token)) ?? token;
  }
}
