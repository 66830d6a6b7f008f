import { toBase64, toBytes } from '../encoding.js';
import { OAuthError } from '../errors.js';
import type { RegisterOptions } from '../option-types.js';

/** A token request on its way out, as a client authentication method may edit it. */
export interface TokenRequest {
  headers: Headers;
  body: URLSearchParams;
}

/** Proves to the token endpoint that a request comes from this client (RFC 6749 §2.3). */
export type ClientAuth = (request: TokenRequest) => void | Promise<void>;

/**
 * Chooses the client authentication: the configured one, else HTTP Basic with a secret and none
 * without (RFC 8414 §2: `client_secret_basic` is the default).
 */
export function createClientAuth(options: Readonly<RegisterOptions>): ClientAuth {
  const { clientId = '', clientSecret, clientAuthMethods = {} } = options;
  const method =
    options.tokenEndpointAuthMethod ??
    (clientSecret === undefined ? 'none' : 'client_secret_basic');
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
 * Writes the Basic credentials, form-encoded first as RFC 6749 §2.3.1 asks. The form serialiser leaves
 * `A-Z a-z 0-9 - . _ *` alone, so that servers which forget to decode still understand most secrets.
 */
function basic(clientId: string, clientSecret: string): string {
  return `Basic ${toBase64(toBytes(`${formEncode(clientId)}:${formEncode(clientSecret)}`))}`;
}

function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
