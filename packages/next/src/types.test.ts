import {
  createSession,
  OAuth,
  type NextClient,
  type OAuth1Token,
  type OAuth2Token,
  type Token,
} from './index.js';
import type {
  GetServerSidePropsContext,
  NextApiHandler,
  NextApiRequest,
  NextApiResponse,
} from 'next';
import type { NextRequest, NextResponse } from 'next/server.js';
import { describe, expectTypeOf, it } from 'vitest';

const secret = 'a secret of thirty-two characters';
const oauth = new OAuth({ config: {}, secret })
  .register('openid', { clientId: 'a', issuer: 'https://id.example', scope: 'openid' })
  .register('one', {
    clientId: 'a',
    clientSecret: 'b',
    requestTokenUrl: 'https://one.example/request',
    authorizeUrl: 'https://one.example/authorize',
    accessTokenUrl: 'https://one.example/access',
  });
const { getSession, setSession, clearSession } = createSession<{ name: string }>({ secret });

declare const request: Request;
declare const nextRequest: NextRequest;
declare const nextResponse: NextResponse;
declare const req: NextApiRequest;
declare const res: NextApiResponse;
declare const context: GetServerSidePropsContext;
declare const two: OAuth2Token;
declare const one: OAuth1Token;

/** Code that is compiled and never run. */
const compiles = (_code: () => unknown): void => undefined;

describe('the registry of Next.js', () => {
  it('[X1] tells by its kind which verbs a client has that is known only by a name', () => {
    const client = oauth.createClient('one' as string);
    expectTypeOf(client.kind).toEqualTypeOf<'oauth1' | 'oauth2' | 'openid2'>();
    if (client.kind === 'oauth2') expectTypeOf(client.refreshToken).toBeFunction();
    if (client.kind === 'oauth1') expectTypeOf(client.fetchRequestToken).toBeFunction();
    compiles(async () => {
      const loaded = await oauth.loadClient('tenant');
      // @ts-expect-error not every protocol has something to refresh
      return loaded.refreshToken;
    });
  });

  it('[X1] has its clients as properties, and no others', () => {
    expectTypeOf(oauth.createClient('one' as string)).toExtend<NextClient>();
    expectTypeOf(oauth.createClient('openid')).toEqualTypeOf(oauth.openid);
    compiles(() => {
      // @ts-expect-error there is no client of that name
      return oauth.nosuch;
    });
  });
});

describe('a client of Next.js', () => {
  it('[X1] starts a login in a Route Handler with the request alone', () => {
    compiles(() => {
      expectTypeOf(oauth.openid.authorizeRedirect(request)).toEqualTypeOf<Promise<Response>>();
      expectTypeOf(oauth.one.authorizeRedirect(nextRequest)).toEqualTypeOf<Promise<Response>>();
    });
    compiles(() => oauth.openid.authorizeRedirect(request, '/callback', { prompt: 'login' }));
    compiles(() => {
      // @ts-expect-error a Route Handler has no response to pass
      return oauth.openid.authorizeRedirect(nextRequest, nextResponse);
    });
    compiles(() => {
      // @ts-expect-error the response of the Pages Router
      return oauth.openid.authorizeRedirect(request, res);
    });
  });

  it('[X1] starts a login in an API route with its request and response', () => {
    const login: NextApiHandler = (from, to) =>
      oauth.openid.authorizeRedirect(from, to, '/api/callback/openid');
    expectTypeOf(login).toBeFunction();
    compiles(() => {
      expectTypeOf(oauth.one.authorizeRedirect(req, res)).toEqualTypeOf<Promise<void>>();
    });
    compiles(() => {
      // @ts-expect-error there is no response to redirect with
      return oauth.openid.authorizeRedirect(req);
    });
    compiles(() => {
      // @ts-expect-error a web standard's response
      return oauth.openid.authorizeRedirect(req, new Response());
    });
    compiles(() => {
      // @ts-expect-error the request and the response changed places
      return oauth.openid.authorizeRedirect(res, req);
    });
  });

  it('[X1] starts a login in a Server Action, and never returns', () => {
    expectTypeOf(oauth.openid.authorizeAction).returns.toEqualTypeOf<Promise<never>>();
    compiles(() => oauth.one.authorizeAction('/callback', { lang: 'de' }));
    compiles(() => {
      // @ts-expect-error a Server Action has no request
      return oauth.openid.authorizeAction(request);
    });
    compiles(() => {
      // @ts-expect-error the data of the form is no redirect URI
      return oauth.openid.authorizeAction(new FormData());
    });
  });

  it('[X1] finishes it with the token of its protocol', () => {
    compiles(() => {
      expectTypeOf(
        oauth.openid.authorizeAccessToken(request),
      ).resolves.toEqualTypeOf<OAuth2Token>();
      expectTypeOf(oauth.one.authorizeAccessToken(req, res)).resolves.toEqualTypeOf<OAuth1Token>();
      const any = oauth.createClient('x' as string);
      expectTypeOf(any.authorizeAccessToken(nextRequest)).resolves.toEqualTypeOf<Token>();
    });
    compiles(() => oauth.openid.authorizeAccessToken(request, { params: { audience: 'x' } }));
    compiles(() => oauth.openid.authorizeAccessToken(req, res, { params: { audience: 'x' } }));
    compiles(() => {
      // @ts-expect-error an API route's response is needed to clear the cookie
      return oauth.openid.authorizeAccessToken(req);
    });
  });

  it('[X1] takes tokens of its own protocol only', () => {
    compiles(() => oauth.openid.get('/user', { token: two }));
    compiles(() => {
      // @ts-expect-error an OAuth 1 token at an OAuth 2 client
      return oauth.openid.get('/user', { token: one });
    });
    compiles(() => {
      // @ts-expect-error an OAuth 2 token at an OAuth 1 client
      return oauth.one.get('/notes', { token: two });
    });
  });
});

describe('the session of Next.js', () => {
  it('[X1] has the data it was made for, wherever it is read', () => {
    compiles(() => {
      expectTypeOf(getSession()).resolves.toEqualTypeOf<{ name: string } | undefined>();
      expectTypeOf(getSession({ req })).resolves.toEqualTypeOf<{ name: string } | undefined>();
    });
    compiles(() => getSession(context));
    compiles(() => setSession({ name: 'Ada' }, { req, res }));
    compiles(() => clearSession({ req, res }));
    compiles(() => {
      // @ts-expect-error a session of another shape
      return setSession({ user: 'Ada' });
    });
    compiles(() => {
      // @ts-expect-error the Pages Router says { req, res }
      return getSession(req);
    });
  });
});
