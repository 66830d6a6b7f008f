import {
  checkAll,
  must,
  secrets,
  text as textCheck,
  usable,
  type Rules,
} from '../../platform/validators.js';
import { isObject, parseJson } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import { createSeal } from '../../platform/seal.js';
import type { Token } from '../../model/types.js';

/** Options that bind a serialized token to a context. */
export interface SerializeOptions {
  /**
   * Context the token is bound to, for example its owner. It decrypts only with the same context.
   * Default: none.
   */
  context?: string | undefined;
  /**
   * Name of the client the token is bound to. It then decrypts for this client only. Default: none.
   */
  client?: string | undefined;
}

const rules: Rules<SerializeOptions> = {
  context: must((v) => typeof v === 'string', 'must be text'),
  client: textCheck,
};

const purpose = 'oauth-registry serialized token';

/**
 * Encrypts a token (AES-256-GCM) as a string for a cookie, a URL or a database column. To shorten
 * it, remove members that calls do not need: `id_token` and `userinfo`.
 *
 * @param secret at least 32 characters, the same in every process; the first of a list encrypts
 */
export async function serializeToken(
  token: Token,
  secret: string | readonly string[],
  options: SerializeOptions = {},
): Promise<string> {
  checkAll(options, rules, 'serializeToken()');
  const { context = '', client } = options;
  const plain = JSON.stringify(client === undefined ? token : [client, token]);
  return await createSeal(checked(secret), purpose).seal(plain, context);
}

/**
 * Decrypts the output of {@link serializeToken} in any process with the same secret.
 *
 * @param secret to rotate, append the new secret in every process, then move it to the front;
 *   remove the old one once no token encrypted with it is left
 * @throws OAuthError `invalid_token` for text that was changed, or encrypted with another secret or
 *   context, or for another client
 */
export async function deserializeToken<T extends Token = Token>(
  text: string,
  secret: string | readonly string[],
  options: SerializeOptions = {},
): Promise<T> {
  checkAll(options, rules, 'deserializeToken()');
  const { context, client } = options;
  const [of, token] = await open(text, secret, context);
  if (client === undefined || client === of) return token as T;
  throw new OAuthError(
    'invalid_token',
    `The serialized token is ${of === undefined ? 'encrypted without the name of its client' : 'of another client'}. ` +
      'Give serializeToken() and deserializeToken() the same "client", or ask the user to log in again.',
    { client },
  );
}

/**
 * Returns the client name of a serialized token; `undefined` if it was encrypted without one.
 *
 * @throws OAuthError `invalid_token` as {@link deserializeToken} does
 */
export async function serializedClient(
  text: string,
  secret: string | readonly string[],
  { context }: Pick<SerializeOptions, 'context'> = {},
): Promise<string | undefined> {
  const [of] = await open(text, secret, context);
  return of;
}

async function open(
  text: string,
  secret: string | readonly string[],
  context = '',
): Promise<[client: string | undefined, token: object]> {
  const opened = await createSeal(checked(secret), purpose).open(text, context);
  const value: unknown = opened === undefined ? undefined : parseJson(opened);
  if (Array.isArray(value)) {
    const [client, token] = value as unknown[];
    if (typeof client === 'string' && isObject(token)) return [client, token];
  } else if (isObject(value)) return [undefined, value];
  throw new OAuthError(
    'invalid_token',
    'The serialized token cannot be decrypted: it was changed, or encrypted with another secret or context. Include ' +
      'old secrets in the list, or ask the user to log in again.',
  );
}

function checked(secret: string | readonly string[]): readonly string[] {
  const problem = secrets(secret);
  if (problem === undefined) return [usable(secret)].flat();
  throw new OAuthError(
    'invalid_options',
    `The secret of serializeToken() and deserializeToken() ${problem}.`,
  );
}
