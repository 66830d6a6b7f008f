import { callbackPath } from '../options/client-name.js';
import { internalsOf, type FrameworkClient } from './client.js';
import { textUrls } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import { clientIdMetadata } from '../protocols/oauth2/registration/metadata-document.js';
import { applicationType, type ClientMetadata } from '../protocols/oauth2/registration/register.js';
import { scopeText } from '../platform/scope.js';
import type { RegisterOptions } from '../options/register-options.js';
import { readPrivateKey } from '../options/private-key.js';
import { resolveRedirectUri } from './api-request.js';
import type { Token } from '../model/types.js';

/**
 * Creates the client metadata document that a client serves at its `clientId` URL (or its
 * `clientIdMetadataUrl`), from its options: scope, public key, token binding, and the redirect URI
 * below `baseUrl`. Default `client_name`: the host of that URL. Serve it as `application/json`.
 *
 * @example
 * ```ts
 * app.get('/oauth/client.json', async (_req, res) => {
 *   res.json(await clientDocument(oauth.bluesky, { client_name: 'My app' }));
 * });
 * ```
 * @param given further client metadata (RFC 7591 §2), which overrides the derived values
 * @throws OAuthError `invalid_options` for a client that no such document can describe
 * @see https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/
 */
export async function clientDocument<T extends Token>(
  client: FrameworkClient<T>,
  given: ClientMetadata = {},
): Promise<ClientMetadata & { client_id: string }> {
  const more = textUrls(given) as ClientMetadata;
  const { options, registry } = internalsOf(client);
  const clientId = options.clientIdMetadataUrl ?? options.clientId ?? '';
  const redirectUri = resolveRedirectUri(callbackPath(client.name), registry.baseUrl);
  if (redirectUri === undefined && more.redirect_uris === undefined) {
    throw new OAuthError(
      'invalid_options',
      'The document must contain the redirect URIs of the client: give the registry a "baseUrl", or pass "redirect_uris".',
    );
  }
  const { redirect_uris: redirectUris = [redirectUri] } = { ...options.clientMetadata, ...more };
  return clientIdMetadata(clientId, {
    ...applicationType([redirectUris].flat()),
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    ...(redirectUri === undefined ? {} : { redirect_uris: [redirectUri] }),
    ...(URL.canParse(clientId) ? { client_uri: `${new URL(clientId).origin}/` } : {}),
    ...(options.scope === undefined ? {} : { scope: scopeText(options.scope) ?? '' }),
    ...(await authentication(options)),
    ...(options.dpop === true || options.dpopKey !== undefined
      ? { dpop_bound_access_tokens: true }
      : {}),
    ...options.clientMetadata,
    ...more,
  });
}

/** Authentication metadata of a client without a secret: its key, if it has one. */
async function authentication(options: Readonly<RegisterOptions>): Promise<ClientMetadata> {
  const { privateKey } = options;
  const key = privateKey === undefined ? undefined : readPrivateKey(privateKey);
  const usual = key === undefined ? 'none' : 'private_key_jwt';
  const method = options.tokenEndpointAuthMethod ?? usual;
  if (key === undefined || method !== 'private_key_jwt') {
    return { token_endpoint_auth_method: method };
  }
  const alg = options.tokenEndpointAuthSigningAlg ?? key.algorithms[0] ?? '';
  const { kid } = key;
  const jwk = { ...(await key.publicJwk(alg)), use: 'sig', alg };
  return {
    token_endpoint_auth_method: method,
    token_endpoint_auth_signing_alg: alg,
    jwks: { keys: [kid === undefined ? jwk : { ...jwk, kid }] },
  };
}
