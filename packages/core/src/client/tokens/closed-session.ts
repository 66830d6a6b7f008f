import { isObject } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import type { ClosedSession, FindClosedSession } from '../../model/ports.js';
import { guardSave } from '../../platform/guarded-session.js';
import type { Token } from '../../model/types.js';
import type { TokensConfig } from './config.js';

/**
 * Returns the closed session that contains a token and would have to store the refreshed one.
 * Tokens stored elsewhere by the application are refreshed regardless of the response's state.
 *
 * @throws OAuthError `storage_failed` if that session cannot be written
 */
export async function findHolder(
  find: FindClosedSession | undefined,
  { handle, client, timeout }: { handle: string; client: string; timeout?: number | undefined },
  request: unknown,
): Promise<ClosedSession | undefined> {
  const closed = await find?.(request);
  if (!closed || !containsText(closed.data, handle)) return undefined;
  if (closed.save) return { ...closed, save: guardSave(closed.save, timeout) };
  throw new OAuthError(
    'storage_failed',
    `The token is in a session that can no longer be written, so it was not refreshed. ${closed.advice}`,
    { client, phase: 'refresh' },
  );
}

/**
 * Checks that `refreshToken()` will spend no refresh token stored in a closed session.
 *
 * @throws OAuthError `storage_failed` if that session cannot be written
 */
export async function checkHolder<T extends Token>(
  {
    app,
    currentRequest,
    closedSession,
  }: Pick<TokensConfig<T>, 'app' | 'currentRequest' | 'closedSession'>,
  token: unknown,
): Promise<void> {
  const handle = isObject(token) ? app.renewal?.handle(token as T) : undefined;
  if (handle !== undefined)
    await findHolder(closedSession, { handle, client: app.name }, currentRequest?.());
}

/** Returns whether a session's data contains a text. */
function containsText(data: unknown, text: string): boolean {
  try {
    return JSON.stringify(data)?.includes(JSON.stringify(text).slice(1, -1)) ?? false;
  } catch {
    // Not serializable, so not in a session.
    return false;
  }
}
