import { OAuthError } from '../model/errors.js';
import type { BrowserExchange, Carried } from '../model/ports.js';
import { accountOf } from './user-id.js';
import type { RoutesOptions } from './options.js';

/**
 * The account a login is to be added to: the one that is signed in, and on purpose, so by a form.
 *
 * @throws OAuthError `mismatching_account` when nobody is signed in
 */
export async function accountToLink(
  browser: BrowserExchange,
  options: RoutesOptions,
): Promise<string> {
  if (!options.account) {
    throw new OAuthError(
      'invalid_options',
      'A login with "link" needs routes({ account }): a function that returns the id of the account ' +
        'that is signed in.',
    );
  }
  if (browser.method !== 'POST') {
    throw new OAuthError(
      'cross_site_request',
      'A login with "link" must be started by a form that posts: loginButton(name, { link: true }).',
    );
  }
  const id = await accountOf(browser, options);
  if (id !== undefined) return id;
  throw new OAuthError(
    'mismatching_account',
    'Nobody is signed in, so there is no account to add this login to. Sign in first.',
  );
}

/**
 * Checks that a login is added to the account that asked for it, in a session in which it is still signed in.
 * `again` if the session's cookie may have stayed behind: a form_post comes from the provider's site.
 *
 * @throws OAuthError `mismatching_account`
 */
export async function checkLink(
  browser: BrowserExchange,
  { link }: Carried,
  options: RoutesOptions,
): Promise<'again' | undefined> {
  if (link === undefined) return undefined;
  const id = await accountOf(browser, options);
  if (browser.method === 'POST' && id === undefined) return 'again';
  if (id === link) return undefined;
  throw new OAuthError(
    'mismatching_account',
    'This login was to be added to another account than the one that is signed in now. Nothing was ' +
      'added. Start again.',
  );
}
