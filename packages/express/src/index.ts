import { FrameworkClient, Registry } from '@oauth-registry/core/adapter';
import type * as core from '@oauth-registry/core';
import type {
  AuthorizeData,
  ExchangeOptions,
  OAuthOptions,
  Params,
  Token,
} from '@oauth-registry/core';
import type { Request, Response } from 'express';
import { exchange } from './session.js';

/** One registered client, with the login verbs of Express. */
export class ExpressClient<T extends Token = Token> extends FrameworkClient<T> {
  /**
   * Sends the person to the provider. The pending login is saved before the redirect goes out.
   *
   * @example
   * ```ts
   * app.get('/login', async (req, res) => {
   *   await oauth.github.authorizeRedirect(req, res, 'https://app.example/callback');
   * });
   * ```
   * @param redirectUri where the provider sends the person back, as registered there; without it,
   *   `/callback/{name}` below `baseUrl`
   * @param params more parameters of the authorization request, such as `prompt` or `login_hint`
   */
  async authorizeRedirect(
    req: Request,
    res: Response,
    redirectUri?: string,
    params?: Params,
  ): Promise<void> {
    const answer = await this.startLogin(exchange(req, res), { redirectUri, params });
    if (answer.location !== undefined) res.setHeader('location', answer.location);
    res.status(answer.status).end();
  }

  /**
   * Finishes the login in the callback's route and returns the token. The pending login is spent,
   * whatever the outcome.
   *
   * @example
   * ```ts
   * app.get('/callback', async (req, res) => {
   *   const token = await oauth.github.authorizeAccessToken(req, res);
   *   const user = await oauth.github.userinfo({ token });
   *   res.send(`Hello ${user.name}`);
   * });
   * ```
   * @throws OAuthError whose `code` says what happened, e.g. `access_denied` or `mismatching_state`
   */
  async authorizeAccessToken(
    req: Request,
    res: Response | undefined = req.res,
    options?: ExchangeOptions,
  ): Promise<T> {
    return await this.finishLogin(exchange(req, responseOf(res)), options);
  }

  /** Keeps what `createAuthorizationUrl()` returned, for an application that redirects by itself. */
  async saveAuthorizeData(req: Request, data: AuthorizeData): Promise<void> {
    await this.keepLogin(exchange(req, responseOf(req.res)), data);
  }
}

/** Express gives every request its response; only a hand-made request lacks it. */
function responseOf(res: Response | undefined): Response {
  if (res) return res;
  throw new TypeError('Pass the response of this request: authorizeAccessToken(req, res).');
}

/** The clients of an Express application. */
export interface ExpressClients {
  oauth1: ExpressClient<core.OAuth1Token> & core.OAuth1Verbs;
  oauth2: ExpressClient<core.OAuth2Token> & core.OAuth2Verbs;
  any: ExpressClient;
}

/**
 * The registry of an Express application.
 *
 * @example
 * ```ts
 * const oauth = new OAuth({ baseUrl: 'https://app.example' }).register('corp', {
 *   serverMetadataUrl: 'https://id.corp.example/.well-known/openid-configuration',
 *   scope: 'openid email',
 * });
 * ```
 */
export class OAuth extends Registry<ExpressClients> {
  constructor(options: OAuthOptions = {}) {
    super(options, { Client: ExpressClient });
  }
}

export { OAuthError, isOAuthError } from '@oauth-registry/core';
export type * from '@oauth-registry/core';
