import { equalInConstantTime, now } from '../../platform/crypto.js';
import { toBytes } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import type { BrowserRequest, FindSession, SessionPort } from '../../model/ports.js';
import { createCookieStorage } from './in-cookie.js';
import { LoginCookies, type CookieLimits } from './cookies.js';
import { findInTime } from '../../platform/guarded-session.js';
import { isPendingLogin, type LoginStorage, type PendingLogin } from './pending-logins.js';
import { StoreStorage, takenEntries } from './in-store.js';

/** The session key of pending logins in a session without a store. */
export const sessionKey = 'oauth-registry';

/** Options of the session storage of pending logins. */
export interface SessionStorageOptions extends CookieLimits {
  /** Milliseconds before a store operation times out. */
  timeout?: number | undefined;
  /** Common prefix of redirect URIs. */
  baseUrl?: string | undefined;
  /** Limits for a session whose store is accessible. */
  stored?: CookieLimits;
}

/**
 * Stores pending logins in the framework's session storage. If the session's store or its
 * encryption is accessible, each login is a separate entry or cookie, so that saving or
 * regenerating the session cannot lose it. Otherwise they are inside the session: at most `count`,
 * none expired, no more bytes than the session can hold. The session is saved before the response
 * is sent.
 */
export function createSessionStorage(
  options: SessionStorageOptions,
  findSession?: FindSession,
): LoginStorage {
  const { timeout, stored = options, baseUrl } = options;
  const inStore = { ...stored, timeout, taken: takenEntries() };
  const inCookies = { ...options, baseUrl, cookies: new LoginCookies(options) };
  const sessionOf = async (browser: BrowserRequest): Promise<SessionPort> =>
    await findInTime(
      () => (findSession ? findSession(browser.request, browser.response) : browser.session()),
      timeout,
    );
  /** Selects the best storage that a session offers. */
  const beside = (session: SessionPort): LoginStorage => {
    if (session.store) return new StoreStorage(session.store, inStore);
    if (session.seal) return createCookieStorage(session.seal, inCookies);
    return inside(session, options.count);
  };
  return {
    async put(browser, login) {
      const session = await sessionOf(browser);
      await beside(session).put(browser, login);
      await session.save?.();
    },
    async take(browser, login) {
      return await beside(await sessionOf(browser)).take(browser, login);
    },
    async binds(browser, login) {
      return (await beside(await sessionOf(browser)).binds?.(browser, login)) ?? false;
    },
    async drop(browser) {
      const session = await sessionOf(browser).catch(withoutOne);
      if (session) await beside(session).drop(browser);
    },
    async shared(browser) {
      // A request from the provider has no browser session, and there may be no session at all.
      const session = await sessionOf(browser).catch(() => undefined);
      return session && (await beside(session).shared?.(browser));
    },
  };
}

/** Treats a missing session as one without pending logins. */
function withoutOne(error: unknown): undefined {
  if (!(error instanceof OAuthError) || error.code !== 'missing_session') throw error;
}

/** Stores logins inside a plain session object. */
function inside(session: SessionPort, count: number): LoginStorage {
  return {
    put: async (_browser, login) => add(session, login, count),
    take: async (_browser, { state }) => {
      const logins = readLogins(session);
      const found = logins.find((login) => equalInConstantTime(login.state, state));
      if (!found) return undefined;
      writeLogins(
        session,
        logins.filter((login) => login !== found),
      );
      await session.save?.();
      return found;
    },
    drop: async () => {
      if (readLogins(session).length === 0) return;
      writeLogins(session, []);
      await session.save?.();
    },
  };
}

function add(session: SessionPort, login: PendingLogin, count: number): void {
  const unexpired = readLogins(session).filter(({ expiresAt }) => expiresAt > now());
  const logins = [...unexpired, login].slice(-count);
  writeLogins(session, []);
  const room = session.room?.() ?? Infinity;
  while (logins.length > 0 && toBytes(JSON.stringify(logins)).length > room) logins.shift();
  writeLogins(session, logins.length > 0 ? logins : unexpired);
  if (logins.length === 0) throw loginTooLargeForSession();
}

function writeLogins(session: SessionPort, logins: PendingLogin[]): void {
  session.set(sessionKey, logins.length > 0 ? logins : undefined);
}

function readLogins(session: SessionPort): PendingLogin[] {
  const logins = session.get(sessionKey);
  return Array.isArray(logins) ? logins.filter(isPendingLogin) : [];
}

function loginTooLargeForSession(): OAuthError {
  return new OAuthError(
    'invalid_options',
    'This pending login does not fit into the session, which is stored in one cookie of 4096 bytes. Store less ' +
      'in the session, shorten "returnTo" or "data", or store pending logins in encrypted cookies: ' +
      "new OAuth({ secret, stateStorage: 'cookie' }).",
  );
}
