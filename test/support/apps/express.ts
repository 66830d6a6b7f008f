import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  OAuth,
  OAuthError,
  type ExpressClient,
  type OAuthOptions,
  type RegisterOptions,
  type Token,
} from '@oauth-registry/express';
import express5, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import express4 from 'express4';
import session, { type SessionOptions } from 'express-session';
import type { FakeProvider } from '../provider/index.js';

/** An application under test, and what happened in it. */
export interface TestApp {
  url: string;
  oauth: OAuth;
  client(name: string): ExpressClient;
  /** Tokens of finished logins, newest last. */
  tokens: Token[];
  /** Errors of failed ones, newest last. */
  errors: unknown[];
  close(): Promise<void>;
}

export interface TestAppOptions {
  /** The version of Express; default 5. */
  express?: 4 | 5;
  clients: Record<string, RegisterOptions>;
  oauth?: OAuthOptions;
  /** Options of express-session; `false` leaves the session out. */
  session?: SessionOptions | false;
  /** Middleware in front of the routes. */
  before?: RequestHandler[];
  /** Parameters of every authorization request. */
  params?: Record<string, string>;
}

type Handler = (req: Request, res: Response) => Promise<void>;

/** The versions of Express, with their parsers. */
export const expresses = { 4: express4, 5: express5 };

const secret = 'a secret of thirty-two characters';

/** Starts an Express application with `/login/:client` and `/callback/:client` on a free port. */
export async function startExpress(options: TestAppOptions): Promise<TestApp> {
  const version = options.express ?? 5;
  const app = expresses[version]();
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const oauth = new OAuth({ config: {}, baseUrl: url, ...options.oauth });
  for (const [name, client] of Object.entries(options.clients)) oauth.register(name, client);
  const seen: Pick<TestApp, 'tokens' | 'errors'> = { tokens: [], errors: [] };

  if (options.session !== false) {
    app.use(session({ secret, resave: false, saveUninitialized: false, ...options.session }));
  }
  app.use(...(options.before ?? [(_req, _res, next) => next()]));
  // Express 5 waits for what a handler returns; Express 4 must be told.
  const route = (handler: Handler): RequestHandler =>
    version === 5 ? handler : (req, res, next) => void handler(req, res).catch(next);
  const login: Handler = async (req, res) => {
    const client = oauth.createClient(String(req.params['client']));
    await client.authorizeRedirect(req, res, undefined, options.params);
  };
  const callback: Handler = async (req, res) => {
    const token = await oauth.createClient(String(req.params['client'])).authorizeAccessToken(req);
    seen.tokens.push(token);
    res.json(token);
  };
  app.all('/login/:client', route(login));
  app.all('/callback/:client', route(callback));
  app.use(answerError(seen.errors));
  return {
    url,
    oauth,
    client: (name) => oauth.createClient(name),
    ...seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answerError(errors: unknown[]): ErrorRequestHandler {
  return (error: unknown, _req, res, _next) => {
    errors.push(error);
    const ours = error instanceof OAuthError;
    res.status(ours ? error.statusCode : 500).json(ours ? error : { unexpected: String(error) });
  };
}

/** Registers the fake provider as an OpenID Connect one. */
export function openidClient(provider: FakeProvider, more: RegisterOptions = {}): RegisterOptions {
  return {
    clientId: provider.settings.clientId,
    clientSecret: provider.settings.clientSecret,
    serverMetadataUrl: provider.metadataUrl,
    scope: 'openid email',
    apiBaseUrl: `${provider.base}/api`,
    ...more,
  };
}

/** Registers the fake provider as a plain OAuth 2 one, by hand. */
export function plainClient(provider: FakeProvider, more: RegisterOptions = {}): RegisterOptions {
  return {
    clientId: provider.settings.clientId,
    clientSecret: provider.settings.clientSecret,
    authorizeUrl: `${provider.base}/authorize`,
    accessTokenUrl: `${provider.base}/token`,
    userinfoEndpoint: `${provider.base}/userinfo`,
    apiBaseUrl: `${provider.base}/api`,
    scope: 'read',
    ...more,
  };
}

/** Registers the fake provider as an OpenID 2.0 one. */
export function openid2Client(
  { openid2 }: FakeProvider,
  more: RegisterOptions = {},
): RegisterOptions & { openid2Endpoint: string } {
  const { endpoint: openid2Endpoint, claimedIdPattern } = openid2;
  return { ...more, openid2Endpoint, claimedIdPattern };
}

/** Registers the fake provider as an OAuth 1.0a one. */
export function oauth1Client(provider: FakeProvider, more: RegisterOptions = {}): RegisterOptions {
  const { request, authorize, access, api } = provider.oauth1;
  return {
    clientId: provider.settings.clientId,
    clientSecret: provider.settings.clientSecret,
    requestTokenUrl: request,
    authorizeUrl: authorize,
    accessTokenUrl: access,
    apiBaseUrl: api,
    ...more,
  };
}
