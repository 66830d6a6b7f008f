const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const length = 24;

/** Random bytes, drawn in bulk: many small requests take longer than the signature. */
const pool = new Uint8Array(4096);
let next = pool.length;

/**
 * Creates a nonce (RFC 5849 §3.3): 24 letters and digits, 142 bits. Some providers accept only
 * letters and digits, and only 20 to 30 of them.
 */
export function freshNonce(): string {
  let nonce = '';
  while (nonce.length < length) nonce += alphabet[randomByte() & 63] ?? '';
  return nonce;
}

function randomByte(): number {
  if (next === pool.length) {
    crypto.getRandomValues(pool);
    next = 0;
  }
  const byte = pool[next] ?? 0;
  next += 1;
  return byte;
}
