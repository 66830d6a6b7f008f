import { UsedValues } from '../../platform/used-values.js';
import type { OpenID2Token, Engine } from '../../model/types.js';
import { readAssertion } from './assertion.js';
import type { OpenID2Config } from './config.js';
import { checkAuthentication } from './verification.js';
import { checkErrorResponse, validateCallback, readMessage, readState } from './response.js';
import { useNonce } from './nonces.js';
import { authenticationRequest } from './request.js';
import { refuseReserved } from './reserved-params.js';
import { checkSubject, fetchProfile, sendAsClient } from './profile.js';

/**
 * Creates the OpenID 2.0 engine of one client. Sends no request until a method is called. Makes no
 * association: each assertion is verified directly with the provider.
 *
 * @see https://openid.net/specs/openid-authentication-2_0.html
 */
export function createOpenID2App(config: OpenID2Config): Engine<OpenID2Token> {
  const { name, options, http } = config;
  const nonces = new UsedValues();
  refuseReserved(options.authorizeParams ?? {});

  async function completeLogin(params: URLSearchParams): Promise<OpenID2Token> {
    const message = readMessage(params);
    const { sub, claimedId, nonce } = readAssertion(message, options);
    await checkAuthentication(config, message);
    useNonce(nonces, nonce);
    return { claimed_id: claimedId, userinfo: { sub, claimed_id: claimedId } };
  }

  return {
    name,
    kind: 'openid2',
    acceptsGetAndPost: true,
    identityOnly: true,
    createAuthorizationUrl: async (redirectUri, params) =>
      authenticationRequest(config, redirectUri, params),
    readCallback: readState,
    validateCallback: (params, data) => {
      validateCallback(config, params, data);
      checkErrorResponse(params);
      return params;
    },
    completeLogin,
    fetchProfile: (token) => fetchProfile(config, token),
    checkSubject,
    send: (request, token, signal) =>
      token === undefined
        ? http.sendResource({ ...request, what: 'resource', signal })
        : sendAsClient(config, request, signal),
    ...(options.apiKey === undefined
      ? {}
      : { sendAsClient: (request, signal) => sendAsClient(config, request, signal) }),
    verbs: {},
  };
}
