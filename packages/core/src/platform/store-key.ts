import { sha256 } from './crypto.js';
import { toBase64Url } from './encoding.js';

/** Returns a store key of 32 characters, which fits wherever a session id does. */
export async function storeKey(text: string): Promise<string> {
  return `oauth-${toBase64Url(await sha256(text)).slice(0, 26)}`;
}
