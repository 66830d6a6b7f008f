/**
 * For pages: logs in through a popup, and calls a provider's API through the application's server,
 * so that tokens and secrets never reach the page. The server part is the routes. A single file
 * without imports: bundle it, or serve it as it is.
 *
 * @module @oauth-registry/core/browser
 */
import type { UserInfo } from './model/user-info.js';

/** Options of a popup login. */
export interface LoginOptions {
  /** Mount path of the routes. Default: `/auth`. */
  prefix?: string;
  /**
   * `post` for routes with `start: 'post'`, which otherwise need an extra click. Default: `get`.
   */
  method?: 'get' | 'post';
  /** Links the provider account to the signed-in user; such a login is always posted. */
  link?: boolean;
  /** Additional scopes to request; the routes must allow them. */
  scope?: string;
  /** Values for the client's login fields, such as the name of a server. */
  fields?: Record<string, string>;
  /** The path to return to if no popup can be opened. Default: the current page. */
  returnTo?: string | URL;
}

/** Options of a call through the server: a subset of those of `fetch`. */
export interface AccessOptions extends Pick<RequestInit, 'method' | 'headers' | 'body' | 'signal'> {
  /** Mount path of the routes. Default: `/auth`. */
  prefix?: string;
}

/** The error of a failed popup login. */
export class LoginError extends Error {
  override readonly name: string = 'LoginError';
  /**
   * `declined`: the user denied access. `failed`: the login failed. `closed`: the user closed the
   * window.
   */
  readonly reason: 'declined' | 'failed' | 'closed';
  /** The server's error code, such as `access_denied`; `undefined` if the window was closed. */
  readonly code: string | undefined;

  constructor(reason: LoginError['reason'], message: string, code?: string) {
    super(message);
    this.reason = reason;
    this.code = code;
  }
}

/** The message of the popup. */
interface PopupMessage {
  id: string;
  user?: unknown;
  error?: { code: string; message: string; declined: boolean };
  /** The URL the application redirects the user to. */
  goTo?: string;
}

/**
 * Logs the user in through a popup. Call it in a click handler before any `await`, otherwise
 * browsers block the popup. If it is blocked, the whole page is redirected to the provider and
 * returns to `returnTo`; the promise then never settles.
 *
 * @returns the user data, as returned by the routes' `publicUser`
 * @throws LoginError with a `reason`
 * @example
 * ```ts
 * button.onclick = async () => {
 *   const user = await login('corp');
 *   greeting.textContent = `Hello ${user?.name}`;
 * };
 * ```
 */
export function login<User = UserInfo | undefined>(
  client: string,
  options: LoginOptions = {},
): Promise<User> {
  const { prefix = '/auth', link, scope } = options;
  const post = link === true || options.method === 'post';
  const { pathname, search, hash } = location;
  const fields = {
    ...options.fields,
    returnTo: String(options.returnTo ?? pathname + search + hash),
    ...(scope === undefined ? {} : { scope }),
    ...(link ? { link: '1' } : {}),
  };
  // 128 random bits, by which only these two windows find each other.
  const id = Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) =>
    n.toString(16).padStart(8, '0'),
  ).join('');
  const popup = open('about:blank', id, features());
  const url = new URL(`${prefix}/login/${encodeURIComponent(client)}`, location.href);
  const start = { url, post };
  if (!popup || popup.closed) {
    go(window, start, fields);
    return new Promise(() => undefined);
  }
  go(popup, start, { ...fields, popup: id });
  return responseOf<User>(popup, id);
}

/**
 * Calls a provider's API with the signed-in user's token, which the server attaches or signs with.
 * The routes' `access` option defines the allowed calls.
 *
 * @param url a path below the client's `apiBaseUrl`, or an absolute URL there
 * @returns the API's response, whatever its status; or the server's own: 401 if no user is signed
 *   in, 403 for a call that is not allowed, with `{ error, message }` as JSON
 * @example
 * ```ts
 * const response = await access('corp', '/projects?page=2');
 * const projects = await response.json();
 * ```
 */
export async function access(
  client: string,
  url: string | URL,
  options: AccessOptions = {},
): Promise<Response> {
  const { prefix = '/auth', ...init } = options;
  const nowhere = 'https://api.invalid';
  const { origin, pathname, search, href } = new URL(url, nowhere);
  const asked = new Request(location.href, init);
  const { headers, signal } = asked;
  const method = asked.method.toUpperCase();
  const body = await asked.arrayBuffer();
  headers.set('oauth-request', `${method} ${origin === nowhere ? pathname + search : href}`);
  const type = headers.get('content-type');
  if (type !== null) headers.set('oauth-content-type', type);
  // Body parsers of the server must not parse a call's body. If one decodes it to text anyway, as
  // that of Next.js does, this charset preserves every byte.
  headers.set('content-type', 'application/octet-stream; charset=latin1');
  return await fetch(new URL(`${prefix}/access/${encodeURIComponent(client)}`, location.href), {
    method: 'POST',
    headers,
    signal,
    ...(body.byteLength > 0 ? { body } : {}),
    redirect: 'error',
    cache: 'no-store',
  });
}

/** Centers the popup in the window. */
function features(): string {
  const [width, height] = [500, 650];
  const left = Math.max(0, screenX + (outerWidth - width) / 2);
  const top = Math.max(0, screenY + (outerHeight - height) / 2);
  return `popup,width=${width},height=${height},left=${left},top=${top}`;
}

/** Navigates a window to the start of the login. */
function go(
  target: Window,
  { url, post }: { url: URL; post: boolean },
  fields: Record<string, string>,
): void {
  if (!post) {
    target.location.href = `${url}?${new URLSearchParams(fields)}`;
    return;
  }
  const form = document.createElement('form');
  Object.assign(form, { method: 'post', action: url.href });
  if (target !== window) form.target = target.name;
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
  }
  document.body.append(form);
  form.submit();
  form.remove();
}

/** Waits for the message of the popup. */
function responseOf<User>(popup: Window, id: string): Promise<User> {
  return new Promise((resolve, reject) => {
    // Reaches this origin only, even if the provider's page has severed the popup (COOP).
    const channel = new BroadcastChannel(`oauth-registry ${id}`);
    let back = 0;
    const timer = setInterval(() => {
      // A severed popup also reports that it is closed; the popup then has the focus.
      back = popup.closed && document.hasFocus() ? back + 1 : 0;
      if (back > 1) end(() => reject(new LoginError('closed', 'The login window was closed.')));
    }, 500);
    const end = (settle: () => void): void => {
      clearInterval(timer);
      removeEventListener('message', heard);
      channel.close();
      settle();
    };
    const receive = ({ user, error, goTo }: PopupMessage): void => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has one origin
      channel.postMessage('heard');
      popup.close();
      end(() => {
        if (goTo !== undefined) location.href = goTo;
        if (!error) resolve(user as User);
        else {
          const reason = error.declined ? 'declined' : 'failed';
          reject(new LoginError(reason, error.message, error.code));
        }
      });
    };
    const heard = ({ origin, source, data }: MessageEvent<PopupMessage | undefined>): void => {
      if (origin === location.origin && source === popup && data?.id === id) receive(data);
    };
    channel.addEventListener('message', ({ data }: MessageEvent<PopupMessage>) => receive(data));
    addEventListener('message', heard);
  });
}
