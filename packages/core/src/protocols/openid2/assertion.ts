import type { OpenID2EngineOptions } from './config.js';
import { malformed, type Message } from './response.js';
import { readNonce } from './nonces.js';

/** Fields that an assertion must have and must sign (§10.1). */
const mustBeSigned = [
  'op_endpoint',
  'return_to',
  'response_nonce',
  'assoc_handle',
  'claimed_id',
  'identity',
];

/** The claims of an assertion. They are unverified until the provider confirms them. */
export interface Claim {
  sub: string;
  claimedId: string;
  nonce: string;
}

/**
 * Reads the claims of an assertion. Every field used must be signed, the identifier must belong to
 * this provider, and the nonce must be recent.
 *
 * @see https://openid.net/specs/openid-authentication-2_0.html#verification
 */
export function readAssertion(message: Message, options: OpenID2EngineOptions): Claim {
  checkSigned(message);
  const claimedId = message.get('claimed_id') ?? '';
  const nonce = message.get('response_nonce') ?? '';
  const found = new RegExp(`^(?:${options.claimedIdPattern})$`).exec(claimedId);
  if (!found) throw malformed('claims an identifier that does not belong to this provider');
  // No discovery took place that could give the user a local identifier at the provider (§7.3.1).
  if (message.get('identity') !== claimedId) throw malformed('has two different identifiers');
  readNonce(nonce);
  return { sub: found[1] ?? claimedId, claimedId, nonce };
}

function checkSigned(message: Message): void {
  const signed = (message.get('signed') ?? '').split(',');
  if (new Set(signed).size !== signed.length) throw malformed('signs a field twice');
  const unsigned = mustBeSigned.find((name) => !signed.includes(name));
  if (unsigned !== undefined) throw malformed(`does not sign "openid.${unsigned}"`);
  // A signed field that is missing could be added later.
  if (!signed.every((name) => message.get(name))) throw malformed('signs a field that is missing');
  if (!message.get('sig')) throw malformed('has no signature');
}
