import { toBase64, toBytes } from '../encoding.js';
import { OAuthError } from '../errors.js';
import type { RegisterOptions } from '../option-types.js';
import type { ServerMetadata } from './metadata.js';

/** A token request on its way out, as a client authentication method may edit it. */
export interface TokenRequest {
  headers: Headers;
  body: URLSearchParams;
}

/** Proves to the token endpoint that a request comes from this client (RFC 6749 §2.3). */
export type ClientAuth = (request: TokenRequest) => void | Promise<void>;

/** Chooses how a client proves who it is. */
export function createClientAuth(
  options: Readonly<RegisterOptions>,
  metadata: ServerMetadata,
): ClientAuth {
  const { clientId = '', clientSecret, clientAuthMethods = {} } = options;
  const method = options.tokenEndpointAuthMethod ?? defaultMethod(clientSecret, metadata);
  if (Object.hasOwn(clientAuthMethods, method)) {
    return (request) => clientAuthMethods[method]?.(request, { clientId, clientSecret });
  }
  switch (method) {
    case 'client_secret_basic':
      return ({ headers }) => headers.set('authorization', basic(clientId, clientSecret ?? ''));
    case 'client_secret_post':
      return ({ body }) => {
        body.set('client_id', clientId);
        body.set('client_secret', clientSecret ?? '');
      };
    case 'none':
      return ({ body }) => body.set('client_id', clientId);
    default:
      throw new OAuthError('invalid_options', `There is no client authentication "${method}".`);
  }
}

/**
 * Without a secret there is nothing to prove. With one it goes into HTTP Basic, which every server must
 * know (RFC 6749 §2.3.1), unless the metadata says that this one takes it in the body only.
 */
function defaultMethod(clientSecret: string | undefined, metadata: ServerMetadata): string {
  if (clientSecret === undefined) return 'none';
  const supported = metadata['token_endpoint_auth_methods_supported'];
  const bodyOnly =
    Array.isArray(supported) &&
    supported.includes('client_secret_post') &&
    !supported.includes('client_secret_basic');
  return bodyOnly ? 'client_secret_post' : 'client_secret_basic';
}

/**
 * Writes the Basic credentials, form-encoded first as RFC 6749 §2.3.1 asks. The form serialiser leaves
 * `A-Z a-z 0-9 - . _ *` alone, so that servers which forget to decode still understand most secrets.
 */
function basic(clientId: string, clientSecret: string): string {
  return `Basic ${toBase64(toBytes(`${formEncode(clientId)}:${formEncode(clientSecret)}`))}`;
}

function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
