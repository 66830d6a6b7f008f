import { OAuthError } from '../../model/errors.js';

/**
 * Makes the `clientId` of an application of the AT Protocol that is being developed on this machine, and
 * has no address that servers could read its metadata from.
 *
 * @param redirectUri at `http://127.0.0.1` or `http://[::1]`; any port fits later
 * @param scope what the application may ask for, space separated
 * @throws OAuthError `invalid_options`
 * @see https://atproto.com/specs/oauth#localhost-client-development
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
    'The redirect URI of an application on this machine begins with "http://127.0.0.1" or "http://[::1]"; ' +
      '"localhost" is the name of the client. Elsewhere, serve a client metadata document.',
  );
}
