import { OAuthError } from '../../model/errors.js';
import type { AuthorizeParams } from '../../model/types.js';
import { refuseBackChannel } from '../../options/front-channel.js';

/** Parameters that the request sets itself. */
const reserved = [
  'ns',
  'return_to',
  'realm',
  'claimed_id',
  'identity',
  'assoc_handle',
  'sig',
  'signed',
].map((name) => `openid.${name}`);

/** Rejects parameters that the request sets itself. */
export function refuseReserved(params: AuthorizeParams): void {
  refuseBackChannel(params);
  const name = Object.keys(params).find((given) => reserved.includes(given));
  if (name === undefined) return;
  throw new OAuthError(
    'invalid_options',
    `"${name}" must not be an authorization parameter: the request sets it. Use the option ` +
      '"realm" to set the realm.',
  );
}
