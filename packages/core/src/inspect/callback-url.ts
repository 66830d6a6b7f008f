import { isLoopback } from '../platform/http/address-policy.js';
import type { RegisterOptions } from '../options/register-options.js';
import type { RegistryOptions } from '../options/read-registry-options.js';
import { resolveRedirectUri } from '../client/api-request.js';
import type { Finding } from './finding.js';

/** The default path of callbacks below the `baseUrl`. */
export const defaultCallback = 'callback/{name}';

/** Checks the redirect URI and the login cookies, without requests to the provider. */
export function checkCallbackUrl(
  path: string,
  options: Readonly<RegisterOptions>,
  { baseUrl }: Readonly<RegistryOptions>,
): Finding[] {
  // A client credentials client has no redirect URI.
  if (options.grantType === 'client_credentials') return [];
  if (baseUrl === undefined) return [missing];
  const uri = resolveRedirectUri(path, baseUrl);
  if (uri === undefined) return [unusable(baseUrl)];
  return [...repeated(path, baseUrl), redirectUri(uri), cookies(new URL(uri), options)];
}

/** Finds a `baseUrl` that has the path of the callback already. */
function repeated(path: string, baseUrl: string): Finding[] {
  if (!new URL(baseUrl).pathname.replace(/\/$/, '').endsWith(`/${path}`)) return [];
  const text = `the "baseUrl" ${baseUrl} has the path of the callback, which is appended again. Remove ${path} from it`;
  return [{ level: 'warning', check: 'baseUrl', text }];
}

const missing: Finding = {
  level: 'warning',
  check: 'redirect URI',
  text:
    'the registry has no "baseUrl". Set one, e.g. https://app.example, or pass an absolute ' +
    'redirect URI to every login; the Host header is never used',
};

function unusable(baseUrl: string): Finding {
  const text =
    `no redirect URI can be built from the "baseUrl" ${JSON.stringify(baseUrl)}. Set an ` +
    'absolute URL without query and fragment';
  return { level: 'error', check: 'redirect URI', text };
}

function redirectUri(uri: string): Finding {
  const check = 'redirect URI';
  const url = new URL(uri);
  if (url.protocol === 'https:') {
    return {
      level: 'ok',
      check,
      text: `${uri}; register exactly this URL with the provider`,
    };
  }
  if (isLoopback(url)) {
    return {
      level: 'warning',
      check,
      text:
        `${uri} is on this machine, which works only for development. Set an https "baseUrl" ` +
        'for other users',
    };
  }
  const text = `${uri} is plain http, so codes can be intercepted. Set an https "baseUrl"`;
  return { level: 'error', check, text };
}

/**
 * Checks the login cookies, which are `Secure` if the redirect URI is https (RFC 6265bis §4.1.2.5).
 */
function cookies(url: URL, { responseMode }: Readonly<RegisterOptions>): Finding {
  const check = 'cookies';
  const posted = responseMode?.startsWith('form_post') === true;
  if (url.protocol === 'https:') {
    const text = posted
      ? 'Secure and SameSite=None, as a form_post callback requires; set the same for the ' +
        'session cookie'
      : 'Secure and SameSite=Lax; set the same for the session cookie';
    return { level: 'ok', check, text };
  }
  if (posted) {
    return {
      level: 'error',
      check,
      text:
        'a form_post callback is a cross-site request and requires SameSite=None; Secure, ' +
        'which requires https. Set an https "baseUrl", or another "responseMode"',
    };
  }
  if (isLoopback(url)) {
    const text = 'not Secure, because of http; the session cookie must not be Secure either';
    return { level: 'ok', check, text };
  }
  const text =
    'not Secure because of http, so others on the network can read and set them. Use https';
  return { level: 'error', check, text };
}
