import { OAuthError } from '../../model/errors.js';
import { tellUpdate } from './notify.js';
import type { TokenKey } from '../../model/ports.js';
import type {
  Awaitable,
  OwnTokens,
  Token,
  TokenOptions,
  TokenOwner,
  TokenVerdict,
} from '../../model/types.js';
import { Cache } from '../../platform/bounded-cache.js';
import { isPlainText } from '../../platform/encoding.js';
import type { TokensConfig } from './config.js';
import { expiryOf, idOf, isDue, isExpired } from './expiry.js';
import { Flights, waitFor } from '../../platform/single-flight.js';
import { HookedTokens, type TokenSource } from './hook-tokens.js';
import { Survivable, survivable, unwrapped, verdictIn } from './refresh-outcome.js';
import { StoredTokens, type StoredToken } from './stored-tokens.js';

/** A token that was found, and the way to a fresh one; absent where there is none. */
interface Found<T> {
  token: T;
  renew?: (() => Promise<T>) | undefined;
  /** The client's own, so that another costs nobody a login: any 401 counts as a refusal of it. */
  own?: boolean;
  /** Where a token that cannot be renewed may have been replaced by a new login. */
  reread?: () => Promise<T>;
  /** Ends the authorization of a token that is refused and cannot be refreshed: marks it, and tells once. */
  end?(token: T): Promise<void>;
}

/** When a request is sent once more with a fresh token. */
interface Repetition {
  /** `false` for a body that can be sent once. */
  isRepeatable: boolean;
  /** Whether it may be sent twice although nobody said that the first was refused for its token. */
  isSafe: boolean;
}

/** Something that is done with a token, and how it tells that the token was refused. */
interface Attempt<T, R> extends Repetition {
  run: (token: T) => Promise<R>;
  judge: (outcome: R) => Awaitable<TokenVerdict>;
  /** Whether the outcome is what the provider itself says of the token, so that a 401 needs no second opinion. */
  isFinal?: boolean;
  letGo?: (outcome: R) => void;
}

/** A request whose token was refused. */
interface Refusal<T, R> {
  token: T;
  first: R;
  verdict: TokenVerdict;
  /** Whether it is sent once more with another token. */
  repeats: boolean;
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
  readonly #stored: StoredTokens<T> | undefined;
  /** Access tokens that were refused although they were fresh: refreshing does not help there. */
  readonly #hopeless = new Cache<true>(1000);
  /** Access tokens that the provider was asked about a moment ago. */
  readonly #doubted = new Cache<true>(1000);

  constructor(config: TokensConfig<T>) {
    this.#config = config;
    this.#hooked = new HookedTokens(config);
    const { tokenStore } = config.registry;
    this.#stored = tokenStore && new StoredTokens(config, tokenStore);
  }

  /** Finds the token of a call, refreshed where its time has come. */
  async find(options: TokenOptions<T>): Promise<T> {
    const found = await this.#find(options);
    return await this.#timely(found, options.signal);
  }

  /** Sends a request with its token; if the provider refuses the token, once more with a fresh one. */
  async send(
    options: TokenOptions<T>,
    send: (token: T) => Promise<Response>,
    repetition: Repetition,
  ): Promise<Response> {
    const judge = (response: Response): Awaitable<TokenVerdict> =>
      this.#config.app.judge?.(response) ?? (response.status === 401 ? 'unclear' : undefined);
    return await this.#attempt(options, { run: send, judge, letGo: cancel, ...repetition });
  }

