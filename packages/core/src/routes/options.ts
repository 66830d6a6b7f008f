import type { OAuthError } from '../model/errors.js';
import type { AuthorizeParams, Awaitable, Token, UserInfo } from '../model/types.js';
import type { LoginPageOptions } from './pages/page.js';

/** The result of a routes hook: a URL to redirect to, or a custom response. */
export type RouteResult = void | undefined | string | URL | Response;

/** A request, as the framework represents it. */
export interface RouteRequest<Req = never, Res = never> {
  request: Req;
  /** The framework's response, if there is one. You may send it yourself. */
  response: Res;
}

/** A login handled by the routes. */
export interface Login<Req = never, Res = never> extends RouteRequest<Req, Res> {
  /** The client's name. */
  client: string;
  /** The path the user is redirected to after the login. */
  returnTo: string;
  /** The result of the `data` option at the start of the login. */
  data?: unknown;
  /** The user ID to link this login to, if the user requested linking. */
  link?: string | undefined;
  /**
   * `true` in a popup, which closes after the login; a returned URL is opened in the page behind
   * it.
   */
  popup?: boolean;
}

/** A successful login. */
export interface LoginSuccess<Req = never, Res = never> extends Login<Req, Res> {
  /** The user's profile; `undefined` if the provider has none. */
  user: UserInfo | undefined;
  /** The user's unique identifier among all providers, `identity(token)`; `undefined` without a profile. */
  identity: string | undefined;
  token: Token;
}

/** A failed login. */
export interface LoginFailure<Req = never, Res = never> extends Login<Req, Res> {
  error: OAuthError;
  /** Whether the user denied access. */
  declined: boolean;
}

/** The login of a session, for a logout at its provider. */
export interface SessionLogin {
  /** The client's name. */
  client: string;
  /** The id_token of the login, which names the session to the provider. */
  idToken?: string | undefined;
}

/** Options of the routes. */
export interface RoutesOptions<Req = never, Res = never> {
  /**
   * Creates the user and sets the session; both belong to the application. The session ID has just
   * been regenerated. Return nothing to redirect to `returnTo`, a URL to redirect to it, or a
   * `Response`; or send the framework's response.
   */
  onLogin(login: LoginSuccess<Req, Res>): Awaitable<RouteResult>;
  /** Handles a failed login; returns the same as `onLogin`. Default: an error page. */
  onError?: ((failure: LoginFailure<Req, Res>) => Awaitable<RouteResult>) | undefined;
  /** Ends the session. Default: the framework's session is destroyed. */
  onLogout?: ((request: RouteRequest<Req, Res>) => Awaitable<RouteResult>) | undefined;
  /**
   * `provider`: `POST /logout` also logs the user out at the provider of the login, if the provider
   * offers it (OpenID Connect RP-Initiated Logout); register `/logout/{client}` there as the
   * post-logout redirect URI. The framework's session names the login; if it is not used, pass a
   * function that returns the login of your session. Default: `local`, which ends the session only.
   */
  logout?:
    | 'local'
    | 'provider'
    | ((request: RouteRequest<Req, Res>) => Awaitable<SessionLogin | null | undefined>)
    | undefined;
  /**
   * Returns the ID of the signed-in user, or `undefined` if no user is signed in. Required for
   * account linking (`link`). IDs are compared as text, so plain objects are rejected.
   */
  userId?:
    | ((request: RouteRequest<Req, Res>) => Awaitable<string | number | null | undefined>)
    | undefined;
  /**
   * Returns JSON that is passed to `onLogin` and `onError` as `data`. It is stored with the pending
   * login.
   */
  data?: ((start: RouteRequest<Req, Res> & { client: string }) => Awaitable<unknown>) | undefined;
  /** Default path to return to after login and logout. Default: `/`. */
  returnTo?: string | URL | undefined;
  /** Additional scopes that a start may request (`/login/corp?scope=files`), by client. */
  scopes?: Record<string, readonly string[]> | undefined;
  /**
   * Returns parameters for one authorization request, such as `login_hint`, `prompt` or
   * `acr_values`. They override those of `allowParams` and the client's `authorizeParams`.
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
   * Authorization request parameters that a start may pass (`/login/corp?login_hint=jane`), by
   * client. Default: none. A repeated parameter, or one longer than 2048 characters, is ignored.
   */
  allowParams?: Record<string, readonly string[]> | undefined;
  /**
   * `post`: a login can only be started by a form of the application, not by a link. Default:
   * `get`.
   */
  start?: 'get' | 'post' | undefined;
  /**
   * `false` does not regenerate the session ID at login; regenerate it yourself to prevent session
   * fixation. Default: `true`.
   */
  renewSession?: boolean | undefined;
  /**
   * Returns the user data for a page that logged in through a popup; JSON, called after `onLogin`.
   * Default: public claims such as `sub`, `name`, `picture` and `email`.
   */
  publicUser?: ((login: LoginSuccess<Req, Res>) => Awaitable<unknown>) | undefined;
  /**
   * API calls that pages may make with the signed-in user's token, by client. Default: none. A rule
   * is a method (default GET, which allows HEAD) and a path below `apiBaseUrl`: `*` matches one
   * segment, a trailing `/**` any number. Allowed query parameters are listed: `?page&per_page`, or
   * `?*`.
   *
   * @example
   * ```ts
   * access: { corp: ['/me', '/projects?page', 'POST /projects/*\/comments'] }
   * ```
   */
  access?: Record<string, readonly string[]> | undefined;
  /** Options of the sign-in page at `/login`; `false` disables it. */
  page?:
    Omit<LoginPageOptions, 'prefix' | 'returnTo' | 'scope' | 'method' | 'link'> | false | undefined;
}
