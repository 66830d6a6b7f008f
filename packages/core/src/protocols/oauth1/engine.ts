import type { OAuth1Token, Engine } from '../../model/types.js';
import { isRuledOut } from '../../quirks/error-rules.js';
import { checkErrorResponse, validateCallback, readRequestToken } from './callback.js';
import { ProviderClock } from './clock.js';
import type { OAuth1Config, OAuth1Context } from './context.js';
import { sessionHandle } from './session-handle.js';
import { fetchProfile, send } from './api.js';
import { judgeResponse } from './errors.js';
import { readOptions } from './read-options.js';
import { createVerbs } from './verbs.js';
import { authorize, completeLogin } from './login.js';

export type { OAuth1Config, OAuth1EngineOptions } from './context.js';
export type { OAuth1Verbs } from './verbs.js';

/**
 * Creates the OAuth 1.0a engine of one client. Sends no request until a method is called.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-2
 */
export function createOAuth1App(given: OAuth1Config): Engine<OAuth1Token> {
  const options = readOptions(given.options);
  const context: OAuth1Context = { ...given, options, clock: new ProviderClock() };
  const verbs = createVerbs(context);
  return {
    name: given.name,
    kind: 'oauth1',
    createAuthorizationUrl: (redirectUri, params) => authorize(context, redirectUri, params),
    readCallback: readRequestToken,
    validateCallback: (params, data) => {
      validateCallback(params, data);
      checkErrorResponse(params, options.errors);
      return params;
    },
    completeLogin: (params, data, extra) => completeLogin(context, { params, data }, extra),
    fetchProfile: (token) => fetchProfile(context, token),
    send: (request, token, signal) => send(context, request, { as: token, signal }),
    judge: async (response) =>
      (await isRuledOut(response, options.errors, given.http))
        ? 'refused'
        : judgeResponse(response),
    sendAsClient: (request, signal) => send(context, request, { as: 'client', signal }),
    renewal: { handle: sessionHandle, refresh: verbs.refreshToken },
    verbs,
  };
}
