import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

type Json = Record<string, unknown>;

/** An instance of a social network on this machine: it speaks Mastodon's API and OAuth 2. */
export interface Instance {
  /** As a person gives it in a test: `http://127.0.0.1:1234`. */
  origin: string;
  /** The host with its port. */
  host: string;
  requests: {
    method: string;
    path: string;
    form: URLSearchParams;
    headers: IncomingMessage['headers'];
  }[];
  /** The applications it knows, by client id. */
  apps: Map<string, { secret: string; redirectUris: string[]; scopes: string }>;
  /** The profile, or what is laid over it. */
  profile: Json;
  /** Laid over token answers. */
  token: Json;
  /** The metadata document; without one it is a server of the old kind. */
  metadata: Json | undefined;
  /** Replaces the answer of a path. */
  replace: Map<string, { status: number; headers?: Record<string, string>; body?: string }>;
  count(path: string): number;
  last(path: string): Instance['requests'][number];
  close(): Promise<void>;
}

/** Starts an instance on a free port of 127.0.0.1 that approves every login at once. */
export async function startInstance(): Promise<Instance> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const codes = new Map<string, URLSearchParams>();
  let made = 0;
  const instance: Instance = {
    origin: `http://${host}`,
    host,
    requests: [],
    apps: new Map(),
    profile: {},
    token: {},
    metadata: undefined,
    replace: new Map(),
    count: (path) => instance.requests.filter((request) => request.path === path).length,
    last(path) {
      const found = instance.requests.findLast((request) => request.path === path);
      if (!found) throw new Error(`Nothing was asked of ${path}.`);
      return found;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  function register(form: URLSearchParams): [number, Json] {
    const id = `client-${(made += 1)}-at-${host}`;
    const redirectUris = (form.get('redirect_uris') ?? '').split('\n');
    const app = { secret: `secret-of-${id}`, redirectUris, scopes: form.get('scopes') ?? 'read' };
    if (!form.get('client_name')) return [422, { error: 'Validation failed' }];
    instance.apps.set(id, app);
    return [
      200,
      {
        id: String(made),
        name: form.get('client_name'),
        website: form.get('website'),
        scopes: app.scopes.split(' '),
        redirect_uri: redirectUris.join('\n'),
        redirect_uris: redirectUris,
        client_id: id,
        client_secret: app.secret,
        client_secret_expires_at: 0,
        vapid_key: 'key',
      },
    ];
  }

  function isClient(form: URLSearchParams): boolean {
    const app = instance.apps.get(form.get('client_id') ?? '');
    return app !== undefined && app.secret === form.get('client_secret');
  }

  function token(form: URLSearchParams): [number, Json] {
    if (!isClient(form)) return [401, { error: 'invalid_client' }];
    const asked = codes.get(form.get('code') ?? '');
    const verifier = createHash('sha256').update(form.get('code_verifier') ?? '');
    const right =
      asked?.get('client_id') === form.get('client_id') &&
      verifier.digest('base64url') === asked?.get('code_challenge');
    if (form.get('grant_type') === 'authorization_code' && !right)
      return [400, { error: 'invalid_grant' }];
    const fresh = { access_token: `at-${host}-${(made += 1)}`, token_type: 'Bearer' };
    return [200, { ...fresh, scope: 'read:accounts', created_at: 1, ...instance.token }];
  }

  function answer(method: string, url: URL, form: URLSearchParams): [number, Json] {
    if (url.pathname === '/api/v1/apps' && method === 'POST') return register(form);
    if (url.pathname === '/oauth/token') return token(form);
    if (url.pathname === '/oauth/revoke') return [isClient(form) ? 200 : 403, {}];
    if (url.pathname === '/.well-known/oauth-authorization-server' && instance.metadata)
      return [200, instance.metadata];
    if (url.pathname === '/api/v1/accounts/verify_credentials') {
      const base = { id: '1', username: 'alice', acct: 'alice', display_name: 'Alice' };
      const uri = `http://${host}/users/alice`;
      return [200, { ...base, uri, url: `http://${host}/@alice`, ...instance.profile }];
    }
    if (url.pathname.startsWith('/api/')) return [200, { here: host }];
    return [404, { error: 'Record not found' }];
  }

  server.on('request', (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '', instance.origin);
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      const { method = '', headers } = request;
      instance.requests.push({ method, path: url.pathname, form, headers });
      const replaced = instance.replace.get(url.pathname);
      if (replaced)
        return void response.writeHead(replaced.status, replaced.headers).end(replaced.body);
      if (url.pathname === '/oauth/authorize') {
        const app = instance.apps.get(url.searchParams.get('client_id') ?? '');
        const redirectUri = url.searchParams.get('redirect_uri') ?? '';
        if (!app?.redirectUris.includes(redirectUri)) {
          return void response
            .writeHead(401, { 'content-type': 'text/html' })
            .end('unknown client');
        }
        const code = `code-${codes.size}-${host}`;
        codes.set(code, url.searchParams);
        const back = new URLSearchParams({ code, state: url.searchParams.get('state') ?? '' });
        return void response
          .writeHead(302, {
            location: `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${back}`,
          })
          .end();
      }
      const [status, body] = answer(method, url, form);
      return void response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify(body));
    });
  });
  return instance;
}
