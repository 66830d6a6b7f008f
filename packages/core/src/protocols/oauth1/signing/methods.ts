import { chain } from '../../../platform/awaitable.js';
import { toBase64, toBytes } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type {
  SignatureFunction,
  SignatureMethod,
  SignatureMethods,
  SigningKey,
} from '../../../options/register-options.js';
import { hmac } from '../../../platform/crypto.js';
import type { Digest } from './types.js';
import { loadRsaKey } from './rsa-key.js';
import { percentEncode } from './base-string.js';

const builtIn: Readonly<Record<SignatureMethod, SignatureFunction>> = {
  'HMAC-SHA1': signHmac('SHA-1'),
  'HMAC-SHA256': signHmac('SHA-256'),
  'HMAC-SHA512': signHmac('SHA-512'),
  'RSA-SHA1': signRsa('SHA-1'),
  'RSA-SHA256': signRsa('SHA-256'),
  'RSA-SHA512': signRsa('SHA-512'),
  PLAINTEXT: (_, key) => sharedSecret(key),
};

/** Returns a signature method by its wire name. Throws if it is unknown. */
export function findMethod(name: string, own: SignatureMethods = {}): SignatureFunction {
  const methods: SignatureMethods = Object.hasOwn(own, name) ? own : builtIn;
  const found = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (typeof found === 'function') return found;
  throw new OAuthError(
    'invalid_options',
    `"signatureMethod" must be one of ${Object.keys({ ...builtIn, ...own }).join(', ')}, or a ` +
      'name in "signatureMethods".',
  );
}

/** Returns the hash of a method from the end of its name. `oauth_body_hash` uses the same hash. */
export function digestOf(method: string): Digest {
  if (method.endsWith('SHA512')) return 'SHA-512';
  return method.endsWith('SHA256') ? 'SHA-256' : 'SHA-1';
}

/** Whether a method is a built-in RSA method that `signatureMethods` does not replace. */
export function needsRsaKey(method: string, own: SignatureMethods = {}): boolean {
  return method.startsWith('RSA-') && Object.hasOwn(builtIn, method) && !Object.hasOwn(own, method);
}

/** RFC 5849 §3.4.2. */
function signHmac(digest: Digest): SignatureFunction {
  return (baseString, key) => chain(hmac(digest, sharedSecret(key), baseString), toBase64);
}

/** RFC 5849 §3.4.3. */
function signRsa(digest: Digest): SignatureFunction {
  return async (baseString, { rsaKey }) => {
    const key = await loadRsaKey(rsaKey, digest);
    return toBase64(await crypto.subtle.sign(key.algorithm, key, toBytes(baseString)));
  };
}

/**
 * Returns both secrets, percent-encoded and joined by `&`, even if they are empty (RFC 5849
 * §3.4.4).
 */
function sharedSecret({ clientSecret, tokenSecret }: SigningKey): string {
  return `${percentEncode(clientSecret)}&${percentEncode(tokenSecret)}`;
}
