/**
 * For pages: log in through a popup, and call a provider's API through the application's own server, so
 * that no token and no secret ever reaches the page. The server's half are the drop-in routes. One file
 * without imports: bundle it, or serve it as it is.
 *
 * @module @oauth-registry/core/browser
 */
import type { UserInfo } from './model/user-info.js';

/** How a popup login begins. */
export interface LoginOptions {
  /** Where the drop-in routes are mounted. Default `/auth`. */
  prefix?: string;
  /** `post` for routes with `start: 'post'`, which otherwise ask with one more click. Default `get`. */
  method?: 'get' | 'post';
  /** Adds the login to the account that is signed in; such a login is always posted. */
  link?: boolean;
  /** Scopes to ask for in addition, of those that the routes allow. */
  scope?: string;
  /** Answers to what this client asks people for, such as the name of a server. */
  answers?: Record<string, string>;
  /** Where the person goes where no popup can be opened. Default: the current page. */
  returnTo?: string | URL;
}

/** What a call through the server takes: what `fetch` takes, where it makes sense. */
export interface AccessOptions extends Pick<RequestInit, 'method' | 'headers' | 'body' | 'signal'> {
  /** Where the drop-in routes are mounted. Default `/auth`. */
  prefix?: string;
}

/** A popup login that came to nothing. */
export class LoginError extends Error {
  override readonly name: string = 'LoginError';
  /** The person said no, the login failed, or the person closed the window. */
  readonly reason: 'declined' | 'failed' | 'closed';
  /** The code of the server's error, such as `access_denied`; none where the window was closed. */
  readonly code: string | undefined;

  constructor(reason: LoginError['reason'], message: string, code?: string) {
    super(message);
    this.reason = reason;
    this.code = code;
  }
}

/** What the popup tells. */
interface Told {
  id: string;
  user?: unknown;
  error?: { code: string; message: string; declined: boolean };
  /** Where the application wants the person to go. */
  goTo?: string;
}

/**
 * Logs a person in through a popup. Call it in the handler of a click, before anything is awaited, or
 * browsers block the popup. Where they do, the whole page goes to the provider instead and comes back to
 * `returnTo`; the promise then never settles, for this page is gone.
 *
 * @returns the user, as the routes' `publicUser` chose it
 * @throws LoginError whose `reason` says what happened
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
    ...options.answers,
    returnTo: String(options.returnTo ?? pathname + search + hash),
    ...(scope === undefined ? {} : { scope }),
    ...(link ? { link: '1' } : {}),
  };
  // 128 bits that nobody else knows, and the only name by which the two windows find each other.
  const id = Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) =>
    n.toString(16).padStart(8, '0'),
  ).join('');
  const popup = open('about:blank', id, features());
  const address = new URL(`${prefix}/login/${encodeURIComponent(client)}`, location.href);
  const start = { address, post };
  if (!popup || popup.closed) {
    go(window, start, fields);
    return new Promise(() => undefined);
  }
  go(popup, start, { ...fields, popup: id });
  return answerOf<User>(popup, id);
}

/**
 * Calls a provider's API with the token of the person who is signed in, which the server attaches or
 * signs with. The routes' `access` says which calls are allowed.
 *
 * @param url a path below the client's `apiBaseUrl`, or an absolute URL there
 * @returns the API's answer, whatever its status; or the server's own: 401 where nobody is signed in, 403
 *   for a call that is not allowed, with `{ error, message }` as JSON
 * @example
 * ```ts
 * const answer = await access('corp', '/projects?page=2');
 * const projects = await answer.json();
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
  // The body of a call is nothing that the server's own parsers should open. Where one makes text of it all
  // the same, as that of Next.js does, this charset keeps every byte.
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

/** Puts the popup in the middle of the window. */
function features(): string {
  const [width, height] = [500, 650];
  const left = Math.max(0, screenX + (outerWidth - width) / 2);
  const top = Math.max(0, screenY + (outerHeight - height) / 2);
  return `popup,width=${width},height=${height},left=${left},top=${top}`;
}

/** Sends a window to the start of the login. */
function go(
  target: Window,
  { address, post }: { address: URL; post: boolean },
  fields: Record<string, string>,
): void {
  if (!post) {
    target.location.href = `${address}?${new URLSearchParams(fields)}`;
    return;
  }
  const form = document.createElement('form');
  Object.assign(form, { method: 'post', action: address.href });
  if (target !== window) form.target = target.name;
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
  }
  document.body.append(form);
  form.submit();
  form.remove();
}

/** Waits for what the popup tells. */
function answerOf<User>(popup: Window, id: string): Promise<User> {
  return new Promise((resolve, reject) => {
    // Reaches this origin only, also where the provider's page has cut the popup loose (COOP).
    const channel = new BroadcastChannel(`oauth-registry ${id}`);
    let back = 0;
    const timer = setInterval(() => {
      // A popup that was cut loose says that it is closed, too; then it is the one with the focus.
      back = popup.closed && document.hasFocus() ? back + 1 : 0;
      if (back > 1) end(() => reject(new LoginError('closed', 'The login window was closed.')));
    }, 500);
    const end = (settle: () => void): void => {
      clearInterval(timer);
      removeEventListener('message', heard);
      channel.close();
      settle();
    };
    const tell = ({ user, error, goTo }: Told): void => {
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
    const heard = ({ origin, source, data }: MessageEvent<Told | undefined>): void => {
      if (origin === location.origin && source === popup && data?.id === id) tell(data);
    };
    channel.addEventListener('message', ({ data }: MessageEvent<Told>) => tell(data));
    addEventListener('message', heard);
  });
}
