import type { QuirkOptions } from '../../quirks/types.js';
import { urlVariableValue, type OAuth2Preset } from '../definition/preset.js';

/** The revocation request: authenticated as the application, with the token in JSON. */
export const revocation: QuirkOptions['revocation'] = {
  method: 'DELETE',
  auth: 'client_secret_basic',
  body: 'json',
  token: 'access_token',
  only: 'access_token',
};

/**
 * Sets the API URL for another `host`. The host must be resolved here: set later, from the
 * configuration, it would not change the API URL.
 */
export function withApiOfHost(base: OAuth2Preset<'host'>): OAuth2Preset<'host'> {
  return (options = {}) => {
    const host = `${urlVariableValue(options, 'host') ?? 'github.com'}`.replace(
      /^https:\/\/|\/$/g,
      '',
    );
    if (host === 'github.com') return base({ ...options, host });
    const api = host.endsWith('.ghe.com') ? `https://api.${host}/` : `https://${host}/api/v3/`;
    return base({ apiBaseUrl: api, ...options, host });
  };
}
