import type { LogoutEvent } from '../model/logout.js';
import type { IndexedSession, SessionIndex, SessionPort } from '../model/ports.js';
import type { Awaitable } from '../model/types.js';
import { randomToken, sha256 } from '../platform/crypto.js';
import { toBase64Url } from '../platform/encoding.js';
import { guardStoreStep } from '../platform/store-failure.js';
import type { SignedIn } from './signed-in.js';

/** Settings of a session index. */
export interface IndexSettings {
  /** Lifetime of an entry in seconds. */
  ttl: number;
  /** Maximum number of sessions per user. */
  limit: number;
  /** Milliseconds before a step times out. */
  timeout: number | undefined;
}

/** The sessions that logins through the routes have created, by `sid` and `sub`. */
export class IndexedSessions {
  readonly #index: SessionIndex;
  readonly #settings: IndexSettings;

  constructor(index: SessionIndex, settings: IndexSettings) {
    this.#index = index;
    this.#settings = settings;
  }

  /**
   * Adds the session of a login, if the login has an id_token; returns the login with the `id` of
   * its session. The user's oldest sessions end if there are too many.
   */
  async add(signedIn: SignedIn, session: SessionPort): Promise<SignedIn> {
    const { client, iss, sub, sid } = signedIn;
    if (iss === undefined || sub === undefined) return signedIn;
    const id = randomToken(16);
    const entry = {
      id,
      user: await keyOf(['user', client, iss, sub]),
      session: await keyOf(
        sid === undefined ? withoutSid({ client, iss, sub }) : ['sid', client, iss, sid],
      ),
      value: session.id ?? '',
    };
    await this.#end(session, await this.#add(entry));
    return { ...signedIn, id };
  }

  /** Returns whether the session of a login has ended. A session that was never added has not. */
  async hasEnded({ id }: SignedIn): Promise<boolean> {
    return id !== undefined && !(await this.#step(() => this.#index.has(id)));
  }

  /**
   * Ends the sessions that a logout at the provider names: by `sid` if it has one, or by `sub`. If one
   * cannot be destroyed, all remain in the index, so that the provider can repeat the logout.
   */
  async endNamed(
    { client, iss, sub, sid }: LogoutEvent,
    session: SessionPort | undefined,
  ): Promise<void> {
    const remove = async (by: 'user' | 'session', parts: string[]): Promise<void> => {
      const key = await keyOf(parts);
      const removed = await this.#step(() => this.#index.remove(by, key));
      try {
        await this.#end(session, removed);
      } catch (error) {
        for (const entry of removed) await this.#add(entry);
        throw error;
      }
    };
    if (sid !== undefined) await remove('session', ['sid', client, iss, sid]);
    if (sub === undefined) return;
    if (sid === undefined) await remove('user', ['user', client, iss, sub]);
    // Sessions whose id_token had no sid cannot be told apart.
    else await remove('session', withoutSid({ client, iss, sub }));
  }

  /** Removes the session of a login that has ended here. */
  async forget({ id }: SignedIn): Promise<void> {
    if (id !== undefined) await this.#step(() => this.#index.delete(id));
  }

  /** Adds a session; returns those that it replaces. */
  async #add(entry: IndexedSession): Promise<readonly IndexedSession[]> {
    const { ttl, limit } = this.#settings;
    return await this.#step(() => this.#index.add(entry, ttl, limit));
  }

  /** Destroys sessions that are stored on the server. */
  async #end(port: SessionPort | undefined, removed: readonly IndexedSession[]): Promise<void> {
    for (const { value } of removed) if (value !== '') await port?.endOther?.(value);
  }

  async #step<T>(run: () => Awaitable<T>): Promise<T> {
    const { timeout } = this.#settings;
    return await guardStoreStep(run, {
      what: 'The session index',
      timeout,
      otherwise: 'Check the store.',
    });
  }
}

function withoutSid({ client, iss, sub }: Record<'client' | 'iss' | 'sub', string>): string[] {
  return ['no sid', client, iss, sub];
}

/** Hashes what names a session, so that the index contains no personal data. */
async function keyOf(parts: readonly string[]): Promise<string> {
  return toBase64Url(await sha256(JSON.stringify(parts)));
}
