import { toBase64, toBytes } from '../../../platform/encoding.js';
import { builtinModule, type Runtime } from '../../../platform/node-builtins.js';
import type { Awaitable } from '../../../model/types.js';

/** A hash function by its Web Crypto name. */
export type Digest = 'SHA-1' | 'SHA-256' | 'SHA-512';

/** Computes the HMAC (RFC 2104) of two UTF-8 strings, base64-encoded. */
export type Hmac = (digest: Digest, secret: string, text: string) => Awaitable<string>;

/** The functions of `node:crypto` used here. */
interface NodeCrypto {
  createHmac(
    hash: string,
    secret: string,
  ): { update(text: string): { digest(encoding: 'base64'): string } };
}

/**
 * Returns the fastest HMAC of the runtime. Web Crypto is always available, but its thread switch
 * takes fifty times as long as hashing a base string.
 */
export function chooseHmac(runtime: Runtime): Hmac {
  const node = builtinModule<NodeCrypto>('node:crypto', runtime);
  if (node === undefined) return webHmac;
  return (digest, secret, text) =>
    node.createHmac(nodeNames[digest], secret).update(text).digest('base64');
}

const nodeNames: Readonly<Record<Digest, string>> = {
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-512': 'sha512',
};

const webHmac: Hmac = async (digest, secret, text) => {
  const algorithm = { name: 'HMAC', hash: digest };
  const key = await crypto.subtle.importKey('raw', toBytes(secret), algorithm, false, ['sign']);
  return toBase64(await crypto.subtle.sign('HMAC', key, toBytes(text)));
};

let chosen: Hmac | undefined;

/** The HMAC of this runtime. */
export const hmac: Hmac = (digest, secret, text) => {
  chosen ??= chooseHmac(globalThis as Runtime);
  return chosen(digest, secret, text);
};
