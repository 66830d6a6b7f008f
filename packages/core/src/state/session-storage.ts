import { equalInConstantTime, now } from '../crypto.js';
import { OAuthError, reasonOf } from '../errors.js';
import type { BrowserExchange, FindSession, SessionPort } from '../ports.js';
import type { Awaitable } from '../types.js';
import { createCookieStorage } from './cookie-storage.js';
import type { CookieLimits } from './cookies.js';
import { isPendingLogin, type LoginStorage, type PendingLogin } from './pending-logins.js';
import { createStoreStorage } from './store-storage.js';

/** Where pending logins are in a session that has no store. */
export const sessionKey = 'oauth-registry';

/**
 * Keeps pending logins where the framework keeps its sessions. Where the session's store or its seal is
 * at hand, each login is an entry or a cookie of its own, so that neither saving nor renewing the
 * session can lose it; else they are kept inside the session: at most `limits.count`, none that has
 * expired. The session is saved before anything else happens.
 */
export function createSessionStorage(
  limits: CookieLimits,
  findSession?: FindSession,
): LoginStorage {
  const sessionOf = (browser: BrowserExchange): Awaitable<SessionPort> =>
    findSession ? findSession(browser.request, browser.response) : browser.session();
  return {
    async put(browser, login) {
      const session = await sessionOf(browser);
      await beside(session, limits).put(browser, login);
      await save(session);
    },
    async take(browser, state) {
      return await beside(await sessionOf(browser), limits).take(browser, state);
    },
    async shared(browser) {
      // Who comes without a browser, as a provider does, may come where there is no session.
      const session = await Promise.resolve(browser)
        .then(sessionOf)
        .catch(() => undefined);
      return session && (await beside(session, limits).shared?.(browser));
    },
  };
}

/** The best place a session offers. */
function beside(session: SessionPort, limits: CookieLimits): LoginStorage {
  if (session.store) return createStoreStorage(session.store, limits);
  if (session.seal) return createCookieStorage(session.seal, limits);
  return {
    put: async (_browser, login) => add(session, login, limits.count),
    take: async (_browser, state) => {
      const logins = read(session);
      const found = logins.find((login) => equalInConstantTime(login.state, state));
      if (!found) return undefined;
      write(
        session,
        logins.filter((login) => login !== found),
      );
      await save(session);
      return found;
    },
  };
}

function add(session: SessionPort, login: PendingLogin, limit: number): void {
  const kept = read(session).filter(({ expiresAt }) => expiresAt > now());
  write(session, [...kept, login].slice(-limit));
}

function write(session: SessionPort, logins: PendingLogin[]): void {
  session.set(sessionKey, logins.length > 0 ? logins : undefined);
}

function read(session: SessionPort): PendingLogin[] {
  const logins = session.get(sessionKey);
  return Array.isArray(logins) ? logins.filter(isPendingLogin) : [];
}

async function save(session: SessionPort): Promise<void> {
  try {
    await session.save?.();
  } catch (error) {
    const reason = reasonOf(error);
    throw new OAuthError(
      'storage_failed',
      `The session could not be saved${reason ? ` (${reason})` : ''}, so nobody was redirected or ` +
        'logged in. Check the session store.',
      { reason },
    );
  }
}
