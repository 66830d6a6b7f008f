import { randomBytes } from '../../../platform/crypto.js';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const length = 24;

/**
 * Creates a nonce (RFC 5849 §3.3): 24 letters and digits, 142 bits. Some providers accept only
 * letters and digits, and only 20 to 30 of them.
 */
export function freshNonce(): string {
  let nonce = '';
  while (nonce.length < length) {
    for (const byte of randomBytes(length - nonce.length)) nonce += alphabet[byte & 63] ?? '';
  }
  return nonce;
}
