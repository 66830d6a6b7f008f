import type { OAuth1Token } from '../../model/types.js';

/** Returns the session handle that renews a token (OAuth Session 1.0), or `undefined`. */
export function sessionHandle(token: OAuth1Token | undefined): string | undefined {
  const handle = token?.oauth_session_handle;
  return typeof handle === 'string' && handle !== '' ? handle : undefined;
}
