import { equalInConstantTime, now } from '../crypto.js';
import { isObject } from '../encoding.js';
import { OAuthError, reasonOf } from '../errors.js';
import type { SessionPort } from '../types.js';
import type { LoginStorage, PendingLogin } from './pending-logins.js';

const key = 'oauth-registry';

/**
 * Keeps pending logins in the framework's session: at most `limit` of them, none that has expired, and
 * the session saved before anything else happens.
 */
export function createSessionStorage(limit: number): LoginStorage {
  return {
    async put(browser, login) {
      const session = browser.session();
      const kept = read(session).filter(({ expiresAt }) => expiresAt > now());
      await save(session, [...kept, login].slice(-limit));
    },
    async take(browser, state) {
      const session = browser.session();
      const logins = read(session);
      const found = logins.find((login) => equalInConstantTime(login.state, state));
      if (found)
        await save(
          session,
          logins.filter((login) => login !== found),
        );
      return found;
    },
  };
}

function read(session: SessionPort): PendingLogin[] {
  const logins = session.get(key);
  return Array.isArray(logins) ? logins.filter(isPendingLogin) : [];
}

function isPendingLogin(value: unknown): value is PendingLogin {
  return (
    isObject(value) &&
    ['state', 'client', 'kind', 'redirectUri'].every((name) => typeof value[name] === 'string') &&
    typeof value['expiresAt'] === 'number'
  );
}

async function save(session: SessionPort, logins: PendingLogin[]): Promise<void> {
  session.set(key, logins.length > 0 ? logins : undefined);
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
