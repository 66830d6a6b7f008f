import {
  fastifyOAuth,
  OAuth,
  type FastifyClient,
  type OAuth1Token,
  type OAuth2Token,
  type Token,
} from '@oauth-registry/fastify';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
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

declare module '@oauth-registry/fastify' {
  interface Registered {
    oauth: typeof oauth;
  }
}

declare const app: FastifyInstance;
declare const request: FastifyRequest;
declare const reply: FastifyReply;
declare const two: OAuth2Token;
declare const one: OAuth1Token;
declare const res: { status(code: number): object; setHeader(name: string, value: string): void };

/** Code that is compiled and never run. */
const compiles = (_code: () => unknown): void => undefined;

describe('the registry of Fastify', () => {
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
    expectTypeOf(oauth.createClient('one' as string)).toExtend<FastifyClient>();
    expectTypeOf(oauth.createClient('openid')).toEqualTypeOf(oauth.openid);
    compiles(() => {
      // @ts-expect-error there is no client of that name
      return oauth.nosuch;
    });
  });

  it('[X1] is known to the application by all of its clients', async () => {
    const real = Fastify();
    await real.register(fastifyOAuth, { oauth });

    expect(real.oauth).toBe(oauth);
    expectTypeOf(real.oauth).toEqualTypeOf(oauth);
    compiles(() => expectTypeOf(request.server.oauth.one).toEqualTypeOf(oauth.one));
    compiles(() => {
      // @ts-expect-error there is no client of that name
      return app.oauth.nosuch;
    });
    compiles(() => {
      // @ts-expect-error the plugin needs the registry
      return app.register(fastifyOAuth);
    });
    compiles(() => {
      // @ts-expect-error a registry is made by new OAuth()
      return app.register(fastifyOAuth, { oauth: {} });
    });
  });
});

describe('a client of Fastify', () => {
  it('[X1] starts a login with a request and a reply of Fastify', () => {
    expectTypeOf(oauth.openid.authorizeRedirect).returns.toEqualTypeOf<Promise<FastifyReply>>();
    compiles(() => app.get('/a', (req, rep) => oauth.openid.authorizeRedirect(req, rep)));
    compiles(() => app.get('/b', async (req, rep) => oauth.one.authorizeRedirect(req, rep, '/cb')));
    compiles(() =>
      app.get<{ Params: { id: string } }>('/c/:id', (req, rep) =>
        oauth.openid.authorizeRedirect(req, rep, undefined, { login_hint: req.params.id }),
      ),
    );
    compiles(() => {
      // @ts-expect-error there is no reply to redirect with
      return oauth.openid.authorizeRedirect(request);
    });
    compiles(() => {
      // @ts-expect-error the response of another framework
      return oauth.openid.authorizeRedirect(request, res);
    });
    compiles(() => {
      // @ts-expect-error a web standard's response
      return oauth.openid.authorizeRedirect(request, new Response());
    });
    compiles(() => {
      // @ts-expect-error the request and the reply changed places
      return oauth.one.authorizeRedirect(reply, request);
    });
    compiles(() => {
      // @ts-expect-error Node's own request
      return oauth.one.authorizeRedirect(request.raw, reply);
    });
  });

  it('[X1] finishes it with the token of its protocol', () => {
    expectTypeOf(oauth.openid.authorizeAccessToken).returns.toEqualTypeOf<Promise<OAuth2Token>>();
    expectTypeOf(oauth.one.authorizeAccessToken).returns.toEqualTypeOf<Promise<OAuth1Token>>();
    expectTypeOf(oauth.createClient('one' as string).authorizeAccessToken).returns.toEqualTypeOf<
      Promise<Token>
    >();
    compiles(() => oauth.openid.authorizeAccessToken(request));
    compiles(() => oauth.openid.authorizeAccessToken(request, reply, { params: { a: 'x' } }));
    compiles(() => {
      // @ts-expect-error a web standard's request
      return oauth.openid.authorizeAccessToken(new Request('http://app.example'));
    });
  });

  it('[X1] takes tokens of its own protocol only', () => {
    compiles(() => oauth.openid.get('/user', { token: two }));
    compiles(() => oauth.one.userinfo({ token: one }));
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
