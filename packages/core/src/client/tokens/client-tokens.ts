import { OAuthError } from '../../model/errors.js';
import { notifyUpdate } from './notify.js';
import type { TokenKey } from '../../model/ports.js';
import type {
  CallTokenOptions,
  Engine,
  Token,
  TokenOwner,
  TokenVerdict,
} from '../../model/types.js';
import { BoundedCache } from '../../platform/bounded-cache.js';
import { isPlainText } from '../../platform/encoding.js';
import type { TokensConfig } from './config.js';
import type { Found } from './found.js';
import { expiryOf, accessTokenOf, isDue, isExpired } from '../../platform/token-expiry.js';
import { SingleFlight, waitFor } from '../../platform/single-flight.js';
import { HookedTokens, type TokenSource } from './hook-tokens.js';
import { Survivable, survivable, unwrapped, verdictIn } from './refresh-outcome.js';
import { StoredTokens, type StoredToken } from './stored-tokens.js';
import { cannotRequest, TokenRequest } from './token-request.js';

/** Whether a request may be resent with a refreshed token. */
interface Repetition {
  /** `false` for a body that can be sent only once. */
  isRepeatable: boolean;
  /** Whether it may be resent although the provider did not say that the token caused the 401. */
  isSafe: boolean;
}

/** The result of an operation with a token, and what it says about the token. */
interface Judged<R> {
  value: R;
  verdict: TokenVerdict;
}

/** An operation with a token. */
interface Attempt<T, R> extends Repetition {
  run: (token: T) => Promise<Judged<R>>;
  /**
   * Whether the result is the provider's own statement about the token, so that a 401 needs no
   * further check.
   */
  isFinal?: boolean;
  discard?: (value: R) => void;
}

/** A request whose token was rejected. */
interface Rejection<T, R> {
  token: T;
  first: Judged<R>;
  /** Whether it is resent with another token. */
  repeats: boolean;
}

/** Milliseconds before a fresh but rejected token may be refreshed again. */
const patience = 60_000;

/**
 * Manages the tokens of one client's calls: loads the right token, refreshes it before it expires,
 * and once more if the provider rejects it.
 */
export class ClientTokens<T extends Token> {
  readonly #config: TokensConfig<T>;
  readonly #hooked: HookedTokens<T>;
  readonly #flights = new SingleFlight<T>();
  readonly #stored: StoredTokens<T> | undefined;
  /** Access tokens that were rejected although fresh; refreshing them does not help. */
  readonly #permanent = new BoundedCache<true>(1000);
  /** Access tokens recently checked with the provider. */
  readonly #introspected = new BoundedCache<true>(1000);

  constructor(config: TokensConfig<T>) {
    this.#config = config;
    this.#hooked = new HookedTokens(config);
    const { tokenStore } = config.registry;
    this.#stored = tokenStore && new StoredTokens(config, tokenStore);
  }

  /**
   * Sends a request with its token, and resends it once with a refreshed token if the provider
   * rejects it.
   */
  async send(
    options: CallTokenOptions<T>,
    send: (token: T) => Promise<Judged<Response>>,
    repetition: Repetition,
  ): Promise<Response> {
    return await this.#attempt(options, { run: send, discard: cancel, ...repetition });
  }

  /** Finds the token of a call, refreshed if it is due; it may have expired if it cannot be refreshed. */
  async find(options: CallTokenOptions<T>): Promise<T> {
    return (await this.#findTimely(options)).token;
  }

  /** Returns the token of a call as it is stored; never refreshes it. */
  async stored(options: CallTokenOptions<T>): Promise<T> {
    return (await this.#find(options)).token;
  }

  /**
   * Returns a valid token of a call, refreshed if it is due, or in any case if it must be fresh.
   *
   * @throws OAuthError `token_expired` if it has expired and cannot be refreshed, `invalid_options`
   *   if it must be fresh and cannot be refreshed
   */
  async active(options: CallTokenOptions<T>, fresh: boolean): Promise<T> {
    const { found, token } = await this.#findTimely(options);
    if (fresh && token === found.token) {
      if (!found.renew) throw noRefresh(this.#config.app.name);
      return await unwrapped(waitFor(found.renew(), options.signal));
    }
    if (!isExpired(token)) return token;
    throw new OAuthError(
      'token_expired',
      `The access token of "${this.#config.app.name}" has expired and cannot be refreshed. Let the user log in again.`,
    );
  }

  /**
   * Runs an operation with a token, and repeats it once with a refreshed token if an error reports
   * a rejection.
   */
  async use<R>(options: CallTokenOptions<T>, use: (token: T) => Promise<R>): Promise<R> {
    type Outcome = { value: R; error?: never } | { error: OAuthError };
    const run = async (token: T): Promise<Judged<Outcome>> => {
      try {
        return { value: { value: await use(token) }, verdict: undefined };
      } catch (error) {
        if (error instanceof OAuthError) return { value: { error }, verdict: verdictIn(error) };
        throw error;
      }
    };
    const outcome = await this.#attempt(options, {
      run,
      isFinal: true,
      isRepeatable: true,
      isSafe: true,
    });
    if (outcome.error) throw outcome.error;
    return outcome.value;
  }

  async #attempt<R>(options: CallTokenOptions<T>, attempt: Attempt<T, R>): Promise<R> {
    const { found, token } = await this.#findTimely(options);
    const first = await attempt.run(token);
    const { value, verdict } = first;
    if (verdict === undefined) return value;
    const isNamed = verdict === 'refused' || found.own || expiryOf(token) === undefined;
    if (!isNamed && verdict === 'other') return value;
    const repeats = attempt.isRepeatable && (isNamed || attempt.isSafe);
    if (!found.renew) return await this.#afterRejection(found, { token, first, repeats }, attempt);
    // A token refreshed for this very call is not refreshed again.
    const isPermanent = token !== found.token || this.#permanent.get(accessTokenOf(token)) === true;
    if (isPermanent || !attempt.isRepeatable) return value;
    const fresh = await unwrapped(waitFor(found.renew(), options.signal)).catch(
      (error: unknown) => {
        attempt.discard?.(value);
        throw error;
      },
    );
    const isResent = repeats && accessTokenOf(fresh) !== accessTokenOf(token);
    if (isResent) attempt.discard?.(value);
    const last = isResent ? await attempt.run(fresh) : first;
    if (last.verdict !== undefined) this.#permanent.set(accessTokenOf(fresh), true, patience);
    return last.value;
  }

