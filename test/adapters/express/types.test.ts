import {
  OAuth,
  type ExpressClient,
  type OAuth1Token,
  type OAuth2Token,
  type Token,
} from '@oauth-registry/express';
import type { Request, Response as ExpressResponse } from 'express';
import { describe, expect, expectTypeOf, it } from 'vitest';

const oauth = new OAuth({ config: {} })
  .register('openid', { clientId: 'a', issuer: 'https://id.example', scope: 'openid' })
  .register('one', {
    clientId: 'a',
    clientSecret: 'b',
    requestTokenUrl: 'https://one.example/request',
    authorizeUrl: 'https://one.example/authorize',
    accessTokenUrl: 'https://one.example/access',
  });

declare const req: Request;
declare const res: ExpressResponse;
declare const two: OAuth2Token;
declare const one: OAuth1Token;
declare const reply: { redirect(url: string): void; header(name: string, value: string): void };

/** Code that is compiled and never run. */
const compiles = (_code: () => unknown): void => undefined;

describe('the registry', () => {
  it('[X1] has its clients as properties, and no others', () => {
    expect(oauth.openid.name).toBe('openid');
    compiles(() => {
      // @ts-expect-error there is no client of that name
      return oauth.nosuch;
    });
    compiles(() => {
      // @ts-expect-error the registry before register() has no clients
      return new OAuth().openid;
    });
    compiles(() => {
      // @ts-expect-error a client cannot be replaced
      oauth.openid = oauth.createClient('openid');
    });
  });

  it('[X1] preserves every member of its own through a chain', () => {
    expectTypeOf(oauth).toExtend<OAuth>();
    expectTypeOf(oauth.register).toBeFunction();
    expectTypeOf(oauth).toHaveProperty('openid');
    expectTypeOf(oauth).toHaveProperty('one');
  });

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

  it('[X1] types createClient() by a literal name, and by any string', () => {
    expect(oauth.createClient('one')).toBe(oauth.one);
    expectTypeOf(oauth.createClient('openid')).toEqualTypeOf(oauth.openid);
    expectTypeOf(oauth.createClient('one')).toEqualTypeOf(oauth.one);
    compiles(() => {
      expectTypeOf(oauth.createClient('one' as string)).toExtend<ExpressClient>();
      expectTypeOf(oauth.createClient('one' as string).authorizeAccessToken).returns.toEqualTypeOf<
        Promise<Token>
      >();
    });
  });

  it('[X1] knows its options by name and type', () => {
    compiles(() => {
      // @ts-expect-error an option that nobody knows
      return new OAuth().register('x', { clientID: 'a' });
    });
    compiles(() => {
      // @ts-expect-error PKCE cannot be weakened
      return new OAuth().register('x', { clientId: 'a', codeChallengeMethod: 'plain' });
    });
    compiles(() => {
      // @ts-expect-error an option that nobody knows
      return new OAuth({ baseURL: 'https://app.example' });
    });
  });
});

describe('a client', () => {
  it('[X1] starts a login with a request and a response of Express', () => {
    expectTypeOf(oauth.openid.authorizeRedirect).returns.toEqualTypeOf<Promise<void>>();
    expectTypeOf(oauth.openid.authorizeRedirect).parameter(0).toEqualTypeOf<Request>();
    expectTypeOf(oauth.openid.authorizeRedirect).parameter(1).toEqualTypeOf<ExpressResponse>();
    compiles(() => oauth.openid.authorizeRedirect(req, res));
    compiles(() => oauth.one.authorizeRedirect(req, res, 'https://app.example/cb', { lang: 'de' }));
    compiles(() => {
      // @ts-expect-error there is no response to redirect with
      return oauth.openid.authorizeRedirect(req);
    });
    compiles(() => {
      // @ts-expect-error the response of another framework
      return oauth.openid.authorizeRedirect(req, reply);
    });
    compiles(() => {
      // @ts-expect-error a web standard's response
      return oauth.openid.authorizeRedirect(req, new Response());
    });
    compiles(() => {
      // @ts-expect-error the request and the response changed places
      return oauth.one.authorizeRedirect(res, req);
    });
  });

  it('[X1] finishes it with the token of its protocol', () => {
    expectTypeOf(oauth.openid.authorizeAccessToken).returns.toEqualTypeOf<Promise<OAuth2Token>>();
    expectTypeOf(oauth.one.authorizeAccessToken).returns.toEqualTypeOf<Promise<OAuth1Token>>();
    expectTypeOf(oauth.openid.fetchAccessToken).returns.toEqualTypeOf<Promise<OAuth2Token>>();
    expectTypeOf(oauth.one.fetchAccessToken).returns.toEqualTypeOf<Promise<OAuth1Token>>();
    compiles(() => oauth.openid.authorizeAccessToken(req));
    compiles(() => oauth.openid.authorizeAccessToken(req, res, { params: { audience: 'x' } }));
    compiles(() => {
      // @ts-expect-error a form is no request
      return oauth.openid.authorizeAccessToken(new URLSearchParams());
    });
  });

  it('[X1] takes tokens of its own protocol only', () => {
    expectTypeOf<OAuth1Token>().not.toExtend<OAuth2Token>();
    expectTypeOf<OAuth2Token>().not.toExtend<OAuth1Token>();
    compiles(() => oauth.openid.get('/user', { token: two }));
    compiles(() => oauth.one.userinfo({ token: one }));
    compiles(() => {
      // @ts-expect-error an OAuth 1 token at an OAuth 2 client
      return oauth.openid.get('/user', { token: one });
    });
    compiles(() => {
      // @ts-expect-error an OAuth 2 token at an OAuth 1 client
      return oauth.one.post('/notes', { token: two, json: {} });
    });
    compiles(() => {
      // @ts-expect-error an OAuth 1 token at an OAuth 2 client
      return oauth.openid.userinfo({ token: one });
    });
    compiles(() => {
      // @ts-expect-error the text of a token is no token
      return oauth.openid.get('/user', { token: two.access_token });
    });
    compiles(() => {
      // @ts-expect-error an option that nobody knows
      return oauth.openid.get('/user', { tokens: two });
    });
  });

  it('[X1] returns a standard Response from resource calls', () => {
    expectTypeOf(oauth.openid.get).returns.toEqualTypeOf<Promise<Response>>();
    expectTypeOf(oauth.one.request).returns.toEqualTypeOf<Promise<Response>>();
  });

  it('[X1] has the verbs of its protocol only', () => {
    expect(oauth.openid.parseIdToken).toBeTypeOf('function');
    expect(oauth.one.fetchRequestToken).toBeTypeOf('function');
    compiles(() => {
      // @ts-expect-error OAuth 1 has no id_token
      return oauth.one.parseIdToken;
    });
    compiles(() => {
      // @ts-expect-error OAuth 2 has no request token
      return oauth.openid.fetchRequestToken;
    });
    const has = (client: object) => ['fetchRequestToken', 'parseIdToken'].map((v) => v in client);
    expect([has(oauth.one), has(oauth.openid)]).toEqual([
      [true, false],
      [false, true],
    ]);
  });
});
