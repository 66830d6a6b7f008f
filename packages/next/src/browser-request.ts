import { OAuthError } from '@oauth-registry/core';
import { dualHandlers, fromWeb, withoutSession } from '@oauth-registry/core/adapter';
import type {
  BrowserCookie,
  BrowserRequest,
  DualVerb,
  DualVerbs,
} from '@oauth-registry/core/adapter';
import type { NextApiRequest, NextApiResponse } from 'next';
import { cookies, headers } from 'next/headers.js';

/**
 * A method for both routers: `(request, …)` in the App Router, `(req, res, …)` in the Pages Router.
 */
export type Verb<Args extends unknown[], App, Pages = App> = DualVerb<
  NextApiRequest,
  NextApiResponse,
  Args,
  App,
  Pages
>;

export const verbs: DualVerbs<NextApiRequest, NextApiResponse> = dualHandlers({
  shape: {
    package: '@oauth-registry/next',
    write: (verb, rest) =>
      verb === 'oauth.routes'
        ? 'export const { GET, POST } = oauth.routes({ onLogin })'
        : `${verb}(request${rest}) in a Route Handler, ${verb}(req, res${rest}) in an API route`,
    kinds: ['web', 'pages', 'http'],
  },
  session: withoutSession('Next.js'),
  setCookie: nextCookies,
});

/** Converts a Server Action for core; only its cookies are used. */
export async function fromAction(): Promise<BrowserRequest> {
  const [incoming, setCookie] = await Promise.all([headers(), nextCookies()]);
  const cookie = incoming.get('cookie') ?? '';
  const request = new Request('http://action.invalid', { method: 'POST', headers: { cookie } });
  return fromWeb(request, {
    session: withoutSession('Next.js'),
    setHeader: () => undefined,
    setCookie,
  });
}

/** Sets cookies through Next.js, which allows it only in Route Handlers and Server Actions. */
export async function nextCookies(): Promise<(cookie: BrowserCookie) => void> {
  const jar = await cookies();
  return (cookie) => {
    try {
      jar.set({ ...cookie, httpOnly: true, path: '/' });
    } catch {
      throw new OAuthError(
        'storage_failed',
        `Next.js cannot set cookies while it renders a page. ${whereCookiesAreSet}`,
      );
    }
  };
}

export const whereCookiesAreSet = 'Do this in a Route Handler or a Server Action.';

/**
 * Returns whether Next.js has made the cookies read-only: all methods that change them then throw
 * the same error.
 */
export function isReadOnly(jar: Awaited<ReturnType<typeof cookies>>): boolean {
  return Object.is(jar.set, jar.delete);
}
