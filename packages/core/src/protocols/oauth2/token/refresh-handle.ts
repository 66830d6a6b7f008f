import type { OAuth2Token } from '../../../model/types.js';
import type { RegisterOptions } from '../../../options/register-options.js';

/** Returns what refreshes a token: its refresh token, or a long-lived access token itself. */
export function refreshHandle(
  { refresh_token: refresh, access_token: access }: OAuth2Token,
  { longLivedToken }: Readonly<RegisterOptions>,
): string | undefined {
  const value = refresh || (longLivedToken?.refresh && access);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
