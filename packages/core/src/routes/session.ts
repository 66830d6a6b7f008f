import { OAuthError } from '../model/errors.js';
import type { BrowserRequest, FindSession, SessionPort } from '../model/ports.js';
import type { Awaitable } from '../model/types.js';
import { findInTime } from '../platform/guarded-session.js';

/** How to find the session of a request. */
export interface SessionSource {
  /** The application's own session; absent if the framework's is used. */
  find?: FindSession | undefined;
  /** Milliseconds before a step of its store times out. */
  timeout?: number | undefined;
}

/**
 * Returns the session of the registry or of the framework, if there is one; an application may use
 * another, which it ends in `onLogout`.
 *
 * @throws OAuthError `storage_failed` if its store fails or does not respond within `timeout`
 *   milliseconds, at each step
 */
export async function sessionOf(
  browser: BrowserRequest,
  { find, timeout }: SessionSource = {},
): Promise<SessionPort | undefined> {
  const own = (): Awaitable<SessionPort> =>
    find ? find(browser.request, browser.response) : browser.session();
  try {
    return await findInTime(own, timeout);
  } catch (error) {
    if (error instanceof OAuthError && error.code === 'missing_session') return undefined;
    throw error;
  }
}

/** Ends a session. @throws OAuthError `missing_session` if there is none; no session was ended */
export async function endSession(session: SessionPort | undefined): Promise<void> {
  if (session?.end) return await session.end();
  throw new OAuthError(
    'missing_session',
    'The framework has no session to end. End your own in routes({ onLogout }).',
  );
}
