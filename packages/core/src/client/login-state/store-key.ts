import { sha256 } from '../../platform/crypto.js';
import { toBase64Url } from '../../platform/encoding.js';

/** Names an entry with 32 characters, which fit wherever a session's id does. */
export async function storeKey(text: string): Promise<string> {
  return `oauth-${toBase64Url(await sha256(text)).slice(0, 26)}`;
}
