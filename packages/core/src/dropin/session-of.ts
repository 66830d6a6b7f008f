import { OAuthError } from '../errors.js';
import type { BrowserExchange, SessionPort } from '../ports.js';

/** The framework's session; an application may well have another one, and end it in `onLogout`. */
export async function sessionOf(browser: BrowserExchange): Promise<SessionPort | undefined> {
  try {
    return await browser.session();
  } catch (error) {
    if (error instanceof OAuthError && error.code === 'missing_session') return undefined;
    throw error;
  }
}
