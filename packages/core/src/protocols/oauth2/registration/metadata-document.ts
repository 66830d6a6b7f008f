import { OAuthError } from '../../../model/errors.js';
import type { ClientMetadata } from './register.js';

/**
 * Creates the client metadata document to serve at the URL that is the `clientId`, so that
 * providers need no registration. Serve it as `application/json`. The default `client_name` is the
 * host of that URL: providers reject documents without a name.
 *
 * @throws OAuthError `invalid_options` for a URL or metadata that no provider may accept
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
      ? 'A client-id metadata document is public, so it cannot have a secret: use "none" or ' +
          '"private_key_jwt".'
      : 'The client id of a metadata document must be an https URL with a path, without "." ' +
          'or ".." segments, fragment or user information.',
  );
}
