import { secrets } from '../checks.js';
import { isObject, parseJson } from '../encoding.js';
import { OAuthError } from '../errors.js';
import { createSeal } from '../state/seal.js';
import type { Token } from '../types.js';

/** What a serialized token is bound to. */
export interface SerializeOptions {
  /** Whose it is, for example; it opens with the same words only. Default: nothing. */
  context?: string | undefined;
}

const purpose = 'oauth-registry serialized token';

/**
 * Seals a token (AES-256-GCM) as a string that fits a cookie, a URL or a column. For the shortest, leave
 * out what calls do not need: `id_token` and `userinfo`.
 *
 * @param secret 32 characters or more, the same in every process; of a list, the first seals
 */
export async function serializeToken(
  token: Token,
  secret: string | readonly string[],
  { context = '' }: SerializeOptions = {},
): Promise<string> {
  return await createSeal(checked(secret), purpose).seal(JSON.stringify(token), context);
}

/**
 * Opens what {@link serializeToken} sealed, in any process with the same secret.
 *
 * @param secret to replace a secret, add the new one at the end in every process, then put it in front;
 *   keep the old one until nothing that it sealed is left
 * @throws OAuthError `invalid_token` for text that was changed, or sealed with another secret or context
 */
export async function deserializeToken<T extends Token = Token>(
  text: string,
  secret: string | readonly string[],
  { context = '' }: SerializeOptions = {},
): Promise<T> {
  const opened = await createSeal(checked(secret), purpose).open(text, context);
  const token = opened === undefined ? undefined : parseJson(opened);
  if (isObject(token)) return token as T;
  throw new OAuthError(
    'invalid_token',
    'The serialized token does not open: it was changed, or sealed with another secret or context. Keep ' +
      'replaced secrets in the list, or ask the person to log in again.',
  );
}

function checked(secret: string | readonly string[]): readonly string[] {
  const problem = secrets(secret);
  if (problem === undefined) return [secret].flat();
  throw new OAuthError('invalid_options', `The secret ${problem}.`);
}
