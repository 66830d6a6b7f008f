import type { OpenID2Options } from './config.js';
import { malformed, type Message } from './response.js';
import { readNonce } from './nonces.js';

/** Fields that an assertion must have, and its signature cover (§10.1). */
const mustBeSigned = [
  'op_endpoint',
  'return_to',
  'response_nonce',
  'assoc_handle',
  'claimed_id',
  'identity',
];

/** Who an assertion says the person is; nothing of it is true before the provider confirms it. */
export interface Claim {
  sub: string;
  claimedId: string;
  nonce: string;
}

/**
 * Reads what an assertion claims: everything it says must be signed, about an identifier this provider
 * may speak for, and of now.
 *
 * @see https://openid.net/specs/openid-authentication-2_0.html#verification
 */
export function readClaim(message: Message, options: OpenID2Options): Claim {
  checkSigned(message);
  const claimedId = message.get('claimed_id') ?? '';
  const nonce = message.get('response_nonce') ?? '';
  const found = new RegExp(`^(?:${options.claimedIdPattern})$`).exec(claimedId);
  if (!found) throw malformed('claims an identifier that this provider cannot speak for');
  // Nothing was discovered that would give the person another name at the provider (§7.3.1).
  if (message.get('identity') !== claimedId) throw malformed('names two different identifiers');
  readNonce(nonce);
  return { sub: found[1] ?? claimedId, claimedId, nonce };
}

function checkSigned(message: Message): void {
  const signed = (message.get('signed') ?? '').split(',');
  if (new Set(signed).size !== signed.length) throw malformed('signs a field twice');
  const unsigned = mustBeSigned.find((name) => !signed.includes(name));
  if (unsigned !== undefined) throw malformed(`does not sign "openid.${unsigned}"`);
  // A field that is signed and not there could be added later.
  if (!signed.every((name) => message.get(name)))
    throw malformed('signs a field that is not there');
  if (!message.get('sig')) throw malformed('has no signature');
}
