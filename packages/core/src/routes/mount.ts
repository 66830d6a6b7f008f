/** The path of a request, split at the mount path of the routes. */
export interface RouteMount {
  /** The path below the mount path, for example `/login/corp`. */
  path: string;
  /** The mount path, for example `/auth`; empty at the root. */
  mount: string;
}

/**
 * Returns the paths as seen by browsers. A framework or proxy may have removed the application's
 * base path, which `baseUrl` includes.
 */
export function publicMount({ path, mount }: RouteMount, baseUrl: string | undefined): RouteMount {
  const home = basePathOf(baseUrl).slice(0, -1);
  return { path, mount: `${mount}/`.startsWith(`${home}/`) ? mount : home + mount };
}

/** Returns the application's base path, with a trailing slash. */
export function basePathOf(baseUrl: string | undefined): string {
  return baseUrl === undefined ? '/' : new URL(baseUrl).pathname.replace(/\/?$/, '/');
}

/**
 * Determines the mount path of a catch-all route from a request URL. No segment is empty: browsers
 * interpret two slashes as the start of another host.
 */
export function mountOf(url: string): RouteMount {
  const base = 'http://application.invalid';
  const { pathname } = new URL(URL.canParse(url, base) ? url : '/', base);
  const [, mount = '', path = ''] =
    /^((?:\/[^/]+)*?)(\/(?:login|callback|logout|backchannel|frontchannel|access)(?:\/[^/]+)?)\/?$/.exec(
      pathname,
    ) ?? [];
  return { mount, path };
}
