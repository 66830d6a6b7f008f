import { createHash, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import express, { type Request, type RequestHandler } from 'express';
import { serve, type PlainProvider, type PlainRegistration } from './plain-provider.js';

type Done = (error: unknown, ...results: unknown[]) => void;

/** What oauth2orize hands on of an authorization request; oauth2orize-pkce adds the challenge. */
interface Asked {
  scope?: string[];
  codeChallenge?: string;
  codeChallengeMethod?: string;
}
interface Server {
  grant(module: object): void;
  exchange(module: object): void;
  token(): RequestHandler;
  authorization(
    validate: (clientId: string, redirectUri: string, done: Done) => void,
    immediate: (client: unknown, user: unknown, done: Done) => void,
  ): RequestHandler;
}
interface OAuth2orize {
  createServer(): Server;
  TokenError: new (message: string, code: string) => Error;
  errorHandler(options?: { mode: 'indirect' }): RequestHandler;
  grant: Record<
    'code',
    (
      issue: (c: unknown, uri: string, u: unknown, a: unknown, asked: Asked, done: Done) => void,
    ) => object
  >;
  exchange: {
    code(issue: (c: unknown, code: string, uri: string, body: Form, done: Done) => void): object;
    refreshToken(issue: (c: unknown, token: string, s: unknown, done: Done) => void): object;
    clientCredentials(issue: (c: unknown, scope: string[] | undefined, done: Done) => void): object;
  };
}
type Form = Record<string, string>;

const load = createRequire(import.meta.url);
const oauth2orize = load('oauth2orize') as OAuth2orize;
const pkce = load('oauth2orize-pkce') as { extensions(): object };

/** Starts a provider made of oauth2orize, whose users read Basic without decoding it. */
export async function startOAuth2orize(registered: PlainRegistration): Promise<PlainProvider> {
  const server = oauth2orize.createServer();
  const codes = new Map<string, Asked & { redirectUri: string }>();
  const refreshTokens = new Map<string, string>();
  const accessTokens = new Map<string, string>();

  /** Access token, refresh token and the rest of an answer. */
  function issue(scope: string, done: Done, refreshable = true): void {
    const accessToken = randomUUID();
    accessTokens.set(accessToken, scope);
    const refreshToken = refreshable ? randomUUID() : null;
    if (refreshToken !== null) refreshTokens.set(refreshToken, scope);
    done(null, accessToken, refreshToken, { expires_in: 3600, ...(scope ? { scope } : {}) });
  }

  server.grant(pkce.extensions());
  server.grant(
    oauth2orize.grant.code((_client, redirectUri, _user, _answer, asked, done) => {
      if (asked.scope?.includes('forbidden')) return done(null, false);
      const code = randomUUID();
      codes.set(code, { ...asked, redirectUri });
      done(null, code);
    }),
  );
  server.exchange(
    oauth2orize.exchange.code((_client, code, redirectUri, body, done) => {
      const asked = codes.get(code);
      codes.delete(code);
      const verifier = createHash('sha256').update(body['code_verifier'] ?? '');
      const proven =
        asked?.codeChallengeMethod === 'S256' &&
        asked.codeChallenge === verifier.digest('base64url');
      if (!asked || asked.redirectUri !== redirectUri || !proven) return done(null, false);
      issue((asked.scope ?? []).join(' '), done);
    }),
  );
  server.exchange(
    oauth2orize.exchange.refreshToken((_client, token, _scope, done) => {
      const scope = refreshTokens.get(token);
      refreshTokens.delete(token);
      if (scope === undefined) return done(null, false);
      issue(scope, done);
    }),
  );
  server.exchange(
    oauth2orize.exchange.clientCredentials((_client, scope, done) =>
      issue((scope ?? []).join(' '), done, false),
    ),
  );

  const app = express();
  const named = (clientId: unknown, secret: unknown): boolean =>
    clientId === registered.clientId && secret === registered.clientSecret;
  app.get(
    '/authorize',
    (req, _res, next) => {
      Object.assign(req, { user: { id: 'user-1' } });
      next();
    },
    server.authorization(
      (clientId, redirectUri, done) => {
        const known = clientId === registered.clientId && redirectUri === registered.redirectUri;
        done(null, known && registered, redirectUri);
      },
      (_client, _user, done) => done(null, true),
    ),
    oauth2orize.errorHandler({ mode: 'indirect' }) as unknown as RequestHandler,
  );
  app.post(
    '/token',
    express.urlencoded({ extended: false }),
    (req, _res, next) => {
      const [id, secret] = readBasic(req) ?? [req.body.client_id, req.body.client_secret];
      if (named(id, secret)) return next(void Object.assign(req, { user: registered }));
      next(
        Object.assign(new oauth2orize.TokenError('Who is it?', 'invalid_client'), { status: 401 }),
      );
    },
    server.token(),
    oauth2orize.errorHandler() as unknown as RequestHandler,
  );
  app.get('/api', (req, res) => {
    const scope = accessTokens.get(/^Bearer (.+)$/.exec(req.get('authorization') ?? '')?.[1] ?? '');
    if (scope === undefined)
      return void res.status(401).set('www-authenticate', 'Bearer error="invalid_token"').end();
    res.json({ scope });
  });
  return { ...(await serve(app)), forget: (token) => void accessTokens.delete(token) };
}

/** HTTP Basic as most applications of it read it: split at the first colon, and not decoded. */
function readBasic(req: Request): [string, string] | undefined {
  const [, encoded] = /^Basic (.+)$/i.exec(req.get('authorization') ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString();
  const colon = pair.indexOf(':');
  return [pair.slice(0, colon), pair.slice(colon + 1)];
}
