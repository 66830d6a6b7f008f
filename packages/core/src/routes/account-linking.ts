import { OAuthError } from '../model/errors.js';
import type { BrowserRequest, Carried } from '../model/ports.js';
import { userIdOf, type RoutesSettings } from './user-id.js';

/**
 * Returns the user ID to link a login to: that of the signed-in user, and only for a POST form, so
 * that linking is intended.
 *
 * @throws OAuthError `mismatching_account` if no user is signed in
 */
export async function accountToLink(
  browser: BrowserRequest,
  options: RoutesSettings,
): Promise<string> {
  if (!options.userId) {
    throw new OAuthError(
      'invalid_options',
      'A login with "link" needs routes({ userId }): a function that returns the ID of the user ' +
        'who is signed in.',
    );
  }
  if (browser.method !== 'POST') {
    throw new OAuthError(
      'cross_site_request',
      'A login with "link" must be started by a POST form: loginButton(name, { link: true }).',
    );
  }
  const id = await userIdOf(browser, options);
  if (id !== undefined) return id;
  throw new OAuthError(
    'mismatching_account',
    'No user is signed in, so there is no account to link this login to. Sign in first.',
  );
}

/**
 * Checks that the user who started linking is still signed in. Returns `again` if the session
 * cookie may be missing because a `form_post` is a cross-site request.
 *
 * @throws OAuthError `mismatching_account`
 */
export async function checkLink(
  browser: BrowserRequest,
  { link }: Carried,
  options: RoutesSettings,
): Promise<'again' | undefined> {
  if (link === undefined) return undefined;
  const id = await userIdOf(browser, options);
  if (browser.method === 'POST' && id === undefined) return 'again';
  if (id === link) return undefined;
  throw new OAuthError(
    'mismatching_account',
    'This login was started by a different user than the one signed in now. Nothing was ' +
      'linked. Start again.',
  );
}
