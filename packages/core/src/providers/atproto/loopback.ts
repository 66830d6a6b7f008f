import { OAuthError } from '../../model/errors.js';

/**
 * Creates the `clientId` of an AT Protocol application in development, whose metadata is not
 * publicly reachable.
 *
 * @param redirectUri at `http://127.0.0.1` or `http://[::1]`; any port is accepted later
 * @param scope the scope the application may request, space-separated
 * @throws OAuthError `invalid_options`
 */
export function atprotoLoopbackClientId(
  redirectUri: string,
  scope = 'atproto transition:generic',
): string {
  const url = URL.canParse(redirectUri) ? new URL(redirectUri) : undefined;
  if (url?.protocol === 'http:' && /^(127\.0\.0\.1|\[::1\])$/.test(url.hostname)) {
    return `http://localhost?${new URLSearchParams({ redirect_uri: redirectUri, scope })}`;
  }
  throw new OAuthError(
    'invalid_options',
    'A loopback redirect URI must begin with "http://127.0.0.1" or "http://[::1]"; ' +
      '"localhost" is reserved for the client id. For other redirect URIs, serve a client ' +
      'metadata document.',
  );
}
