import type { BrowserRequest, HandlerResponse } from '../model/ports.js';
import type { RoutesOptions } from './options.js';

/** Options of `requireLogin()`. */
export interface RequireLoginOptions<Req = never, Res = never> {
  /**
   * Returns the ID of the signed-in user, or `undefined` if no user is signed in. Default: `userId`
   * of `routes()`.
   */
  userId?: RoutesOptions<Req, Res>['userId'];
  /** The mount path of the routes. Default: `/auth`. */
  prefix?: string | undefined;
  /** Starts a login with this client. Default: none, which shows the sign-in page. */
  client?: string | undefined;
  /**
   * The path of your own sign-in page; it gets the path to return to as `returnTo`. Default: the
   * sign-in page of the routes.
   */
  page?: string | undefined;
}

/** Options of `required()`. */
export interface RequiredTokenOptions<Req = never, Res = never> {
  /** The scopes that the page needs, as the provider returns them. Default: any token will do. */
  scope?: string | readonly string[] | undefined;
  /**
   * Returns the user whose token is in the `tokenStore`. Default: the `fetchToken` hook finds the
   * token.
   */
  userId?: RoutesOptions<Req, Res>['userId'];
  /** The mount path of the routes. Default: `/auth`. */
  prefix?: string | undefined;
  /**
   * Links the login to the signed-in user instead of replacing it: shows a page with a button, which
   * a click of the user confirms. Default: `false`.
   */
  link?: boolean | undefined;
}

/**
 * Returns the response to a request that a page must not be shown to; `undefined` lets it pass.
 *
 * @param url the URL or path that the browser requested, with its query
 */
export type Guard = (browser: BrowserRequest, url: string) => Promise<HandlerResponse | undefined>;