  /** Does something with a token; where an error says that it was refused, once more with a fresh one. */
  async use<R>(options: TokenOptions<T>, use: (token: T) => Promise<R>): Promise<R> {
    type Outcome = { value: R; error?: never } | { error: OAuthError };
    const run = async (token: T): Promise<Outcome> => {
      try {
        return { value: await use(token) };
      } catch (error) {
        if (error instanceof OAuthError) return { error };
        throw error;
      }
    };
    const outcome = await this.#attempt<Outcome>(options, {
      run,
      judge: ({ error }) => error && verdictIn(error),
      isFinal: true,
      isRepeatable: true,
      isSafe: true,
    });
    if (outcome.error) throw outcome.error;
    return outcome.value;
  }

  async #attempt<R>(options: TokenOptions<T>, attempt: Attempt<T, R>): Promise<R> {
    const found = await this.#find(options);
    const token = await this.#timely(found, options.signal);
    const first = await attempt.run(token);
    const verdict = await attempt.judge(first);
    if (verdict === undefined) return first;
    const isNamed = verdict === 'refused' || found.own || expiryOf(token) === undefined;
    if (!isNamed && verdict === 'other') return first;
    const refusal = {
      token,
      first,
      verdict,
      repeats: attempt.isRepeatable && (isNamed || attempt.isSafe),
    };
    if (!found.renew) return await this.#afterRefusal(found, refusal, attempt);
    // A token that was refreshed for this very call is not refreshed again.
    const isHopeless = token !== found.token || this.#hopeless.get(idOf(token)) === true;
    if (isHopeless || !attempt.isRepeatable) return first;
    const fresh = await unwrapped(waitFor(found.renew(), options.signal)).catch(
      (error: unknown) => {
        attempt.letGo?.(first);
        throw error;
      },
    );
    const repeats = refusal.repeats && idOf(fresh) !== idOf(token);
    if (repeats) attempt.letGo?.(first);
    const second = repeats ? await attempt.run(fresh) : first;
    const isAccepted = repeats && (await attempt.judge(second)) === undefined;
    if (!isAccepted) this.#hopeless.set(idOf(fresh), true, patience);
    return second;
  }

  /** A refused token that cannot be refreshed: another login may have replaced it, or it is over. */
  async #afterRefusal<R>(
    found: Found<T>,
    { token, first, verdict, repeats }: Refusal<T, R>,
    attempt: Attempt<T, R>,
  ): Promise<R> {
    const newer = await found.reread?.();
    if (newer && idOf(newer) !== idOf(token)) {
      if (!repeats) return first;
      attempt.letGo?.(first);
      return await attempt.run(newer);
    }
    if (found.end && (await this.#isOver(token, verdict, attempt.isFinal))) await found.end(token);
    return first;
  }

  /** A 401 that gives no reason may be about anything: then the provider is asked about the token. */
  async #isOver(token: T, verdict: TokenVerdict, isFinal = false): Promise<boolean> {
    const { app } = this.#config;
    // Somebody can refresh it by hand.
    if (app.renewal?.handle(token) !== undefined) return false;
    if (verdict === 'refused') return true;
    if (verdict !== 'unclear' || isFinal || !app.isRefused || this.#doubted.get(idOf(token)))
      return false;
    this.#doubted.set(idOf(token), true, patience);
    return await app.isRefused(token);
  }

  /** Keeps a token in the store, in place of the one that is there. */
  async save(token: T, whose: TokenOwner): Promise<void> {
    await this.#store.save(this.#key(whose), token);
  }

  async delete(whose: TokenOwner): Promise<void> {
    await this.#store.delete(this.#key(whose));
  }

  async list(whose: Pick<TokenOwner, 'owner'>): Promise<StoredToken<T>[]> {
    return await this.#store.list(this.#key(whose).owner);
  }

  get #store(): StoredTokens<T> {
    if (this.#stored) return this.#stored;
    throw new OAuthError(
      'invalid_options',
      'There is no store to keep tokens by owner. Give the registry a "tokenStore".',
    );
  }

  #key({ owner, account = '' }: Pick<TokenOptions<T>, 'owner' | 'account'>): TokenKey {
    if (isPlainText(owner) && owner !== '' && isPlainText(account)) {
      return { owner, client: this.#config.app.name, account };
    }
    throw new OAuthError(
      'invalid_options',
      '"owner" must be a non-empty string that names the user in your application, and "account" a string, both of ' +
        'well-formed Unicode without control characters: a store would take two others for the same.',
    );
  }

  async #findStored(options: TokenOptions<T>): Promise<Found<T>> {
    const store = this.#store;
    const key = this.#key(options);
    const token = await waitFor(store.read(key), options.signal);
    if (token) {
      const reread = async (): Promise<T> => (await store.reread(key)) ?? token;
      const end = (refused: T): Promise<void> => store.end(key, refused, this.#request(options));
      if (!store.canRenew(token))
        return { token: isExpired(token) ? await reread() : token, reread, end };
      return { token, renew: () => store.renew(key, token, this.#request(options)) };
    }
    throw new OAuthError(
      'missing_token',
      `The token store has no token of this owner for "${this.#config.app.name}"` +
        `${key.account === '' ? '; was it saved with an "account"?' : ' and this account.'} Keep one with saveToken().`,
    );
  }

  #request({ request }: TokenOptions<T>): unknown {
    return request ?? this.#config.currentRequest?.();
  }

  /**
   * Refreshes a token whose time has come. One that is still good survives a failure of the provider, and
   * never one of what stores the fresh token: the refresh token may be spent.
   */
  async #timely({ token, renew }: Found<T>, signal: AbortSignal | undefined): Promise<T> {
    if (!renew || !isDue(token, this.#config.registry.refresh)) return token;
    try {
      return await waitFor(renew(), signal);
    } catch (error) {
      if (!(error instanceof Survivable)) throw error;
      if (isExpired(token)) throw error.error;
      return token;
    }
  }

  async #find(given: TokenOptions<T>): Promise<Found<T>> {
    const { options, registry, app } = this.#config;
    const hook = options.fetchToken ?? registry.fetchToken;
    const current = this.#request(given);
    if (given.token) return this.#renewable(given.token, { request: current });
    // An owner without a value is nobody, and must not end as the application itself.
    if ('owner' in given) return await this.#findStored(given);
    const again = async (): Promise<T | undefined> =>
      ((await hook?.(app.name, current)) ?? undefined) as T | undefined;
    const found = await again();
    if (found) return this.#renewable(found, { request: current, again });
    if (app.ownTokens) return await this.#findOwn(app.ownTokens);
    throw new OAuthError(
      'missing_token',
      `There is no token for "${app.name}". Pass { token }` +
        `${hook ? '; the fetchToken hook found none' : ', or give the registry a fetchToken hook'}.`,
    );
  }

  /** A token of the client's own: one for all processes that share a store. */
  async #findOwn(own: OwnTokens<T>): Promise<Found<T>> {
    const store = this.#stored;
    if (!store) {
      const token = await own.current();
      return { token, own: true, renew: () => own.renewed(token) };
    }
    // No person has an empty name, so nobody can ask for it in another way.
    const key = { owner: '', client: this.#config.app.name, account: '' };
    const grant = (old?: T): Promise<T> => (old ? own.renewed(old) : own.current());
    const there = await store.read(key);
    const token = there ?? (await unwrapped(store.obtain(key, grant)));
    return { token, own: true, renew: () => store.obtain(key, grant, token) };
  }

  #renewable(token: T, source: TokenSource<T>): Found<T> {
    if (this.#hooked.canRenew(token)) {
      return { token, renew: () => this.#hooked.renew(token, source) };
    }
    const { app } = this.#config;
    if (!app.ownTokens) return { token, end: (refused) => this.#hooked.end(refused, source) };
    const renew = (): Promise<T> =>
      this.#flights.run(idOf(token), async () => {
        const fresh = await this.#renewOwn(token).catch((error: unknown) => {
          throw survivable(error);
        });
        const old = { accessToken: idOf(token) };
        await tellUpdate(this.#config, { token: fresh, old, request: source.request });
        return fresh;
      });
    return { token, own: true, renew };
  }

  /** A client's own token needs no refreshing: the client asks for another. */
  async #renewOwn(token: T): Promise<T> {
    return (await this.#config.app.ownTokens?.renewed(token)) ?? token;
  }
}

function cancel({ body }: Response): void {
  body?.cancel().catch(() => undefined);
}
