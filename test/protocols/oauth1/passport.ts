import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import express, { type Request, type RequestHandler } from 'express';

type Done = (error: unknown, ...results: unknown[]) => void;

/** What Passport gives its strategies for one request. */
interface Strategy {
  authenticate(request: Request): void;
  success(user: unknown, info: unknown): void;
  fail(challenge: unknown, status?: number): void;
  error(error: unknown): void;
}
type Lookup = (key: string, done: Done) => void;
type Validate = (timestamp: string, nonce: string, done: Done) => void;
type StrategyClass = new (client: Lookup, token: Lookup, validate: Validate) => Strategy;

const load = createRequire(import.meta.url);
const { ConsumerStrategy, TokenStrategy } = load('passport-http-oauth') as {
  ConsumerStrategy: StrategyClass;
  TokenStrategy: StrategyClass;
};
const oauthorize = load('oauthorize') as {
  createServer(): {
    requestToken(issue: (client: string, callback: string, done: Done) => void): RequestHandler;
    accessToken(
      verify: (token: string, verifier: string, done: Done) => void,
      issue: (client: string, token: string, done: Done) => void,
    ): RequestHandler;
    errorHandler(): RequestHandler;
  };
};

/** A provider made of passport-http-oauth and oauthorize. */
export interface PassportProvider {
  origin: string;
  close(): void;
}

interface Issued {
  secret: string;
  callback: string;
  verifier?: string;
}

/** Starts a provider whose every check is that of passport-http-oauth and oauthorize. */
export async function startPassport(clientId: string, secret: string): Promise<PassportProvider> {
  const requestTokens = new Map<string, Issued>();
  const tokens = new Map<string, string>();
  const nonces = new Set<string>();
  let count = 0;
  const fresh = (prefix: string): string => `${prefix} ${(count += 1)}+/=&%é`;

  const findClient: Lookup = (key, done) => done(null, key === clientId && key, secret);
  const checkNonce: Validate = (timestamp, nonce, done) => {
    const isFresh = !nonces.has(nonce) && Math.abs(Number(timestamp) - Date.now() / 1000) < 60;
    nonces.add(nonce);
    done(null, isFresh);
  };
  const consumer = new ConsumerStrategy(
    findClient,
    (token, done) => done(null, requestTokens.get(token)?.secret),
    checkNonce,
  );
  const bearer = new TokenStrategy(
    findClient,
    (token, done) => done(null, tokens.has(token) && 'ada', tokens.get(token)),
    checkNonce,
  );
  const server = oauthorize.createServer();
  const app = express()
    .set('query parser', 'extended')
    .use(express.urlencoded({ extended: false }));
  app.all(
    '/request',
    authenticate(consumer),
    server.requestToken((_client, callback, done) => {
      const [token, tokenSecret] = [fresh('rt'), fresh('rs')];
      requestTokens.set(token, { secret: tokenSecret, callback });
      done(null, token, tokenSecret);
    }),
  );
  app.get('/authorize', (request, response) => {
    const token = String(request.query['oauth_token']);
    const issued = requestTokens.get(token);
    if (!issued) return void response.sendStatus(400);
    issued.verifier = fresh('verifier');
    const back = new URL(issued.callback);
    back.searchParams.set('oauth_token', token);
    back.searchParams.set('oauth_verifier', issued.verifier);
    response.redirect(back.href);
  });
  app.all(
    '/access',
    authenticate(consumer),
    server.accessToken(
      (token, verifier, done) => done(null, requestTokens.get(token)?.verifier === verifier),
      (_client, requestToken, done) => {
        requestTokens.delete(requestToken);
        const [token, tokenSecret] = [fresh('at'), fresh('as')];
        tokens.set(token, tokenSecret);
        done(null, token, tokenSecret, { user_id: '7' });
      },
    ),
    server.errorHandler(),
  );
  app.all(/^\/api\//, authenticate(bearer), (request, response) => {
    response.json({ method: request.method, query: request.query, body: request.body });
  });
  const listening = createServer(app);
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => listening.close() };
}

/** What `passport.authenticate()` does, for one strategy and without sessions. */
function authenticate(strategy: Strategy): RequestHandler {
  return (request, response, next) => {
    const one = Object.assign(Object.create(strategy) as Strategy, {
      success: (user: unknown, authInfo: unknown) => {
        Object.assign(request, { user, authInfo });
        next();
      },
      fail: (challenge: unknown, status = 401) => {
        if (typeof challenge === 'string') response.setHeader('www-authenticate', challenge);
        response.sendStatus(typeof challenge === 'number' ? challenge : status);
      },
      error: next,
    });
    one.authenticate(request);
  };
}
