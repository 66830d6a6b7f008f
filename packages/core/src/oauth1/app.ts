import { placed } from '../errors.js';
import type { OAuth1Token, Params, RemoteApp } from '../types.js';
import { checkRefusal, checkSender, readSender } from './callback.js';
import type { OAuth1Config } from './config.js';
import { fetchProfile, send } from './resource.js';
import { readSigningOptions } from './signing.js';
import { authorize, exchange, fetchRequestToken, refuseReserved } from './workflow.js';

export type { OAuth1Config, OAuth1Options } from './config.js';

/** Verbs that only OAuth 1.0a clients have. */
export interface OAuth1Verbs {
  /** Fetches temporary credentials for one login (RFC 5849 §2.1), confirmed by the provider. */
  fetchRequestToken(redirectUri: string, params?: Params): Promise<OAuth1Token>;
}

/**
 * Binds the OAuth 1.0a engine to one client. No network until it is used.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-2
 */
export function createOAuth1App(given: OAuth1Config): RemoteApp<OAuth1Token> {
  const config = { ...given, options: readSigningOptions(given.options) };
  const { name, options } = config;
  refuseReserved(options.authorizeParams ?? {});
  const verbs: OAuth1Verbs = {
    fetchRequestToken: placed(name, 'authorize', (redirectUri, params) =>
      fetchRequestToken(config, redirectUri, params),
    ),
  };
  return {
    name,
    kind: 'oauth1',
    createAuthorizationUrl: (redirectUri, params) => authorize(config, redirectUri, params),
    readState: readSender,
    checkSender,
    checkRefusal,
    exchange: (params, data, extra) => exchange(config, { params, data }, extra),
    fetchProfile: (token) => fetchProfile(config, token),
    send: (request, token, signal) => send(config, request, { token, signal }),
    verbs,
  };
}
