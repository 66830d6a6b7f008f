import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express, { type RequestHandler, type Response } from 'express';

/** The official TypeScript SDK, as it is installed under these names: the oldest ones first. */
export const sdkVersions = [
  'mcp-sdk-1.12',
  'mcp-sdk-1.18',
  'mcp-sdk-1.22',
  'mcp-sdk-1.26',
  'mcp-sdk',
] as const;
export type SdkVersion = (typeof sdkVersions)[number];

/** The part of the SDK's server that these tests use; it is the same in every version. */
interface Sdk {
  mcpAuthRouter(options: object): RequestHandler;
  mcpAuthMetadataRouter(options: object): RequestHandler;
  createOAuthMetadata(options: object): Record<string, unknown>;
  requireBearerAuth(options: object): RequestHandler;
}

interface Client {
  client_id: string;
  client_secret?: string;
  redirect_uris: string[];
  scope?: string;
  [field: string]: unknown;
}

interface AuthorizationParams {
  state?: string;
  scopes?: string[];
  codeChallenge: string;
  redirectUri: string;
}

interface Grant {
  clientId: string;
  scopes: string[];
}

/** An authorization server and a protected MCP server, both made of the SDK's own parts. */
export interface SdkServer {
  origin: string;
  /** The MCP server: a POST to it needs `mcp:tools`, one with `{ "method": "admin" }` also `mcp:admin`. */
  resource: string;
  /** Every client that was registered. */
  clients: Map<string, Client>;
  close(): Promise<void>;
}

/** How the protected resource's metadata is published. */
export type Arrangement = 'combined' | 'apart';

/**
 * Starts the SDK's server on loopback. `combined`: `mcpAuthRouter` alone, whose metadata is about the whole
 * origin. `apart`: the metadata router of a resource server, whose metadata is about the resource.
 */
export async function startSdkServer(
  version: SdkVersion,
  arrangement: Arrangement,
): Promise<SdkServer> {
  const { mcpAuthRouter, mcpAuthMetadataRouter, createOAuthMetadata, requireBearerAuth } =
    await loadSdk(version);
  const app = express();
  const listener = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  const origin = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const resource = `${origin}/mcp`;
  const provider = new MemoryProvider();
  const options = {
    provider,
    issuerUrl: new URL(origin),
    scopesSupported: ['mcp:tools', 'mcp:admin'],
  };
  if (arrangement === 'apart') {
    const oauthMetadata = createOAuthMetadata(options);
    const resourceServerUrl = new URL(resource);
    app.use(
      mcpAuthMetadataRouter({ oauthMetadata, resourceServerUrl, scopesSupported: ['mcp:tools'] }),
    );
  }
  app.use(mcpAuthRouter(options));
  const guard = (requiredScopes: string[]): RequestHandler =>
    requireBearerAuth({ verifier: provider, provider, requiredScopes });
  const [base, admin] = [guard(['mcp:tools']), guard(['mcp:tools', 'mcp:admin'])];
  app.post('/mcp', express.json(), (req, res, next) =>
    ((req.body as { method?: string }).method === 'admin' ? admin : base)(req, res, next),
  );
  app.post('/mcp', (_req, res) => void res.json({ ok: true }));
  return {
    origin,
    resource,
    clients: provider.clients,
    close: async () => {
      listener.closeAllConnections();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

async function loadSdk(version: SdkVersion): Promise<Sdk> {
  const router = `${version}/server/auth/router.js`;
  const bearer = `${version}/server/auth/middleware/bearerAuth.js`;
  return {
    ...((await import(/* @vite-ignore */ router)) as Sdk),
    ...((await import(/* @vite-ignore */ bearer)) as Sdk),
  };
}

/** The SDK's demo provider with refresh tokens, which rotate. */
class MemoryProvider {
  readonly clients = new Map<string, Client>();
  readonly clientsStore = {
    getClient: (id: string): Client | undefined => this.clients.get(id),
    registerClient: (client: Client): Client => {
      this.clients.set(client.client_id, client);
      return client;
    },
  };
  readonly #codes = new Map<string, Grant & { challenge: string }>();
  readonly #access = new Map<string, Grant>();
  readonly #refresh = new Map<string, Grant>();

  authorize(client: Client, params: AuthorizationParams, res: Response): void {
    const code = randomUUID();
    const { scopes = [], codeChallenge: challenge, redirectUri, state } = params;
    this.#codes.set(code, { clientId: client.client_id, scopes, challenge });
    const target = new URL(redirectUri);
    target.searchParams.set('code', code);
    if (state !== undefined) target.searchParams.set('state', state);
    res.redirect(target.href);
  }

  async challengeForAuthorizationCode(_client: Client, code: string): Promise<string> {
    return found(this.#codes.get(code)).challenge;
  }

  async exchangeAuthorizationCode(client: Client, code: string): Promise<object> {
    const grant = found(this.#codes.get(code));
    this.#codes.delete(code);
    return this.#issue(client, grant);
  }

  async exchangeRefreshToken(client: Client, token: string): Promise<object> {
    const grant = found(this.#refresh.get(token));
    this.#refresh.delete(token);
    return this.#issue(client, grant);
  }

  async verifyAccessToken(token: string): Promise<object> {
    const { clientId, scopes } = found(this.#access.get(token));
    return { token, clientId, scopes, expiresAt: Math.floor(Date.now() / 1000) + 60 };
  }

  async revokeToken(): Promise<void> {}

  #issue(client: Client, grant: Grant): object {
    if (client.client_id !== grant.clientId) throw new Error('This grant is of another client.');
    const [access, refresh] = [randomUUID(), randomUUID()];
    this.#access.set(access, grant);
    this.#refresh.set(refresh, grant);
    // The scope is left out: it is the one that was asked for (RFC 6749 §5.1).
    return { access_token: access, token_type: 'bearer', expires_in: 60, refresh_token: refresh };
  }
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('There is no such grant.');
  return value;
}
