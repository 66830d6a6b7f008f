import { isObject, readObject } from '../../platform/encoding.js';
import type { ProfileSources } from '../../options/register-options.js';

type Body = Record<string, unknown>;

/**
 * Reads a token response without a bot, as an application with scopes of the user alone gets it: the only token is
 * the user's, and stands under `authed_user`.
 */
export function readUserToken(leg: string, text: string): Body | undefined {
  const body = leg === 'token' ? readObject(text) : undefined;
  const { access_token, authed_user } = body ?? {};
  if (access_token || !isObject(authed_user)) return undefined;
  const { id: _, ...token } = authed_user;
  return { ...body, ...token };
}

/** The name of the user, if the token is theirs: `auth.test` names the bot for the token of a bot. */
export function handle({ $, token }: ProfileSources): unknown {
  const { authed_user: user } = token;
  return isObject(user) && user['id'] !== $['user_id'] ? undefined : $['user'];
}
