import { OAuthError } from '../../model/errors.js';

/**
 * Returns the realm shown to the user: the configured one, which must contain the redirect URI, or
 * the application's origin.
 *
 * @see https://openid.net/specs/openid-authentication-2_0.html#realms
 */
export function realmOf(redirectUri: string, given: string | undefined): string {
  const uri = URL.canParse(redirectUri) ? new URL(redirectUri) : undefined;
  const realm = given ?? `${uri?.origin}/`;
  if (uri && URL.canParse(realm) && isWithin(uri, new URL(realm))) return realm;
  throw new OAuthError(
    'invalid_options',
    'The redirect URI is not within the "realm". It must be an http or https URL below it, ' +
      'with the same scheme and port (OpenID Authentication 2.0 §9.2).',
  );
}

function isWithin(uri: URL, realm: URL): boolean {
  const path = realm.pathname.replace(/\/?$/, '/');
  return (
    /^https?:$/.test(uri.protocol) &&
    uri.protocol === realm.protocol &&
    uri.port === realm.port &&
    realm.hash === '' &&
    isHostWithin(uri.hostname, realm.hostname) &&
    `${uri.pathname}/`.startsWith(path)
  );
}

/** `*.example.com` matches the domain itself and all its subdomains. */
function isHostWithin(host: string, realm: string): boolean {
  if (!realm.startsWith('*.')) return host === realm;
  return host === realm.slice(2) || host.endsWith(realm.slice(1));
}
