import { OAuthError } from '../model/errors.js';
import type { BrowserExchange } from '../model/ports.js';

/**
 * Refuses a POST that another site made the browser send. Browsers say where a request comes from in
 * `Sec-Fetch-Site`, older ones in `Origin`; a request with neither was not made by a page.
 *
 * @throws OAuthError `cross_site_request`
 */
export function refuseCrossSite(browser: BrowserExchange, baseUrl: string | undefined): void {
  const site = browser.header('sec-fetch-site');
  const origin = browser.header('origin');
  const own = baseUrl === undefined ? undefined : new URL(baseUrl).origin;
  if (site === undefined ? origin === undefined || origin === own : isOwn(site)) return;
  throw new OAuthError(
    'cross_site_request',
    'This request was sent from another site, so nothing was done. Send it from a page of the application ' +
      'itself, at the address given as "baseUrl".',
  );
}

function isOwn(site: string): boolean {
  return site === 'same-origin' || site === 'none';
}
