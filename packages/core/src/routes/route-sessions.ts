import type { BrowserRequest, FindSession, SessionIndex, SessionPort } from '../model/ports.js';
import type { Limits } from '../options/limits.js';
import type { IndexedSessions } from './indexed-sessions.js';
import { sessionOf } from './session.js';
import { signedInAs } from './signed-in.js';

/** The settings of a registry that concern sessions. */
export interface SessionSettings {
  /** The application's own session. */
  session?: FindSession | undefined;
  sessionIndex?: SessionIndex | undefined;
  limits: Pick<Limits, 'sessionTtl' | 'userSessions'>;
  /** Milliseconds before an operation of a store times out. */
  timeout?: number | undefined;
}

/** The sessions of logins through the routes, and their index. */
export class RouteSessions {
  readonly #settings: SessionSettings;
  #indexed: IndexedSessions | undefined;

  constructor(settings: SessionSettings) {
    this.#settings = settings;
  }

  /** Returns the session of a request, if there is one. */
  find(browser: BrowserRequest): Promise<SessionPort | undefined> {
    const { session: find, timeout } = this.#settings;
    return sessionOf(browser, { find, timeout });
  }

  /** Returns the index, if there is one; it is loaded at the first use. */
  async indexed(): Promise<IndexedSessions | undefined> {
    const { sessionIndex, limits, timeout } = this.#settings;
    if (!sessionIndex) return undefined;
    const loaded = await import('./indexed-sessions.js');
    const settings = { ttl: limits.sessionTtl, limit: limits.userSessions, timeout };
    this.#indexed ??= new loaded.IndexedSessions(sessionIndex, settings);
    return this.#indexed;
  }

  /** Returns whether the provider has ended the session of a request. */
  async hasEnded(browser: BrowserRequest): Promise<boolean> {
    const index = await this.indexed();
    const signedIn = index && signedInAs(await this.find(browser));
    return signedIn !== undefined && (await index?.hasEnded(signedIn)) === true;
  }
}
