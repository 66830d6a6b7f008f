import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json, type Host, type Hosts } from '../../support/hosts.js';

/** A running `@atproto/oauth-provider`, as personal data servers have it, which logs one account in. */
export interface RealAtproto {
  /** The authorization server. */
  server: Host;
  /** The resource server: it answers who called what. */
  resource: Host;
  close(): Promise<void>;
}

/** The part of the package that is wanted here. Its own types bring those of a browser along. */
interface Package {
  JoseKey: { generate(algorithms: string[], kid: string): Promise<object> };
  OAuthProvider: new (options: object) => Provider;
  oauthMiddleware(provider: Provider): (request: IncomingMessage, response: ServerResponse) => void;
}

interface Provider {
  clientManager: { getClient(clientId: string): Promise<object> };
  requestManager: { setAuthorized(requestUri: string, ...more: unknown[]): Promise<string> };
  nextDpopNonce(): string | undefined;
  authenticateRequest(method: string, url: URL, headers: object): Promise<{ sub: string }>;
}

const packageName: string = '@atproto/oauth-provider';

/** What its pages would need, and nothing here does. */
const unused = [
  'createAccount',
  'authenticateAccount',
  'setAuthorizedClient',
  'upsertDeviceAccount',
  'getDeviceAccount',
  'removeDeviceAccount',
  'listDeviceAccounts',
  'resetPasswordRequest',
  'resetPasswordConfirm',
  'verifyHandleAvailability',
  'createDevice',
  'readDevice',
  'updateDevice',
  'deleteDevice',
  'findLexicon',
  'storeLexicon',
  'deleteLexicon',
];

/** Starts the provider of an issuer, for a person who agrees to everything. */
export async function startAtprotoProvider(
  issuer: string,
  account: { sub: string; aud: string },
  hosts: Hosts,
): Promise<RealAtproto> {
  const requests = new Map<string, Record<string, unknown>>();
  const tokens = new Map<string, { data: Record<string, unknown>; refresh: string | null }>();
  const info = (id: string) => {
    const { data, refresh } = tokens.get(id) ?? {};
    return data ? { id, data, account, currentRefreshToken: refresh } : null;
  };
  const find = (
    fits: (token: { data: Record<string, unknown>; refresh: string | null }) => boolean,
  ) => {
    const found = [...tokens].find(([, token]) => fits(token));
    return found ? info(found[0]) : null;
  };
  const store = {
    ...Object.fromEntries(unused.map((name) => [name, () => undefined])),
    getAccount: () => ({ account, authorizedClients: new Map() }),
    createRequest: (id: string, data: Record<string, unknown>) => void requests.set(id, data),
    readRequest: (id: string) => requests.get(id) ?? null,
    updateRequest: (id: string, data: object) =>
      void requests.set(id, { ...requests.get(id), ...data }),
    deleteRequest: (id: string) => void requests.delete(id),
    consumeRequestCode: (code: string) => {
      const [found] = [...requests].filter(([, data]) => data['code'] === code);
      if (!found) return null;
      requests.delete(found[0]);
      return { requestId: found[0], data: found[1] };
    },
    createToken: (id: string, data: Record<string, unknown>, refresh?: string) =>
      void tokens.set(id, { data, refresh: refresh ?? null }),
    readToken: (id: string) => info(id),
    deleteToken: (id: string) => void tokens.delete(id),
    rotateToken: (id: string, fresh: string, refresh: string, data: object) => {
      tokens.set(fresh, { data: { ...tokens.get(id)?.data, ...data }, refresh });
      tokens.delete(id);
    },
    findTokenByRefreshToken: (refresh: string) => find((token) => token.refresh === refresh),
    findTokenByCode: (code: string) => find(({ data }) => data['code'] === code),
    listAccountTokens: () => [],
  };
  const { JoseKey, OAuthProvider, oauthMiddleware } = (await import(packageName)) as Package;
  const provider = new OAuthProvider({
    issuer,
    keyset: [await JoseKey.generate(['ES256'], 'key-1')],
    store,
    safeFetch: hosts.fetch,
    dpopSecret: new Uint8Array(32).fill(1),
  });
  const listener = oauthMiddleware(provider);
  const server = createServer((request, response) => listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** The person agrees at once; there is no page to click on. */
  async function authorize(url: URL): Promise<Response> {
    const requestUri = url.searchParams.get('request_uri') ?? '';
    const id = decodeURIComponent(requestUri.replace('urn:ietf:params:oauth:request_uri:', ''));
    const data = requests.get(id);
    if (!data) return new Response('This request was not pushed.', { status: 400 });
    const deviceId = `dev-${'0'.repeat(32)}`;
    data['deviceId'] = deviceId;
    const client = await provider.clientManager.getClient(url.searchParams.get('client_id') ?? '');
    const parameters = data['parameters'] as Record<string, string>;
    const metadata = { ipAddress: '127.0.0.1', userAgent: 'test', port: 1 };
    const more = [client, account, deviceId, metadata];
    const code = await provider.requestManager.setAuthorized(requestUri, ...more);
    const callback = new URL(parameters['redirect_uri'] ?? '');
    const answers = { code, state: parameters['state'] ?? '', iss: issuer };
    for (const [name, value] of Object.entries(answers)) callback.searchParams.set(name, value);
    return new Response(null, { status: 302, headers: { location: callback.href } });
  }

  return {
    server: async (request) => {
      const url = new URL(request.url);
      if (url.pathname === '/oauth/authorize') return await authorize(url);
      const kept = ['accept', 'content-type', 'dpop', 'authorization'];
      const headers = [...request.headers].filter(([name]) => kept.includes(name));
      const answer = await fetch(here + url.pathname + url.search, {
        method: request.method,
        headers,
        body: request.method === 'POST' ? await request.text() : null,
        redirect: 'manual',
      });
      const passed = ['content-type', 'dpop-nonce', 'location', 'www-authenticate'];
      return new Response(await answer.arrayBuffer(), {
        status: answer.status,
        headers: [...answer.headers].filter(([name]) => passed.includes(name)),
      });
    },
    resource: async (request) => {
      const url = new URL(request.url);
      if (url.pathname === '/.well-known/oauth-protected-resource') {
        return json({ resource: url.origin, authorization_servers: [issuer] });
      }
      const nonce = { 'dpop-nonce': provider.nextDpopNonce() ?? '' };
      try {
        const headers = Object.fromEntries(request.headers);
        const token = await provider.authenticateRequest(request.method, url, headers);
        return json({ sub: token.sub, path: url.pathname }, { headers: nonce });
      } catch (error) {
        const code = String((error as { error?: string }).error);
        const challenge = { 'www-authenticate': `DPoP error="${code}"`, ...nonce };
        return json({ error: code }, { status: 401, headers: challenge });
      }
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
