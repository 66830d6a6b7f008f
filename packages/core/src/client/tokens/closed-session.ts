import { isObject } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import type { ClosedSession, FindClosedSession } from '../../model/ports.js';
import { guardSave } from '../login-state/guarded.js';
import type { Token } from '../../model/types.js';
import type { TokensConfig } from './config.js';

/**
 * Finds the closed session that holds a token, and so would have to store the refreshed one. Tokens that
 * the application stores elsewhere are refreshed whatever the state of the response.
 *
 * @throws OAuthError `storage_failed` if that session cannot be written
 */
export async function findHolder(
  find: FindClosedSession | undefined,
  { handle, client, timeout }: { handle: string; client: string; timeout?: number | undefined },
  request: unknown,
): Promise<ClosedSession | undefined> {
  const closed = await find?.(request);
  if (!closed || !holds(closed.data, handle)) return undefined;
  if (closed.save) return { ...closed, save: guardSave(closed.save, timeout) };
  throw new OAuthError(
    'storage_failed',
    `The token is in a session that cannot be written here, so it was not refreshed. ${closed.advice}`,
    { client, phase: 'refresh' },
  );
}

/** A client's verbs, of which `refreshToken` spends no refresh token that a closed session holds. */
export function guardedVerbs<T extends Token>({
  app,
  currentRequest,
  closedSession,
}: Pick<TokensConfig<T>, 'app' | 'currentRequest' | 'closedSession'>): object {
  const { refreshToken } = app.verbs as { refreshToken?: Refresh<T> };
  if (!refreshToken || !closedSession) return app.verbs;
  const guarded: Refresh<T> = async (token, ...more) => {
    const handle = isObject(token) ? app.renewal?.handle(token) : undefined;
    if (handle !== undefined)
      await findHolder(closedSession, { handle, client: app.name }, currentRequest?.());
    return await refreshToken(token, ...more);
  };
  return { ...app.verbs, refreshToken: guarded };
}

type Refresh<T> = (token: T, ...more: unknown[]) => Promise<T>;

/** Tells whether a text is somewhere in the data of a session. */
function holds(data: unknown, text: string): boolean {
  try {
    return JSON.stringify(data)?.includes(JSON.stringify(text).slice(1, -1)) ?? false;
  } catch {
    // Nothing that a session could hold.
    return false;
  }
}
