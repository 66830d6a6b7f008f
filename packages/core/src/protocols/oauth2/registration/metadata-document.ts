import { OAuthError } from '../../../model/errors.js';
import type { ClientMetadata } from './register.js';

/**
 * Makes the document a client serves at the address that is its `clientId`, so that providers know it
 * without a registration. Serve it as `application/json`. Its `client_name` is the host of that address unless
 * you give one: providers refuse documents without it.
 *
 * @throws OAuthError `invalid_options` for an address or metadata that no provider may accept
 * @see https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/
 */
export function clientIdMetadata(
  clientId: string,
  metadata: ClientMetadata,
): ClientMetadata & { client_id: string } {
  const url = URL.canParse(clientId) ? new URL(clientId) : undefined;
  const usable =
    url?.protocol === 'https:' &&
    url.pathname !== '/' &&
    !/#|\/\.\.?(?:\/|$)/.test(clientId) &&
    !url.username &&
    !url.password;
  const { token_endpoint_auth_method: method = 'none' } = metadata;
  const secret = 'client_secret' in metadata || method.startsWith('client_secret_');
  if (usable && !secret) {
    const { host: client_name } = new URL(clientId);
    return { client_name, token_endpoint_auth_method: method, ...metadata, client_id: clientId };
  }
  throw new OAuthError(
    'invalid_options',
    usable
      ? 'A client-id metadata document is public, so it can have no secret: use "none" or "private_key_jwt".'
      : 'The client id of a metadata document is an https URL with a path, without "." or ".." in it, ' +
          'fragment or user information.',
  );
}
