import { isObject, readObject } from '../../platform/encoding.js';
import type { ProfileSources } from '../../options/register-options.js';

type Body = Record<string, unknown>;

/**
 * Parses a token response without a bot token, as applications with only user scopes receive it:
 * the only token is in `authed_user`.
 */
export function readUserToken(endpoint: string, text: string): Body | undefined {
  const body = endpoint === 'token' ? readObject(text) : undefined;
  const { access_token, authed_user } = body ?? {};
  if (access_token || !isObject(authed_user)) return undefined;
  const { id: _, ...token } = authed_user;
  return { ...body, ...token };
}

/**
 * Returns the user's name for a user token. For a bot token, `auth.test` returns the bot's name.
 */
export function userHandle({ $, token }: ProfileSources): unknown {
  const { authed_user: user } = token;
  return isObject(user) && user['id'] !== $['user_id'] ? undefined : $['user'];
}
