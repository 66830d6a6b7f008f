/** Where a request points, below and above the place where the routes are mounted. */
export interface RoutePlace {
  /** The path below the mount, e.g. `/login/corp`. */
  path: string;
  /** The path of the mount, e.g. `/auth`; empty at the top. */
  mount: string;
}

/**
 * Where a catch-all route is mounted, told from the address of a request that it caught. No segment is
 * empty: browsers read two slashes as the start of another host.
 */
export function placeOf(url: string): RoutePlace {
  const base = 'http://application.invalid';
  const { pathname } = new URL(URL.canParse(url, base) ? url : '/', base);
  const [, mount = '', path = ''] =
    /^((?:\/[^/]+)*?)(\/(?:login|callback|logout|access)(?:\/[^/]*)?)$/.exec(pathname) ?? [];
  return { mount, path };
}
