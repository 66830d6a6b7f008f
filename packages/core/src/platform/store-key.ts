import type { Awaitable } from '../model/types.js';
import { chain } from './awaitable.js';
import { sha256 } from './crypto.js';
import { toBase64Url } from './encoding.js';

/** Returns a store key of 32 characters, which fits wherever a session id does. */
export function storeKey(text: string): Awaitable<string> {
  return chain(sha256(text), (hash) => `oauth-${toBase64Url(hash).slice(0, 26)}`);
}
