import { OAuthError } from '../../../model/errors.js';
import type { OAuth2Token } from '../../../model/types.js';
import type { DpopKey } from './proof.js';

type Body = Record<string, unknown>;

/**
 * Reads a token response whose token must be DPoP-bound. A bearer token is rejected, because any party
 * who steals it could use it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9449#section-5
 */
export function readBoundType(
  body: Body,
  read: (body: Body) => OAuth2Token,
  { jwk }: DpopKey,
): OAuth2Token {
  const { token_type: type } = body;
  const name = typeof type === 'string' ? type.toLowerCase() : undefined;
  // RFC 8693 §2.2.1: a token that is not an access token is not bound.
  if (name === 'n_a') return read(body);
  if (name !== 'dpop') {
    throw new OAuthError(
      'unsupported_token_type',
      'The provider did not bind the token: its "token_type" is not "DPoP" (RFC 9449 §5). ' +
        'The token was discarded. If the provider does not support DPoP, remove the option ' +
        '"dpop".',
    );
  }
  return {
    ...read({ ...body, token_type: 'Bearer' }),
    token_type: 'DPoP',
    ...(jwk ? { dpop_key: jwk } : {}),
  };
}