  /**
   * Handles a rejected token that cannot be refreshed: a new login may have replaced it, otherwise
   * its authorization has ended.
   */
  async #afterRejection<R>(
    found: Found<T>,
    { token, first, repeats }: Rejection<T, R>,
    attempt: Attempt<T, R>,
  ): Promise<R> {
    const { value, verdict } = first;
    const newer = await found.reread?.();
    if (newer && accessTokenOf(newer) !== accessTokenOf(token)) {
      if (!repeats) return value;
      attempt.discard?.(value);
      return (await attempt.run(newer)).value;
    }
    if (found.end && (await this.#isOver(token, verdict, attempt.isFinal))) await found.end(token);
    return value;
  }

  /**
   * Returns whether the authorization has ended. A 401 without a reason is ambiguous, so the
   * provider is asked about the token.
   */
  async #isOver(token: T, verdict: TokenVerdict, isFinal = false): Promise<boolean> {
    const { app } = this.#config;
    // It can still be refreshed manually.
    if (app.renewal?.handle(token) !== undefined) return false;
    if (verdict === 'refused') return true;
    if (verdict !== 'unclear' || isFinal || this.#introspected.get(accessTokenOf(token)))
      return false;
    this.#introspected.set(accessTokenOf(token), true, patience);
    const { engine } = await app.of(token);
    return (await engine.isRefused?.(token)) ?? false;
  }

  /** Stores a token, replacing the stored one. */
  async save(token: T, owner: TokenOwner): Promise<void> {
    await this.#store.save(this.#key(owner), token);
  }

  /** Deletes a stored token; without an owner, the client's own. */
  async delete(owner?: TokenOwner): Promise<void> {
    const { app } = this.#config;
    if (owner !== undefined || !app.ownTokens)
      return await this.#store.delete(this.#key(owner ?? { userId: '' }));
    const { ownTokens } = (await app.of(undefined)).engine as Required<Engine<T>>;
    ownTokens.forget();
    await this.#stored?.delete(this.#ownKey);
  }

  /** Owners are never empty, so no call can select this key. */
  get #ownKey(): TokenKey {
    return { userId: '', client: this.#config.app.name, account: '' };
  }

  /** Refreshes a stored token that expires within a number of seconds, for workers. */
  async refreshWithin(owner: TokenOwner, seconds: number): Promise<boolean> {
    return await this.#store.refreshWithin(this.#key(owner), seconds);
  }

  async list(owner: Pick<TokenOwner, 'userId'>): Promise<StoredToken<T>[]> {
    return await this.#store.list(this.#key(owner).userId);
  }

  get #store(): StoredTokens<T> {
    if (this.#stored) return this.#stored;
    throw new OAuthError(
      'invalid_options',
      'There is no token store to look up "userId" in. Give the registry a "tokenStore".',
    );
  }

  #key({ userId, account = '' }: Pick<CallTokenOptions<T>, 'userId' | 'account'>): TokenKey {
    if (isPlainText(userId) && userId !== '' && isPlainText(account)) {
      return { userId, client: this.#config.app.name, account };
    }
    throw new OAuthError(
      'invalid_options',
      '"userId" must be a non-empty string that names the user in your application, and "account" a string, both of ' +
        'well-formed Unicode without control characters.',
    );
  }

  async #findStored(
    options: CallTokenOptions<T>,
    wanted: TokenRequest<T> | undefined,
  ): Promise<Found<T>> {
    const key = this.#key(options);
    const found = await waitFor(
      this.#store.find(key, this.#request(options), wanted),
      options.signal,
    );
    if (found) return found;
    throw new OAuthError(
      'missing_token',
      `The token store has no token of this user for "${this.#config.app.name}"` +
        `${key.account === '' ? '; was it saved with an "account"?' : ' and this account.'} Store one with saveToken().`,
    );
  }

  #request({ request }: CallTokenOptions<T>): unknown {
    return request ?? this.#config.currentRequest?.();
  }

  /**
   * Finds the token of a call, and refreshes it if it is due. A provider failure is ignored while the
   * token is valid, but never a failure to store the new token: the refresh token may be spent.
   */
  async #findTimely(options: CallTokenOptions<T>): Promise<{ found: Found<T>; token: T }> {
    const found = await this.#find(options);
    const { token, renew } = found;
    if (!renew || !isDue(token, this.#config.registry.refresh)) return { found, token };
    try {
      return { found, token: await waitFor(renew(), options.signal) };
    } catch (error) {
      if (!(error instanceof Survivable)) throw error;
      if (isExpired(token)) throw error.error;
      return { found, token };
    }
  }

  async #find(given: CallTokenOptions<T>): Promise<Found<T>> {
    const { options, registry, app } = this.#config;
    const hook = options.fetchToken ?? registry.fetchToken;
    const current = this.#request(given);
    const wanted = this.#wanted(given);
    if (given.token) return this.#renewable(given.token, { request: current });
    // An undefined owner must be an error, not fall back to the client's own token.
    if ('userId' in given) return await this.#findStored(given, wanted);
    const again = async (): Promise<T | undefined> =>
      ((await hook?.(app.name, current)) ?? undefined) as T | undefined;
    const found = await again();
    if (found) return this.#renewable(found, { request: current, again });
    if (app.ownTokens) return await this.#findOwn();
    throw new OAuthError(
      'missing_token',
      `No token for "${app.name}". Pass { token }` +
        `${hook ? '; the "fetchToken" hook returned none' : ', or give the registry a "fetchToken" hook'}.`,
    );
  }

  /** Returns what a call requests besides the token of the login, if anything. */
  #wanted(given: CallTokenOptions<T>): TokenRequest<T> | undefined {
    const { resource, scope } = given;
    if (resource === undefined && scope === undefined) return undefined;
    const { app, options } = this.#config;
    if (given.token || !('userId' in given))
      throw cannotRequest(app.name, 'pass "userId", and give the registry a "tokenStore"');
    if (resource !== undefined && options.resource !== undefined)
      throw cannotRequest(app.name, 'the client is registered for one "resource" already');
    return new TokenRequest<T>({ resource, scope });
  }

  /** Returns the client's own token: one for all processes that share a store. */
  async #findOwn(): Promise<Found<T>> {
    const store = this.#stored;
    const grant = (old?: T): Promise<T> => this.#grant(old);
    if (!store) {
      const token = await grant();
      return { token, own: true, renew: () => grant(token) };
    }
    const key = this.#ownKey;
    const there = await store.read(key);
    const token = there ?? (await unwrapped(store.obtain(key, grant)));
    return { token, own: true, renew: () => store.obtain(key, grant, token) };
  }

  #renewable(token: T, source: TokenSource<T>): Found<T> {
    if (this.#hooked.canRefresh(token)) {
      return { token, renew: () => this.#hooked.renew(token, source) };
    }
    const { app } = this.#config;
    if (!app.ownTokens) return { token, end: (refused) => this.#hooked.end(refused, source) };
    const renew = (): Promise<T> =>
      this.#flights.run(accessTokenOf(token), async () => {
        const fresh = await this.#grant(token).catch((error: unknown) => {
          throw survivable(error);
        });
        const old = { accessToken: accessTokenOf(token) };
        await notifyUpdate(this.#config, { token: fresh, old, request: source.request });
        return fresh;
      });
    return { token, own: true, renew };
  }

  /** Requests a token for the client itself, other than an old one. Needs no refresh token. */
  async #grant(old?: T): Promise<T> {
    const { ownTokens } = (await this.#config.app.of(undefined)).engine as Required<Engine<T>>;
    return await (old ? ownTokens.renewed(old) : ownTokens.current());
  }
}

function noRefresh(name: string): OAuthError {
  return new OAuthError(
    'invalid_options',
    `The token of "${name}" cannot be refreshed: it has no refresh token, or nothing stores the new one. Give the ` +
      'registry a "tokenStore" or an "updateToken" hook, or call without "fresh".',
  );
}

function cancel({ body }: Response): void {
  body?.cancel().catch(() => undefined);
}
