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

/** What a serialized token is bound to. */
export interface SerializeOptions {
  /** Whose it is, for example; it opens with the same words only. Default: nothing. */
  context?: string | undefined;
  /** The name of the client it is of; with it, it opens for this client only. Default: it is not said. */
  client?: string | undefined;
}

const rules: Rules<SerializeOptions> = {
  context: must((v) => typeof v === 'string', 'must be text'),
  client: textCheck,
};

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
  options: SerializeOptions = {},
): Promise<string> {
  checkAll(options, rules, 'serializeToken()');
  const { context = '', client } = options;
  const plain = JSON.stringify(client === undefined ? token : [client, token]);
  return await createSeal(checked(secret), purpose).seal(plain, context);
}

/**
 * Opens what {@link serializeToken} sealed, in any process with the same secret.
 *
 * @param secret to replace a secret, add the new one at the end in every process, then put it in front;
 *   keep the old one until nothing that it sealed is left
 * @throws OAuthError `invalid_token` for text that was changed, or sealed with another secret or context,
 *   or for another client
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
    `The serialized token is ${of === undefined ? 'sealed without the name of its client' : 'of another client'}. ` +
      'Give serializeToken() and deserializeToken() the same "client", or ask the user to log in again.',
    { client },
  );
}

/**
 * Reads the name of the client that a serialized token is of; `undefined` if it was sealed without one.
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
    'The serialized token does not open: it was changed, or sealed with another secret or context. Keep ' +
      'replaced secrets in the list, or ask the person to log in again.',
  );
}

function checked(secret: string | readonly string[]): readonly string[] {
  const problem = secrets(secret);
  if (problem === undefined) return [usable(secret)].flat();
  throw new OAuthError('invalid_options', `The secret ${problem}.`);
}
