import { equalInConstantTime, sha256 } from '../../../platform/crypto.js';
import { toBase64Url } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type { RegisterOptions } from '../../../options/register-options.js';

const mark = 'server';

/**
 * Whether each server gets its own redirect URI, which is possible if redirect URIs need no manual
 * registration.
 */
export function hasOwnRedirects(options: Readonly<RegisterOptions>): boolean {
  const { serverLocator, clientMetadata, clientId, clientIdMetadataUrl, responseMode } = options;
  const registration = serverLocator?.registerClient ?? clientMetadata;
  const registersItself =
    registration !== undefined && clientId === undefined && clientIdMetadataUrl === undefined;
  return options.redirectUriPerServer ?? (registersItself && (responseMode ?? 'query') === 'query');
}

/**
 * Creates a redirect URI that is unique to one server.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.4.2.2
 */
export async function ownRedirectUri(redirectUri: string, server: string): Promise<string> {
  const separator = redirectUri.includes('?') ? '&' : '?';
  return `${redirectUri}${separator}${mark}=${toBase64Url(await sha256(server))}`;
}

/** Rejects a callback to the redirect URI of another server than the login's. */
export function checkOwnRedirect(params: URLSearchParams, redirectUri: string): void {
  const expected = new URL(redirectUri).searchParams.getAll(mark).at(-1) ?? '';
  const [given, ...others] = params.getAll(mark);
  if (given !== undefined && others.length === 0 && equalInConstantTime(given, expected)) return;
  throw new OAuthError(
    'mismatching_issuer',
    'The callback arrived at the redirect URI of another server than that of this login, or ' +
      'without its "server" parameter. No request was sent. Pass all parameters of the ' +
      'callback.',
  );
}
