import { OAuthError } from '../../model/errors.js';
import type { OAuth1Token } from '../../model/types.js';
import { requireUrl, type OAuth1Context } from './context.js';
import { readTokenCredentials } from './credentials.js';
import { signerOf } from './client-signer.js';
import { sessionHandle } from './session-handle.js';
import { requestCredentials } from './token-request.js';

/** Problems which mean that the session has ended. */
const over: readonly string[] = [
  'token_rejected',
  'token_revoked',
  'token_expired',
  'token_used',
  'permission_denied',
  'permission_unknown',
  'session_expired',
];

/**
 * Renews a token with its session handle. Fields missing from the response, such as the handle,
 * remain.
 *
 * @see https://oauth.googlecode.com/svn/spec/ext/session/1.0/drafts/1/spec.html
 */
export async function refreshToken(
  context: OAuth1Context,
  token: OAuth1Token,
): Promise<OAuth1Token> {
  const { refreshTokenUrl, refreshTokenParams } = context.options;
  const handle = sessionHandle(token);
  if (handle === undefined) {
    throw new OAuthError(
      'missing_token',
      'The token has no "oauth_session_handle", so it cannot be renewed. Start a new login ' +
        'if the API rejects it; with most providers it is valid until it is revoked.',
    );
  }
  const url = requireUrl(
    context,
    refreshTokenUrl === undefined ? 'accessTokenUrl' : 'refreshTokenUrl',
  );
  const params = { ...refreshTokenParams, oauth_session_handle: handle };
  const what = 'access token endpoint';
  const response = await requestCredentials(context, { url, params, what }, signerOf(token));
  const {
    oauth_expires_in: _lifetime,
    expires_at: _expiry,
    expires_unreadable: _unreadable,
    ...rest
  } = token;
  try {
    return { ...rest, ...readTokenCredentials(response, what, context.warn) };
  } catch (error) {
    throw error instanceof OAuthError ? asInvalidGrant(error) : error;
  }
}

/** Maps an ended session to `invalid_grant` (RFC 6749 §5.2): a new login is required. */
function asInvalidGrant(error: OAuthError): OAuthError {
  if (!over.includes(error.error ?? '')) return error;
  const { providerStatus, error: problem, error_description } = error;
  return new OAuthError(
    'invalid_grant',
    'The provider no longer renews this token. Start a new login for this user.',
    { providerStatus, error: problem, error_description },
  );
}
