import { isUnavailable } from '../../platform/http/unavailable.js';
import { requestDocument } from './documents.js';
import { readObject } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import type {
  ClientRegistration,
  ServerResponse,
  ServerContext,
  ServerLocator,
  ServerRegistration,
  ServerTools,
} from '../../options/register-options.js';
import type { ChosenServer } from '../../model/types.js';

/**
 * Registers an application at an instance with Mastodon's own API.
 *
 * @see https://docs.joinmastodon.org/methods/apps/#create
 */
export async function registerApp(
  { options, redirectUris, scope, clientMetadata }: ServerRegistration,
  tools: ServerTools,
): Promise<ClientRegistration> {
  const { client_name: name, client_uri: website } = clientMetadata;
  const body = new URLSearchParams({
    client_name: typeof name === 'string' ? name : new URL(redirectUris[0] ?? 'app:').host,
    redirect_uris: redirectUris.join('\n'),
    scopes: scope,
  });
  if (typeof website === 'string') body.set('website', website);
  const response = await requestDocument(tools, {
    what: 'registration of the application',
    url: `${String(options['apiBaseUrl'])}apps`,
    method: 'POST',
    body,
  });
  const { client_id: id, client_secret: secret } = jsonBody(response);
  if (typeof id === 'string' && id !== '' && typeof secret === 'string' && secret !== '') {
    return { client_id: id, client_secret: secret, redirect_uris: redirectUris, scope };
  }
  throw new OAuthError(
    isUnavailable(response) ? 'provider_unavailable' : 'invalid_server',
    `The server rejected the registration of the application (HTTP ${response.status}): it ` +
      'may be down, or not a Mastodon server. Ask the user for another.',
    { providerStatus: response.status },
  );
}

function jsonBody({ text }: ServerResponse): Record<string, unknown> {
  return readObject(text) ?? {};
}

/** Metadata of newer instances (4.3); older ones have fixed paths. */
const endpoints = {
  authorizeUrl: 'authorization_endpoint',
  accessTokenUrl: 'token_endpoint',
  revocationEndpoint: 'revocation_endpoint',
} as const;

async function describe(
  _server: ChosenServer,
  { options, ...tools }: ServerContext,
): Promise<Record<string, unknown>> {
  const { origin } = new URL(String(options['authorizeUrl']));
  const document = await requestDocument(tools, {
    what: 'metadata document',
    url: `${origin}/.well-known/oauth-authorization-server`,
    redirects: 3,
  });
  const metadata = jsonBody(document);
  const own = (url: unknown): boolean => typeof url === 'string' && url.startsWith(`${origin}/`);
  if (document.status !== 200 || metadata['issuer'] !== options['issuer']) return {};
  const found = Object.entries(endpoints).map(([option, field]) => [option, metadata[field]]);
  return Object.fromEntries(found.filter(([, url]) => own(url)));
}

/**
 * Requests a token of the client's own. Instances delete clients without tokens after a day: the
 * token prevents that, or the request shows that the client is gone.
 */
async function knowsClient(
  client: ClientRegistration,
  { request, options }: ServerContext,
): Promise<boolean> {
  const response = await request({
    what: 'token endpoint',
    url: String(options['accessTokenUrl']),
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client.client_id,
      client_secret: client.client_secret ?? '',
      scope: String(client['scope'] ?? ''),
    }),
  });
  return jsonBody(response)['error'] !== 'invalid_client';
}

export const serverLocator: ServerLocator = { describe, registerClient: registerApp, knowsClient };
