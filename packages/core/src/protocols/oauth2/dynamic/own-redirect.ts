import { equalInConstantTime, sha256 } from '../../../platform/crypto.js';
import { toBase64Url } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';

const mark = 'server';

/**
 * Makes a redirect URI that only one server knows.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.4.2.2
 */
export async function ownRedirectUri(redirectUri: string, server: string): Promise<string> {
  const separator = redirectUri.includes('?') ? '&' : '?';
  return `${redirectUri}${separator}${mark}=${toBase64Url(await sha256(server))}`;
}

/** Refuses a callback that came to the redirect URI of another server than the login began at. */
export function checkOwnRedirect(params: URLSearchParams, redirectUri: string): void {
  const expected = new URL(redirectUri).searchParams.getAll(mark).at(-1) ?? '';
  const [given, ...others] = params.getAll(mark);
  if (given !== undefined && others.length === 0 && equalInConstantTime(given, expected)) return;
  throw new OAuthError(
    'mismatching_issuer',
    'The callback came to the redirect URI of another server than the one of this login, or without its ' +
      '"server" parameter. Pass all parameters of the callback. Nothing was sent anywhere.',
  );
}
