import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signJws } from './provider/index.js';

type Json = Record<string, unknown>;

/** An MCP server and its authorization server on one machine; every answer can be replaced. */
export interface McpWorld {
  origin: string;
  /** The protected resource. */
  resource: string;
  /** The authorization server's issuer. */
  issuer: string;
  /** Laid over the right documents, by name. */
  change: Partial<Record<'challenge' | 'resource' | 'server', Json | null>>;
  /** Replaces the answer of a path. */
  replace: Map<string, { status: number; headers?: Record<string, string>; body?: string }>;
  /** The status of a GET at the resource that says nothing of a token. */
  getStatus: number | undefined;
  /** Refuses scopes that a client was not registered for, as the servers of the official SDKs did. */
  strictScope: boolean;
  /** The claims of access tokens; without any, they cannot be read. */
  accessToken: Json | undefined;
  requests: {
    path: string;
    text: string;
    form: URLSearchParams;
    headers: IncomingMessage['headers'];
  }[];
  paths(): string[];
  last(path: string): McpWorld['requests'][number];
  close(): Promise<void>;
}

export async function startMcp(): Promise<McpWorld> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const codes = new Map<string, URLSearchParams>();
  const clients = new Map<string, Json>();
  const world: McpWorld = {
    origin,
    resource: `${origin}/mcp`,
    issuer: `${origin}/as`,
    change: {},
    replace: new Map(),
    getStatus: undefined,
    strictScope: false,
    accessToken: undefined,
    requests: [],
    paths: () => world.requests.map(({ path }) => path),
    last(path) {
      const found = world.requests.findLast((request) => request.path === path);
      if (!found) throw new Error(`Nothing was asked of ${path}.`);
      return found;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const metadata = '/.well-known/oauth-authorization-server/as';
  const documents: Record<string, () => Json> = {
    '/.well-known/oauth-protected-resource/mcp': () => ({
      resource: world.resource,
      authorization_servers: [world.issuer],
      scopes_supported: ['files:read', 'files:write'],
      ...world.change.resource,
    }),
    [metadata]: () => ({
      issuer: world.issuer,
      authorization_endpoint: `${world.issuer}/authorize`,
      token_endpoint: `${world.issuer}/token`,
      registration_endpoint: `${world.issuer}/register`,
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none'],
      authorization_response_iss_parameter_supported: true,
      ...world.change.server,
    }),
  };

  function registered(asked: Json): Json {
    const secret = asked['token_endpoint_auth_method'] === 'none' ? {} : { client_secret: 'given' };
    const client = { client_id: `client-${world.requests.length}`, ...secret, ...asked };
    clients.set(client.client_id, client);
    return client;
  }

  function tokenAnswer(form: URLSearchParams): Json {
    const asked = codes.get(form.get('code') ?? '');
    const verifier = createHash('sha256').update(form.get('code_verifier') ?? '');
    const bound = verifier.digest('base64url') === asked?.get('code_challenge');
    const isCode = form.get('grant_type') === 'authorization_code';
    const client = form.get('client_id') ?? asked?.get('client_id');
    if (isCode && !(bound && client === asked?.get('client_id'))) return { error: 'invalid_grant' };
    const accessToken =
      world.accessToken === undefined
        ? 'opaque-token'
        : signJws(world.accessToken, { alg: 'HS256', typ: 'at+jwt' }, 'key');
    return { access_token: accessToken, token_type: 'Bearer', refresh_token: 'rt', expires_in: 60 };
  }

  server.on('request', (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '', origin);
      const text = Buffer.concat(chunks).toString();
      const form = new URLSearchParams(text);
      world.requests.push({ path: url.pathname, text, form, headers: request.headers });
      const json = (body: Json, status = 200): void => {
        response
          .writeHead(status, { 'content-type': 'application/json' })
          .end(JSON.stringify(body));
      };
      const replaced = world.replace.get(url.pathname);
      const document = documents[url.pathname];
      const silent = url.pathname === '/mcp' && request.method === 'GET' && world.getStatus;
      if (silent) response.writeHead(silent).end();
      else if (replaced) response.writeHead(replaced.status, replaced.headers).end(replaced.body);
      else if (document) json(document());
      else if (url.pathname === '/as/register') json(registered(JSON.parse(text) as Json), 201);
      else if (url.pathname === '/as/authorize') {
        const code = `code-${codes.size}`;
        codes.set(code, url.searchParams);
        const known = String(clients.get(url.searchParams.get('client_id') ?? '')?.['scope']);
        const asked = url.searchParams.get('scope')?.split(' ') ?? [];
        const unknown = world.strictScope && asked.some((one) => !known.split(' ').includes(one));
        const answer = new URLSearchParams({ iss: String(documents[metadata]?.()['issuer']) });
        if (unknown) answer.set('error', 'invalid_scope');
        else answer.set('code', code);
        answer.set('state', url.searchParams.get('state') ?? '');
        const target = `${url.searchParams.get('redirect_uri')}?${answer}`;
        response.writeHead(302, { location: target }).end();
      } else if (url.pathname === '/as/token') {
        const body = tokenAnswer(form);
        json(body, 'error' in body ? 400 : 200);
      } else if (url.pathname === '/mcp' && request.headers.authorization === undefined) {
        const announced = `${origin}/.well-known/oauth-protected-resource/mcp`;
        const right = { resource_metadata: announced, scope: 'files:read' };
        const params = Object.entries({ ...right, ...world.change.challenge });
        const challenge = params.map(([name, value]) => `${name}="${String(value)}"`).join(', ');
        const headers: Record<string, string> =
          world.change.challenge === null ? {} : { 'www-authenticate': `Bearer ${challenge}` };
        response.writeHead(401, headers).end();
      } else if (url.pathname === '/mcp') json({ ok: true });
      else json({}, 404);
    });
  });
  return world;
}
