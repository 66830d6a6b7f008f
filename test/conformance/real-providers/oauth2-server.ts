import OAuth2Server from '@node-oauth/oauth2-server';
import express, { type Request, type Response } from 'express';
import { serve, type PlainProvider, type PlainRegistration } from './plain-provider.js';

/** Starts a provider made of @node-oauth/oauth2-server, which reads Basic without decoding it. */
export async function startOAuth2Server(registered: PlainRegistration): Promise<PlainProvider> {
  const codes = new Map<string, OAuth2Server.AuthorizationCode>();
  const tokens = new Map<string, OAuth2Server.Token>();
  const client: OAuth2Server.Client = {
    id: registered.clientId,
    redirectUris: [registered.redirectUri],
    grants: ['authorization_code', 'refresh_token', 'client_credentials'],
  };
  const user = { id: 'user-1' };
  type Model = OAuth2Server.AuthorizationCodeModel &
    OAuth2Server.RefreshTokenModel &
    OAuth2Server.ClientCredentialsModel;
  const model: Model = {
    getClient: async (id, secret) =>
      id === registered.clientId && (!secret || secret === registered.clientSecret) && client,
    saveAuthorizationCode: async (code, by, whose) => {
      const saved = { ...code, client: by, user: whose };
      codes.set(code.authorizationCode, saved);
      return saved;
    },
    getAuthorizationCode: async (code) => codes.get(code),
    revokeAuthorizationCode: async ({ authorizationCode }) => codes.delete(authorizationCode),
    saveToken: async (token, by, whose) => {
      const saved = { ...token, client: by, user: whose };
      tokens.set(token.accessToken, saved);
      return saved;
    },
    getAccessToken: async (token) => tokens.get(token),
    getRefreshToken: async (wanted) => {
      const found = [...tokens.values()].find(({ refreshToken }) => refreshToken === wanted);
      return found && { ...found, refreshToken: wanted };
    },
    revokeToken: async ({ refreshToken }) => {
      const found = [...tokens.values()].find((token) => token.refreshToken === refreshToken);
      return found !== undefined && tokens.delete(found.accessToken);
    },
    getUserFromClient: async () => user,
    validateScope: async (_user: unknown, _client: unknown, scope?: string[]) =>
      !scope?.includes('forbidden') && (scope ?? ['read']),
    verifyScope: async () => true,
  } as Model;
  const server = new OAuth2Server({ model, accessTokenLifetime: 3600 });

  /** Has the package answer; what it refuses stands in its answer, too. */
  const answering =
    (handle: (req: OAuth2Server.Request, res: OAuth2Server.Response) => Promise<unknown>) =>
    async (req: Request, res: Response): Promise<void> => {
      const { headers, method, query, body = {} } = req;
      const request = new OAuth2Server.Request({ headers, method, query, body } as never);
      const answer = new OAuth2Server.Response(res);
      const result = await handle(request, answer).catch(
        (error: Error & { code?: number }) => error,
      );
      const status = result instanceof Error ? (result as { code?: number }).code : undefined;
      res.set(answer.headers ?? {});
      if (answer.status === 302) res.status(302).end();
      else res.status(status ?? 200).send(answered(answer, result));
    };

  const answered = ({ body }: OAuth2Server.Response, result: unknown): unknown =>
    Object.keys((body ?? {}) as object).length > 0 ? body : result;

  const app = express();
  app.use(express.urlencoded({ extended: false }));
  const authenticateHandler = { handle: async () => user };
  app.get(
    '/authorize',
    answering((req, res) => server.authorize(req, res, { authenticateHandler })),
  );
  app.post(
    '/token',
    answering((req, res) => server.token(req, res)),
  );
  app.get(
    '/api',
    answering(async (req, res) => {
      const { scope } = await server.authenticate(req, res);
      return { scope: [scope ?? []].flat().join(' ') };
    }),
  );
  return { ...(await serve(app)), forget: (token) => void tokens.delete(token) };
}
