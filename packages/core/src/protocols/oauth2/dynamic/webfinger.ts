import { checkAll } from '../../../platform/validators.js';
import { isObject, readObject } from '../../../platform/encoding.js';
import { isOAuthError, OAuthError } from '../../../model/errors.js';
import { isLoopback } from '../../../platform/http/address-policy.js';
import { createHttp, type HttpResponse, type HttpOptions } from '../../../platform/http/http.js';
import { isIssuerUrl } from '../../../platform/issuer-url.js';
import { httpChecks } from '../../../options/read-registry-options.js';
import { withPhase } from '../../../platform/tracing/phases.js';
import { isUnavailable, providerUnavailable } from '../../../platform/http/unavailable.js';

const relation = 'http://openid.net/specs/connect/1.0/issuer';

/**
 * Discovers the issuer for a user's identifier, such as `ada@example.com` or
 * `https://example.com/ada`, by WebFinger. The identifier is untrusted input that selects the host:
 * requests go only to public hosts over https, unless `allowInsecureRequests` is set.
 *
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html#IssuerDiscovery
 */
export async function discoverIssuer(
  identifier: string | URL,
  options: HttpOptions = {},
): Promise<string> {
  checkAll(options, httpChecks, 'discoverIssuer()');
  return await withPhase({ phase: 'metadata' }, () =>
    askHost(identifier instanceof URL ? identifier.href : identifier, options),
  );
}

async function askHost(identifier: string, options: HttpOptions): Promise<string> {
  const { resource, origin } = normalise(identifier);
  const headers = { accept: 'application/jrd+json, application/json' };
  const allowPrivateNetworks = options.allowPrivateNetworks ?? options.allowInsecureRequests;
  const http = createHttp({ ...options, allowPrivateNetworks }).guarded();
  const what = 'WebFinger endpoint';
  const ask = (at: string): Promise<HttpResponse> =>
    http.send({ what, url: webfingerUrl(at, resource), headers, document: true });
  const response = await ask(origin).catch((error: unknown) => {
    // A provider on loopback may use http.
    const here = allowPrivateNetworks && isLoopback(new URL(origin));
    if (
      here &&
      isOAuthError(error) &&
      !identifier.includes('://') &&
      error.providerStatus === undefined
    ) {
      return ask(origin.replace('https:', 'http:'));
    }
    throw error;
  });
  const { status, text } = response;
  if (isUnavailable(response)) throw providerUnavailable(response, what);
  if (status !== 200)
    throw webfingerError(
      `WebFinger found no account for this identifier (HTTP ${status}). Ask the user to check it.`,
      status,
    );
  const issuer = readIssuer(text);
  if (issuer === undefined)
    throw webfingerError(
      'The WebFinger response has no issuer. Ask the user for another identifier.',
    );
  http.check(issuer, 'issuer found by WebFinger');
  return issuer;
}

function webfingerUrl(origin: string, resource: string): URL {
  const url = new URL('/.well-known/webfinger', origin);
  url.searchParams.set('resource', resource);
  url.searchParams.set('rel', relation);
  return url;
}

/**
 * Normalizes an identifier (OpenID Connect Discovery §2.1): an email address, a URL or a host name.
 */
function normalise(identifier: string): { resource: string; origin: string } {
  const text = String(identifier ?? '')
    .trim()
    .replace(/#.*$/s, '');
  const account = /^(?:acct:)?([^/@\s]+)@([^/@\s?#]+)$/i.exec(text);
  const url = account
    ? `https://${account[2]}`
    : /^https?:\/\//i.test(text)
      ? text
      : `https://${text}`;
  if (text === '' || text.length > 1024 || !URL.canParse(url)) {
    throw webfingerError(
      'The identifier must be an email address, a URL or a host name. Ask the user again.',
    );
  }
  const resource = account ? `acct:${account[1]}@${account[2]}` : url;
  return { resource, origin: new URL(url).origin };
}

function readIssuer(text: string): string | undefined {
  const links = readObject(text)?.['links'];
  const link: unknown = (Array.isArray(links) ? links : []).find(
    (one: unknown) => isObject(one) && one['rel'] === relation,
  );
  const href = isObject(link) ? link['href'] : undefined;
  return isIssuerUrl(href) ? href : undefined;
}

function webfingerError(message: string, status?: number): OAuthError {
  return new OAuthError('invalid_metadata', message, { providerStatus: status });
}
