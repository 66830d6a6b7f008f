import type { QuirkOptions } from '../../quirks/types.js';
import { valueOf, type OAuth2Preset } from '../definition/preset.js';

/** How a token is revoked: by the application, which names it in JSON. */
export const revocation: QuirkOptions['revocation'] = {
  method: 'DELETE',
  auth: 'client_secret_basic',
  body: 'json',
  token: 'access_token',
  only: 'access_token',
};

/**
 * With a `host` of its own the API is there too, or beside it; nothing of it goes elsewhere. The host is
 * settled here: one that came later, from the configuration, would leave the API where it was.
 */
export function withApiOfHost(base: OAuth2Preset<'host'>): OAuth2Preset<'host'> {
  return (options = {}) => {
    const host = `${valueOf(options, 'host') ?? 'github.com'}`.replace(/^https:\/\/|\/$/g, '');
    if (host === 'github.com') return base({ ...options, host });
    const api = host.endsWith('.ghe.com') ? `https://api.${host}/` : `https://${host}/api/v3/`;
    return base({ apiBaseUrl: api, ...options, host });
  };
}
