import { equalInConstantTime } from '../../crypto.js';
import { toBytes, toHex } from '../../encoding.js';
import { OAuthError } from '../../errors.js';
import type { ValidateCallback } from '../../option-types.js';

/** Checks a callback: it is signed with the client secret, and names the shop it comes from. */
export async function checkHmac(...[params, client]: Parameters<ValidateCallback>): Promise<void> {
  const signed = new URLSearchParams([...params].filter(([name]) => name !== 'hmac'));
  signed.sort();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const secret = toBytes(client.clientSecret ?? '');
  const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign']);
  const expected = toHex(await crypto.subtle.sign('HMAC', key, toBytes(signed.toString())));
  const genuine = equalInConstantTime(params.get('hmac') ?? '', expected);
  if (genuine && params.get('shop') === new URL(client.authorizeUrl).host) return;
  throw new OAuthError(
    'invalid_callback',
    'The callback is not signed by the shop this login was started with. Start the login again.',
  );
}
