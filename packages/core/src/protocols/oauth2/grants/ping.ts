import { equalInConstantTime } from '../../../platform/crypto.js';
import { isObject, readObject } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type { Awaitable } from '../../../model/types.js';
import type { BackchannelAuthentication } from './ciba.js';

/** The parts of a provider's ping that are used (CIBA Core §10.2). */
export interface BackchannelPing {
  /** The `Authorization` header. */
  authorization: string | null | undefined;
  /** The JSON body: as a string, or parsed. */
  body: unknown;
}

/**
 * Validates a provider's ping, which announces that a user has decided on their device (CIBA, ping
 * mode), and returns its pending authentication: poll it now with `pollBackchannelAuthentication`,
 * and respond to the ping with 204. `find` loads the pending authentication of an `auth_req_id`
 * from your store. It must have been started with a `client_notification_token`, which the ping
 * must repeat.
 *
 * @throws OAuthError `invalid_token` for an unsolicited ping; respond with 401
 */
export async function readBackchannelPing(
  { authorization, body }: BackchannelPing,
  find: (authReqId: string) => Awaitable<BackchannelAuthentication | undefined | null>,
): Promise<BackchannelAuthentication> {
  const brought = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization ?? '')?.[1];
  const id = readId(body);
  const pending =
    brought === undefined || id === undefined ? undefined : ((await find(id)) ?? undefined);
  const expected = pending?.client_notification_token;
  if (
    pending &&
    brought !== undefined &&
    pending.auth_req_id === id &&
    typeof expected === 'string' &&
    expected !== '' &&
    equalInConstantTime(brought, expected)
  ) {
    return pending;
  }
  throw new OAuthError(
    'invalid_token',
    'The ping belongs to no authentication that was started here, or does not have its ' +
      '"client_notification_token" (CIBA Core §10.2). Respond with 401.',
    { phase: 'callback' },
  );
}

function readId(body: unknown): string | undefined {
  const parsed = typeof body === 'string' ? readObject(body) : body;
  const id = isObject(parsed) ? parsed['auth_req_id'] : undefined;
  return typeof id === 'string' && id !== '' ? id : undefined;
}
