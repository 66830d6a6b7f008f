import { UsedValues } from '../../platform/used-values.js';
import type {
  AuthorizationRequest,
  AuthorizeData,
  AuthorizeParams,
  Engine,
  OpenID2Token,
  ResourceRequest,
} from '../../model/types.js';
import { readAssertion } from './assertion.js';
import type { OpenID2Config } from './config.js';
import { checkAuthentication } from './verification.js';
import { checkErrorResponse, validateCallback, readMessage, readState } from './response.js';
import { useNonce } from './nonces.js';
import { authenticationRequest } from './request.js';
import { refuseReserved } from './reserved-params.js';
import { checkSubject, fetchProfile, sendAsClient } from './profile.js';

/**
 * The OpenID 2.0 engine of one client. Sends no request until a method is called. Makes no
 * association: each assertion is verified directly with the provider.
 *
 * @see https://openid.net/specs/openid-authentication-2_0.html
 */
export class OpenID2Engine implements Engine<OpenID2Token> {
  readonly name: string;
  readonly kind = 'openid2';
  readonly acceptsGetAndPost = true;
  readonly identityOnly = true;
  readonly verbs: object = {};
  readonly readCallback: typeof readState = readState;
  readonly checkSubject: typeof checkSubject = checkSubject;
  readonly sendAsClient?: NonNullable<Engine['sendAsClient']>;
  readonly #config: OpenID2Config;
  readonly #nonces = new UsedValues();

  constructor(config: OpenID2Config) {
    const { name, options } = config;
    refuseReserved(options.authorizeParams ?? {});
    this.name = name;
    this.#config = config;
    if (options.apiKey !== undefined)
      this.sendAsClient = (request, signal) => sendAsClient(config, request, signal);
  }

  async createAuthorizationUrl(
    redirectUri: string,
    params: AuthorizeParams,
  ): Promise<AuthorizationRequest> {
    return authenticationRequest(this.#config, redirectUri, params);
  }

  validateCallback(params: URLSearchParams, data: AuthorizeData): URLSearchParams {
    validateCallback(this.#config, params, data);
    checkErrorResponse(params);
    return params;
  }

  async completeLogin(params: URLSearchParams): Promise<OpenID2Token> {
    const message = readMessage(params);
    const { sub, claimedId, nonce } = readAssertion(message, this.#config.options);
    await checkAuthentication(this.#config, message);
    useNonce(this.#nonces, nonce);
    return { claimed_id: claimedId, userinfo: { sub, claimed_id: claimedId } };
  }

  async fetchProfile(token: OpenID2Token): Promise<Record<string, unknown>> {
    return await fetchProfile(this.#config, token);
  }

  async send(
    request: ResourceRequest,
    token: OpenID2Token | undefined,
    signal?: AbortSignal,
  ): Promise<Response> {
    return token === undefined
      ? await this.#config.http.sendResource({ ...request, what: 'resource', signal })
      : await sendAsClient(this.#config, request, signal);
  }
}
