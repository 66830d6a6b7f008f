import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { OAuth2Token } from '@oauth-registry/core';
import type {
  AuthorizationRequest,
  ExchangeOptions,
  FrameworkClient,
} from '@oauth-registry/core/types';
import type { ClientMetadata, Configuration, default as Provider } from 'oidc-provider';
import { Browser } from '../../support/browser.js';
import { redirectUri } from '../../support/login.js';
import { testKey } from '../../support/provider/keys.js';

/** A running `oidc-provider`, which logs `user-1` in and consents at once. */
export interface RealProvider {
  issuer: string;
  /** The origin of `mtls`, or the issuer. */
  secureOrigin: string;
  provider: Provider;
  /** Every request that reached it. */
  requests: {
    method: string;
    path: string;
    headers: IncomingMessage['headers'];
    /** Whether it came to the address of `mtls`. */
    tls: boolean;
  }[];
  close(): Promise<void>;
}

export interface RealProviderOptions {
  clients: ClientMetadata[];
  configuration?: Configuration;
  /** Serves https with this, too; the metadata names it in `mtls_endpoint_aliases` (RFC 8705 §5). */
  mtls?: ServerOptions;
  /** Stands in front of every endpoint, to spoil what they answer. */
  spoil?: Parameters<Provider['use']>[0] | undefined;
}

/** Starts the package `oidc-provider` on a free port of this machine. */
export async function startOidcProvider(options: RealProviderOptions): Promise<RealProvider> {
  const server = createServer();
  const secure = options.mtls && createTlsServer(options.mtls);
  const servers = [server, ...(secure ? [secure] : [])];
  for (const one of servers) {
    await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
  }
  const portOf = (one: typeof server): number => (one.address() as AddressInfo).port;
  const issuer = `http://127.0.0.1:${portOf(server)}`;
  const alias = secure && `https://127.0.0.1:${portOf(secure)}`;
  const { warn, info } = console;
  console.warn = console.info = () => undefined; // Advice for production.
  const { default: OidcProvider } = await import('oidc-provider');
  const provider = new OidcProvider(issuer, configure(options, alias));
  if (options.spoil) provider.use(options.spoil);
  const requests: RealProvider['requests'] = [];
  const answer = provider.callback();
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const { method = '', url = '', headers } = request;
    const tls = 'encrypted' in request.socket;
    requests.push({ method, path: url.replace(/\?.*/, ''), headers, tls });
    if (!url.startsWith('/interaction/')) return void answer(request, response);
    logIn(provider, request, response).catch((error: unknown) => response.end(String(error)));
  };
  for (const one of servers) one.on('request', serve);
  Object.assign(console, { warn, info });
  return {
    issuer,
    secureOrigin: alias ?? issuer,
    provider,
    requests,
    close: async () => {
      for (const one of servers) {
        one.closeAllConnections();
        await new Promise((resolve) => one.close(resolve));
      }
    },
  };
}

/** The endpoints a client with a certificate calls. */
const aliased = {
  token_endpoint: '/token',
  userinfo_endpoint: '/me',
  introspection_endpoint: '/token/introspection',
  revocation_endpoint: '/token/revocation',
  pushed_authorization_request_endpoint: '/request',
};

function aliasesAt(origin: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(aliased).map(([name, path]) => [name, `${origin}${path}`]),
  );
}

function configure(
  { clients, configuration = {} }: RealProviderOptions,
  alias: string | undefined,
): Configuration {
  const { features, ...rest } = configuration;
  return {
    clients: clients.map((client) => ({ redirect_uris: [redirectUri], ...client })),
    jwks: { keys: [signingJwk('rsa-1', 'RS256'), signingJwk('ps-1', 'PS256')] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    pkce: { required: () => true },
    conformIdTokenClaims: false,
    ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    claims: { openid: ['sub', 'acr'], email: ['email'] },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({ sub, email: 'ada@example.com' }),
    }),
    ...(alias ? { discovery: { mtls_endpoint_aliases: aliasesAt(alias) } } : {}),
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    ...rest,
    features: { devInteractions: { enabled: false }, ...features },
  };
}

function signingJwk(kid: string, alg: string) {
  const { privateKey } = testKey(`real-${kid}`, { alg });
  return { ...privateKey.export({ format: 'jwk' }), kty: 'RSA', use: 'sig', kid, alg };
}

/** The person is known, and agrees to everything. */
async function logIn(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { params, prompt, session } = await provider.interactionDetails(request, response);
  const clientId = String(params['client_id']);
  if (prompt.name === 'login') {
    const acr = String(params['acr_values'] ?? '').split(' ')[0];
    const login = { accountId: 'user-1', ...(acr ? { acr } : {}) };
    return await provider.interactionFinished(request, response, { login });
  }
  const grant = new provider.Grant({ accountId: session?.accountId ?? 'user-1', clientId });
  grant.addOIDCScope(String(params['scope'] ?? 'openid'));
  const { missingOIDCClaims, missingResourceScopes, rar } = prompt.details as {
    missingOIDCClaims?: string[];
    missingResourceScopes?: Record<string, string[]>;
    rar?: { type: string }[];
  };
  for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {})) {
    grant.addResourceScope(resource, scopes.join(' '));
  }
  grant.addOIDCClaims(missingOIDCClaims ?? []);
  for (const detail of rar ?? []) grant.addRar(detail);
  const consent = { grantId: await grant.save() };
  await provider.interactionFinished(
    request,
    response,
    { consent },
    { mergeWithLastSubmission: true },
  );
}

/** Sends the person to the provider and returns the parameters of the callback. */
export async function visit(request: AuthorizationRequest): Promise<URLSearchParams> {
  const until = (url: URL): boolean => url.href.startsWith(request.redirectUri);
  const { pending, text } = await new Browser().follow(request.url, { until });
  if (!pending) throw new Error(`There was no callback, but this: ${text()}`);
  return pending.form ?? new URLSearchParams(pending.url.search || pending.url.hash.slice(1));
}

/** Logs the person in without a web framework. */
export async function loginAt(
  client: FrameworkClient<OAuth2Token>,
  params: Parameters<typeof client.createAuthorizationUrl>[1] = {},
  options?: ExchangeOptions,
  callback = redirectUri,
): Promise<OAuth2Token> {
  const request = await client.createAuthorizationUrl(callback, params);
  return await client.fetchAccessToken(await visit(request), request, options);
}
