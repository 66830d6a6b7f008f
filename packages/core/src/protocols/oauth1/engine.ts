import type {
  AuthorizationRequest,
  AuthorizeData,
  AuthorizeParams,
  Engine,
  ExchangeOptions,
  OAuth1Token,
  ResourceRequest,
  TokenRefresh,
  TokenVerdict,
} from '../../model/types.js';
import { isRuledOut } from '../../quirks/error-rules.js';
import { checkErrorResponse, validateCallback, readRequestToken } from './callback.js';
import { ProviderClock } from './clock.js';
import type { OAuth1Config, OAuth1Context } from './context.js';
import { sessionHandle } from './session-handle.js';
import { fetchProfile, send } from './api.js';
import { judgeResponse } from './errors.js';
import { readOptions } from './read-options.js';
import { createVerbs, type OAuth1Verbs } from './verbs.js';
import { authorize, completeLogin } from './login.js';

export type { OAuth1Config, OAuth1EngineOptions } from './context.js';
export type { OAuth1Verbs } from './verbs.js';

/**
 * The OAuth 1.0a engine of one client. Sends no request until a method is called.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-2
 */
export class OAuth1Engine implements Engine<OAuth1Token> {
  readonly name: string;
  readonly kind = 'oauth1';
  readonly verbs: OAuth1Verbs;
  readonly renewal: TokenRefresh<OAuth1Token>;
  readonly readCallback: typeof readRequestToken = readRequestToken;
  readonly #context: OAuth1Context;

  constructor(config: OAuth1Config) {
    const options = readOptions(config.options);
    this.name = config.name;
    this.#context = { ...config, options, clock: new ProviderClock() };
    this.verbs = createVerbs(this.#context);
    this.renewal = { handle: sessionHandle, refresh: this.verbs.refreshToken };
  }

  async createAuthorizationUrl(
    redirectUri: string,
    params: AuthorizeParams,
  ): Promise<AuthorizationRequest> {
    return await authorize(this.#context, redirectUri, params);
  }

  validateCallback(params: URLSearchParams, data: AuthorizeData): URLSearchParams {
    validateCallback(params, data);
    checkErrorResponse(params, this.#context.options.errors);
    return params;
  }

  async completeLogin(
    params: URLSearchParams,
    data: AuthorizeData,
    options?: ExchangeOptions,
  ): Promise<OAuth1Token> {
    return await completeLogin(this.#context, { params, data }, options);
  }

  async fetchProfile(token: OAuth1Token): Promise<Record<string, unknown>> {
    return await fetchProfile(this.#context, token);
  }

  async judge(response: Response): Promise<TokenVerdict> {
    const { options, http } = this.#context;
    const isRefused = options.errors && (await isRuledOut(response, options.errors, http));
    return isRefused ? 'refused' : judgeResponse(response);
  }

  async send(
    request: ResourceRequest,
    token: OAuth1Token | undefined,
    signal?: AbortSignal,
  ): Promise<Response> {
    return await send(this.#context, request, { as: token, signal });
  }

  async sendAsClient(request: ResourceRequest, signal?: AbortSignal): Promise<Response> {
    return await send(this.#context, request, { as: 'client', signal });
  }
}
