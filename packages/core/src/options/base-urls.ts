import { OAuthError } from '../model/errors.js';
import type { BrowserRequest } from '../model/ports.js';

/** How a registry finds the base URL for a request. */
export interface BaseUrls {
  /** The base URL, or the first of several. */
  baseUrl?: string | undefined;
  /** Chooses one of several for a request; absent if there is only one. */
  chooseBaseUrl?: ((browser: BrowserRequest) => string) | undefined;
}

/** Returns the base URL of the application for a request. */
export function baseUrlFor(
  { baseUrl, chooseBaseUrl }: BaseUrls,
  browser: BrowserRequest,
): string | undefined {
  return chooseBaseUrl ? chooseBaseUrl(browser) : baseUrl;
}

const where = 'new OAuth(): "baseUrl"';

/**
 * Reads the option `baseUrl`: one URL, a list of those that are allowed, or a function of the
 * framework's request.
 *
 * @throws OAuthError `invalid_options`
 */
export function readBaseUrls(given: unknown): BaseUrls {
  if (typeof given === 'function') return { chooseBaseUrl: chosenBy(given as ChooseBaseUrl) };
  if (!Array.isArray(given))
    return { baseUrl: given instanceof URL ? given.href : (given as string) };
  const allowed = given.map((one: unknown) => readAllowed(String(one)));
  const [first] = allowed;
  if (!first || first.host.includes('*')) {
    throw invalid(
      'the first URL of the list must be one without "*": it is used outside of requests',
    );
  }
  if (allowed.some(({ path, protocol }) => path !== first.path || protocol !== first.protocol)) {
    throw invalid('all URLs of the list must have the same protocol and the same path');
  }
  return { baseUrl: first.url, chooseBaseUrl: (browser) => chooseAllowed(allowed, browser) };
}

type ChooseBaseUrl = (request: unknown) => string | URL;

interface Allowed {
  url: string;
  protocol: string;
  /** Host and port; the first label may be `*`. */
  host: string;
  path: string;
}

const wildcard = /^(https?:\/\/)\*(?=\.[a-z\d-]+\.[a-z\d-])/i;

function readAllowed(text: string): Allowed {
  const url = readUrl(text.replace(wildcard, '$1any-label'));
  if (!url || url.host.includes('*')) {
    throw invalid(
      'each URL of the list must be an absolute http or https URL without a query, in which the first label of the ' +
        'host may be "*", as in https://*.preview.example',
    );
  }
  const { protocol } = url;
  const path = url.pathname.replace(/\/$/, '');
  const host = wildcard.test(text) ? url.host.replace(/^any-label/, '*') : url.host;
  return { url: url.href, protocol, host, path };
}

/**
 * The host of a request only chooses among the allowed ones. A proxy may have replaced it; then the
 * forwarded one chooses. No page can make a browser send either of them.
 */
function chooseAllowed(allowed: readonly Allowed[], browser: BrowserRequest): string {
  for (const name of ['host', 'x-forwarded-host']) {
    const host = browser.header(name)?.split(',', 1)[0]?.trim().toLowerCase();
    const found = host && allowed.find((one) => isHost(host, one));
    if (found) return `${found.protocol}//${host}${found.path}`;
  }
  throw new OAuthError(
    'invalid_options',
    'The host of this request is none of the hosts of "baseUrl", so no redirect URI was built. Add it to the list ' +
      'of new OAuth({ baseUrl }), or let the proxy send the public host.',
  );
}

function isHost(host: string, { host: allowed, protocol }: Allowed): boolean {
  const port = protocol === 'https:' ? ':443' : ':80';
  const given = host.endsWith(port) ? host.slice(0, -port.length) : host;
  if (!allowed.startsWith('*.')) return given === allowed;
  const suffix = allowed.slice(1);
  return (
    given.endsWith(suffix) && /^[a-z\d](?:[a-z\d-]*[a-z\d])?$/.test(given.slice(0, -suffix.length))
  );
}

function chosenBy(choose: ChooseBaseUrl): (browser: BrowserRequest) => string {
  return ({ request }) => {
    const url = readUrl(String(choose(request)));
    if (url) return url.href;
    throw invalid('the function must return an absolute http or https URL without a query');
  };
}

function readUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const { protocol, username, password, search, hash } = url;
  const isUsable = /^https?:$/.test(protocol) && username + password + search + hash === '';
  return isUsable ? url : undefined;
}

function invalid(problem: string): OAuthError {
  return new OAuthError('invalid_options', `${where}: ${problem}.`);
}
