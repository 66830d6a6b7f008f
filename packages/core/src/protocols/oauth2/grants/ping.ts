import { equalInConstantTime } from '../../../platform/crypto.js';
import { isObject, readObject } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type { Awaitable } from '../../../model/types.js';
import type { BackchannelAuthentication } from './ciba.js';

/** What of a provider's ping matters (CIBA Core §10.2). */
export interface BackchannelPing {
  /** The `Authorization` header. */
  authorization: string | null | undefined;
  /** The JSON body: as text, or parsed already. */
  body: unknown;
}

/**
 * Checks a provider's ping, which says that a person has decided on their own device (CIBA, ping mode), and
 * returns the pending authentication it is about: poll it now with `pollBackchannelAuthentication`, and answer
 * the ping with 204. `find` gets the pending authentication of an `auth_req_id` out of your store; it must have
 * been started with a `client_notification_token`, which the ping has to bring back.
 *
 * @throws OAuthError `invalid_token` for a ping that nobody asked for; answer it with 401
 * @see https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#ping_callback
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
    'The ping is not about an authentication that was started here, or does not bring back its ' +
      '"client_notification_token" (CIBA Core §10.2). Answer it with 401.',
    { phase: 'callback' },
  );
}

function readId(body: unknown): string | undefined {
  const parsed = typeof body === 'string' ? readObject(body) : body;
  const id = isObject(parsed) ? parsed['auth_req_id'] : undefined;
  return typeof id === 'string' && id !== '' ? id : undefined;
}
