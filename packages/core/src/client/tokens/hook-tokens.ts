import { nowSeconds } from '../../platform/crypto.js';
import { OAuthError } from '../../model/errors.js';
import type { RevokedGrant, Token } from '../../model/types.js';
import { findHolder } from './closed-session.js';
import type { TokensConfig } from './config.js';
import { accessTokenOf, isDue } from '../../platform/token-expiry.js';
import { SingleFlight } from '../../platform/single-flight.js';
import type { CachePart } from '../../platform/bounded-cache.js';
import {
  authorizationEnded,
  isMismatch,
  refreshOutcome,
  Survivable,
  survivable,
  tooEarly,
} from './refresh-outcome.js';
import { notifyRevoked, notifyUpdate, storesTokens } from './notify.js';

/** The source of a token. */
export interface TokenSource<T> {
  request: unknown;
  /** Loads the token again; absent for a token passed by the caller. */
  again?: () => Promise<T | undefined>;
}

/** A token to refresh, and its source. */
interface RefreshAttempt<T extends Token> {
  token: T;
  /** What is sent to the provider. */
  handle: string;
  source: TokenSource<T>;
}

/** The result of a refresh. */
type Settled<T> = { token: T } | { error: OAuthError };

const maxAttempts = 5;

/**
 * Refreshes tokens that the application stores with its hooks: once for all callers in this
 * process, and stored by `updateToken` before the new token is used.
 */
export class HookedTokens<T extends Token> {
  readonly #config: TokensConfig<T>;
  readonly #flights = new SingleFlight<T>();
  // What follows is by the refresh token that was sent.
  /** The result of the refresh, for callers that still hold the old token. */
  readonly #settled: CachePart<Settled<T>>;
  /** The new token, if `updateToken` failed to store it. */
  readonly #unsaved: CachePart<T>;
  /** When the provider may be asked again, in seconds since the epoch. */
  readonly #waits: CachePart<number>;
  /** Refresh tokens sent once without a definite outcome. */
  readonly #unconfirmed: CachePart<true>;
  /** Authorizations whose end was already reported. */
  readonly #notified: CachePart<true>;

  constructor(config: TokensConfig<T>) {
    const { app, memory } = config;
    this.#config = config;
    this.#settled = memory.part(app.name, 'settled');
    this.#unsaved = memory.unsavedPart(app.name, 'unsaved');
    this.#waits = memory.part(app.name, 'waits');
    this.#unconfirmed = memory.unsavedPart(app.name, 'unconfirmed');
    this.#notified = memory.part(app.name, 'notified');
  }

  /** Returns whether a token can be refreshed and the result will be stored. */
  canRefresh(token: T): boolean {
    return storesTokens(this.#config) && this.#config.app.renewal?.handle(token) !== undefined;
  }

  /** Refreshes a token, or returns the result of a recent refresh. */
  async renew(old: T, source: TokenSource<T>): Promise<T> {
    let token = old;
    for (let attempts = 0; attempts < maxAttempts; attempts += 1) {
      const handle = this.#config.app.renewal?.handle(token);
      if (handle === undefined) return token;
      const settled = this.#settled.get(handle);
      if (settled && 'error' in settled) throw settled.error;
      if (!settled || accessTokenOf(settled.token) === accessTokenOf(token)) {
        const attempt = { token, handle, source };
        return await this.#flights.run(handle, () => this.#attempt(attempt));
      }
      token = settled.token;
      if (!isDue(token, this.#config.registry.refresh)) return token;
    }
    return token;
  }

  async #attempt(attempt: RefreshAttempt<T>): Promise<T> {
    const { token, handle, source } = attempt;
    const { app, closedSession, registry } = this.#config;
    const { name } = app;
    const held = { handle, client: name, timeout: registry.timeout };
    const holder = await findHolder(closedSession, held, source.request).catch((error: unknown) =>
      Promise.reject(error instanceof OAuthError ? new Survivable(error) : error),
    );
    let fresh = this.#unsaved.get(handle);
    if (!fresh) {
      const until = this.#waits.get(handle);
      if (until !== undefined)
        throw new Survivable(tooEarly(name, Math.max(1, until - nowSeconds())));
      try {
        const { engine } = await app.of(token);
        fresh = (await engine.renewal?.refresh(token)) ?? token;
      } catch (error) {
        return await this.#failed(attempt, error);
      }
      // Some providers accept the same refresh token again; later outcomes do not depend on this
      // one.
      this.#unconfirmed.delete(handle);
      this.#unsaved.set(handle, fresh, Infinity);
    }
    const old = { refreshToken: handle, accessToken: accessTokenOf(token) };
    await notifyUpdate(this.#config, { token: fresh, old, request: source.request });
    await holder?.save?.();
    this.#unsaved.delete(handle);
    this.#settle(handle, { token: fresh });
    return fresh;
  }

  /**
   * Handles a failed refresh: another process may have refreshed first, and the application's
   * storage then has its result.
   */
  async #failed({ token, handle, source }: RefreshAttempt<T>, error: unknown): Promise<T> {
    const { app } = this.#config;
    const outcome = refreshOutcome(error);
    if (outcome === 'unknown') this.#unconfirmed.set(handle, true, Infinity);
    if (outcome !== 'ended') {
      const wait = error instanceof OAuthError ? (error.retryAfter ?? 0) : 0;
      this.#waits.set(handle, nowSeconds() + wait, wait * 1000);
      throw survivable(error);
    }
    const again = await source.again?.();
    if (again && accessTokenOf(again) !== accessTokenOf(token)) {
      this.#settle(handle, { token: again });
      return again;
    }
    const refused = this.#unconfirmed.get(handle) ? 'lost' : 'refused';
    const reason = isMismatch(error) ? 'mismatch' : refused;
    const dead = authorizationEnded(app.name, reason, error);
    this.#settle(handle, { error: dead });
    await this.#notifyRevoked(handle, { token, reason }, source.request);
    throw dead;
  }

  /** Ends the authorization of a rejected access token that cannot be refreshed. */
  async end(token: T, { request, again }: TokenSource<T>): Promise<void> {
    if (this.#notified.get(accessTokenOf(token))) return;
    const newer = await again?.();
    if (newer && accessTokenOf(newer) !== accessTokenOf(token)) return;
    await this.#notifyRevoked(accessTokenOf(token), { token, reason: 'refused' }, request);
  }

  /**
   * Reports the end of an authorization once, identified by the rejected refresh or access token.
   */
  async #notifyRevoked(handle: string, dead: RevokedGrant, request: unknown): Promise<void> {
    if (this.#notified.get(handle)) return;
    this.#notified.set(handle, true, Infinity);
    await notifyRevoked(this.#config, dead, request);
  }

  #settle(handle: string, settled: Settled<T>): void {
    this.#settled.set(handle, settled, this.#config.registry.refresh.reuseWindow * 1000);
  }
}
