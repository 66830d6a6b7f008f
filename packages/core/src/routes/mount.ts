/** Where a request points, below and above the place where the routes are mounted. */
export interface RoutePlace {
  /** The path below the mount, e.g. `/login/corp`. */
  path: string;
  /** The path of the mount, e.g. `/auth`; empty at the top. */
  mount: string;
}

/**
 * The place as browsers see it. A framework or proxy may have cut off the path that the application itself
 * is at, which `baseUrl` has.
 */
export function publicPlace({ path, mount }: RoutePlace, baseUrl: string | undefined): RoutePlace {
  const home = homeOf(baseUrl).slice(0, -1);
  return { path, mount: `${mount}/`.startsWith(`${home}/`) ? mount : home + mount };
}

/** The text that a segment of a path stands for; `undefined` if it is no percent-encoding of any. */
export function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** The path of the application, with a slash at its end. */
export function homeOf(baseUrl: string | undefined): string {
  return baseUrl === undefined ? '/' : new URL(baseUrl).pathname.replace(/\/?$/, '/');
}

/**
 * Where a catch-all route is mounted, told from the address of a request that it caught. No segment is
 * empty: browsers read two slashes as the start of another host.
 */
export function placeOf(url: string): RoutePlace {
  const base = 'http://application.invalid';
  const { pathname } = new URL(URL.canParse(url, base) ? url : '/', base);
  const [, mount = '', path = ''] =
    /^((?:\/[^/]+)*?)(\/(?:login|callback|logout|access)(?:\/[^/]+)?)\/?$/.exec(pathname) ?? [];
  return { mount, path };
}
