import { OAuthError } from '@oauth-registry/core';
import { nodeExchange, webExchange } from '@oauth-registry/core/adapter';
import type { BrowserCookie, BrowserExchange } from '@oauth-registry/core/adapter';
import type { NextApiRequest, NextApiResponse } from 'next';
import { cookies, headers } from 'next/headers.js';

/** Shows core a request of the Pages Router and its response. */
export function pagesExchange(req: NextApiRequest, res: NextApiResponse): BrowserExchange {
  return nodeExchange(req, res, noSession);
}

/** Shows core a request of the App Router; what core sets goes where `answer` says. */
export function appExchange(
  request: Request,
  answer: Pick<BrowserExchange, 'setHeader' | 'setCookie'>,
): BrowserExchange {
  return webExchange(request, { session: noSession, ...answer });
}

/** Shows core a Server Action, of which only the cookies matter. */
export async function actionExchange(): Promise<BrowserExchange> {
  const [incoming, setCookie] = await Promise.all([headers(), nextCookies()]);
  const cookie = incoming.get('cookie') ?? '';
  const request = new Request('http://action.invalid', { method: 'POST', headers: { cookie } });
  return appExchange(request, { setHeader: () => undefined, setCookie });
}

/** Sets cookies through Next.js, which allows it in Route Handlers and Server Actions only. */
export async function nextCookies(): Promise<(cookie: BrowserCookie) => void> {
  const jar = await cookies();
  return (cookie) => {
    try {
      jar.set({ ...cookie, httpOnly: true, path: '/' });
    } catch {
      throw new OAuthError(
        'storage_failed',
        'Next.js sets no cookies while it renders a page. Do this in a Route Handler or a Server Action.',
      );
    }
  };
}

function noSession(): never {
  throw new OAuthError(
    'missing_session',
    'Next.js has no session of its own. Keep pending logins in cookies (the default: give "secret"), or ' +
      'give new OAuth({ session }) a function that finds yours.',
  );
}
