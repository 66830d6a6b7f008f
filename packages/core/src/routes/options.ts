import type { OAuthError } from '../model/errors.js';
import type { AuthorizeParams, Awaitable, Token, UserInfo } from '../model/types.js';
import type { LoginPageOptions } from './pages/page.js';

/** What the drop-in routes do with a hook's result: a URL to go to, or a response of its own. */
export type RouteResult = void | undefined | string | URL | Response;

/** One request, as the framework knows it. */
export interface RouteRequest<Req = never, Res = never> {
  request: Req;
  /** Where the framework has one. Answer with it by yourself if you like. */
  response: Res;
}

/** A login on its way through the routes. */
export interface Login<Req = never, Res = never> extends RouteRequest<Req, Res> {
  /** The client's name. */
  client: string;
  /** Where the person goes next: a path of the application. */
  returnTo: string;
  /** What the `data` option made of the start. */
  data?: unknown;
  /** The account to add this login to, where the person asked for that. */
  link?: string | undefined;
  /** `true` in a popup, which closes when the login has ended; an address leads the page behind it on. */
  popup?: boolean;
}

/** A login that succeeded. */
export interface LoginSuccess<Req = never, Res = never> extends Login<Req, Res> {
  /** Who it is; `undefined` where the provider does not say. */
  user: UserInfo | undefined;
  token: Token;
}

/** A login that did not. */
export interface LoginFailure<Req = never, Res = never> extends Login<Req, Res> {
  error: OAuthError;
  /** The person said no. */
  declined: boolean;
}

/** Options of the drop-in routes. */
export interface RoutesOptions<Req = never, Res = never> {
  /**
   * Creates the account and sets the session; both are yours. The session has just been renewed. Return
   * nothing to send the person to `returnTo`, an address to send them there, or a `Response`; or answer
   * with the framework's response.
   */
  onLogin(login: LoginSuccess<Req, Res>): Awaitable<RouteResult>;
  /** Answers a login that failed, like `onLogin`. Default: a page that says what happened. */
  onError?: ((failure: LoginFailure<Req, Res>) => Awaitable<RouteResult>) | undefined;
  /** Ends the session. Default: the framework's session is destroyed. */
  onLogout?: ((request: RouteRequest<Req, Res>) => Awaitable<RouteResult>) | undefined;
  /**
   * The id of the account that is signed in, `undefined` if nobody is; needed to add a second login to it
   * (`link`). Ids are compared as text, so another object is refused.
   */
  account?:
    | ((request: RouteRequest<Req, Res>) => Awaitable<string | number | null | undefined>)
    | undefined;
  /** JSON that comes back to `onLogin` and `onError` as `data`. It waits beside the login. */
  data?: ((start: RouteRequest<Req, Res> & { client: string }) => Awaitable<unknown>) | undefined;
  /** Where people go without a `returnTo` of their own. Default `/`. */
  returnTo?: string | URL | undefined;
  /** Scopes that a start may ask for in addition (`/login/corp?scope=files`), by client. */
  scopes?: Record<string, readonly string[]> | undefined;
  /**
   * Parameters of the authorization request of one start, such as `login_hint`, `prompt` or `acr_values`. They
   * win over those of `allowParams` and over the client's `authorizeParams`.
   *
   * @example
   * ```ts
   * params: ({ client }) => (client === 'corp' ? { prompt: 'select_account' } : {})
   * ```
   */
  params?:
    | ((
        start: RouteRequest<Req, Res> & { client: string },
      ) => Awaitable<AuthorizeParams | null | undefined>)
    | undefined;
  /**
   * Parameters of the authorization request that a start may bring along
   * (`/login/corp?login_hint=jane`), by client; none by default. One that is given twice, or that is longer
   * than 2048 characters, is left out.
   */
  allowParams?: Record<string, readonly string[]> | undefined;
  /** `post`: a login starts with a form of the application's, never with a link. Default `get`. */
  start?: 'get' | 'post' | undefined;
  /** `false` leaves the session's id as it is; then renew it yourself (session fixation). */
  renewSession?: boolean | undefined;
  /**
   * What a page that logged somebody in through a popup gets as its user; JSON, called after `onLogin`.
   * Default: the claims people show of themselves, such as `sub`, `name`, `picture` and `email`.
   */
  publicUser?: ((login: LoginSuccess<Req, Res>) => Awaitable<unknown>) | undefined;
  /**
   * The calls that pages may make with the signed-in person's token, by client; none by default. A rule
   * is a method (default GET, which allows HEAD) and a path below `apiBaseUrl`: `*` stands for one
   * segment, `/**` at the end for any number. Query parameters are named: `?page&per_page`, or `?*`.
   *
   * @example
   * ```ts
   * access: { corp: ['/me', '/projects?page', 'POST /projects/*\/comments'] }
   * ```
   */
  access?: Record<string, readonly string[]> | undefined;
  /** The sign-in page at `/login`; `false` for none. */
  page?:
    Omit<LoginPageOptions, 'prefix' | 'returnTo' | 'scope' | 'method' | 'link'> | false | undefined;
}
