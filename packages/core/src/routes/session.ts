import { OAuthError } from '../model/errors.js';
import type { BrowserExchange, SessionPort } from '../model/ports.js';
import { findInTime } from '../client/login-state/guarded.js';

/**
 * The framework's session; an application may well have another one, and end it in `onLogout`.
 *
 * @throws OAuthError `storage_failed` where its store fails or does not respond within `timeout` milliseconds, at each step
 */
export async function sessionOf(
  browser: BrowserExchange,
  timeout?: number,
): Promise<SessionPort | undefined> {
  try {
    return await findInTime(() => browser.session(), timeout);
  } catch (error) {
    if (error instanceof OAuthError && error.code === 'missing_session') return undefined;
    throw error;
  }
}

/** Ends the framework's session. @throws OAuthError `missing_session` where it has none: nobody is logged out by that */
export async function endSession(browser: BrowserExchange, timeout?: number): Promise<void> {
  const session = await sessionOf(browser, timeout);
  if (session?.end) return await session.end();
  throw new OAuthError(
    'missing_session',
    "There is no session of the framework's to end. End yours in routes({ onLogout }).",
  );
}
