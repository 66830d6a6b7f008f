import { OAuthError } from '../model/errors.js';
import type { BrowserRequest } from '../model/ports.js';

/**
 * Rejects a cross-site POST. Browsers send the origin of a request in `Sec-Fetch-Site`, older ones
 * in `Origin`; a request with neither was not sent by a page.
 *
 * @throws OAuthError `cross_site_request`
 */
export function refuseCrossSite(browser: BrowserRequest, baseUrl: string | undefined): void {
  const site = browser.header('sec-fetch-site');
  const origin = browser.header('origin');
  const own = baseUrl === undefined ? undefined : new URL(baseUrl).origin;
  const isOwn =
    site === undefined
      ? origin === undefined || origin === own
      : site === 'same-origin' || site === 'none';
  if (isOwn) return;
  throw new OAuthError(
    'cross_site_request',
    'This request was sent from another site, so nothing was done. Send it from a page of this application, ' +
      'on the origin of "baseUrl".',
  );
}
