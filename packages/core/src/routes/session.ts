import { OAuthError } from '../model/errors.js';
import type { BrowserRequest, SessionPort } from '../model/ports.js';
import { findInTime } from '../platform/guarded-session.js';

/**
 * Returns the framework's session, if there is one; an application may use another, which it ends
 * in `onLogout`.
 *
 * @throws OAuthError `storage_failed` if its store fails or does not respond within `timeout`
 *   milliseconds, at each step
 */
export async function sessionOf(
  browser: BrowserRequest,
  timeout?: number,
): Promise<SessionPort | undefined> {
  try {
    return await findInTime(() => browser.session(), timeout);
  } catch (error) {
    if (error instanceof OAuthError && error.code === 'missing_session') return undefined;
    throw error;
  }
}

/**
 * Ends the framework's session. @throws OAuthError `missing_session` if there is none; no session
 * was ended
 */
export async function endSession(browser: BrowserRequest, timeout?: number): Promise<void> {
  const session = await sessionOf(browser, timeout);
  if (session?.end) return await session.end();
  throw new OAuthError(
    'missing_session',
    'The framework has no session to end. End your own in routes({ onLogout }).',
  );
}
