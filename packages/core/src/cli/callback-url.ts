import { isLoopback } from '../platform/http/address-policy.js';
import type { RegisterOptions } from '../options/register-options.js';
import type { RegistryOptions } from '../options/read-registry-options.js';
import { resolveRedirectUri } from '../client/api-request.js';
import type { Finding } from './finding.js';

/** Where callbacks arrive below the `baseUrl` unless a login says otherwise. */
export const defaultCallback = 'callback/{name}';

/** Checks what can be seen without the provider: where browsers come back to, and with which cookies. */
export function examineAddress(
  path: string,
  options: Readonly<RegisterOptions>,
  { baseUrl }: Readonly<RegistryOptions>,
): Finding[] {
  // A client that acts for itself sends nobody anywhere.
  if (options.grantType === 'client_credentials') return [];
  if (baseUrl === undefined) return [missing];
  const uri = resolveRedirectUri(path, baseUrl);
  if (uri === undefined) return [unusable(baseUrl)];
  return [redirectUri(uri), cookies(new URL(uri), options)];
}

const missing: Finding = {
  level: 'warning',
  check: 'redirect URI',
  text:
    'the registry has no "baseUrl". Give one, e.g. https://app.example, or an absolute redirect URI ' +
    'with every login; the Host header is never used',
};

function unusable(baseUrl: string): Finding {
  const text = `no redirect URI can be built on the "baseUrl" ${JSON.stringify(baseUrl)}. Give an absolute URL without query and fragment`;
  return { level: 'error', check: 'redirect URI', text };
}

function redirectUri(uri: string): Finding {
  const check = 'redirect URI';
  const url = new URL(uri);
  if (url.protocol === 'https:') {
    return {
      level: 'ok',
      check,
      text: `${uri}; register it with the provider, byte for byte`,
    };
  }
  if (isLoopback(url)) {
    return {
      level: 'warning',
      check,
      text: `${uri} is on this machine: good for development. Give an https "baseUrl" where others log in`,
    };
  }
  const text = `${uri} is plain http, so codes can be read on their way. Give an https "baseUrl"`;
  return { level: 'error', check, text };
}

/** The cookies of a login are `Secure` where its redirect URI is https (RFC 6265bis §4.1.2.5). */
function cookies(url: URL, { responseMode }: Readonly<RegisterOptions>): Finding {
  const check = 'cookies';
  const posted = responseMode?.startsWith('form_post') === true;
  if (url.protocol === 'https:') {
    const text = posted
      ? 'Secure and SameSite=None, as a form_post callback needs; let the session’s cookie be that too'
      : 'Secure and SameSite=Lax; let the session’s cookie be that too';
    return { level: 'ok', check, text };
  }
  if (posted) {
    return {
      level: 'error',
      check,
      text: 'a form_post callback comes from another site and needs SameSite=None; Secure, which needs https. Give an https "baseUrl", or another "responseMode"',
    };
  }
  if (isLoopback(url)) {
    const text = 'not Secure, as http has it; the session’s cookie must not be Secure either';
    return { level: 'ok', check, text };
  }
  const text = 'not Secure over http, so others on the network can read and set them. Use https';
  return { level: 'error', check, text };
}
