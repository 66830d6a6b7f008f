import { OAuthError } from '../../../model/errors.js';
import type { AuthorizeParams } from '../../../model/types.js';
import { refuseBackChannel } from '../../../options/front-channel.js';
import type { RegisterOptions } from '../../../options/register-options.js';

/** Parameters that the library sets; setting one by hand would disable a check. */
const reserved = [
  'client_id',
  'redirect_uri',
  'response_type',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'dpop_jkt',
  'request',
  'request_uri',
];

/** Rejects parameters that the library sets, and those that must not pass through the browser. */
export function refuseReserved(
  params: AuthorizeParams,
  { paramNames = {} }: Pick<RegisterOptions, 'paramNames'> = {},
): void {
  if (Object.keys(params).length === 0) return;
  refuseBackChannel(params, paramNames);
  const own = reserved.flatMap((standard) => [standard, paramNames[standard] ?? standard]);
  const name = own.find((candidate) => Object.hasOwn(params, candidate));
  if (name === undefined) return;
  throw new OAuthError(
    'invalid_options',
    `The authorization parameter "${name}" is set by the library. Remove it: the redirect ` +
      'URI is an argument, and your own data belongs in the session.',
  );
}
