import { toBytes } from '../../../platform/encoding.js';
import { clientKey } from '../../../options/client-auth.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { chooseAlgorithm, readPrivateKey, type SigningKey } from '../../../options/private-key.js';
import { secretAlgorithms } from '../../../platform/jwt/algorithms.js';

/** A signing key and the JWS header. */
export interface Signer<Key = CryptoKey | Uint8Array> {
  readonly key: Key;
  readonly header: { readonly alg: string; readonly kid?: string };
}

/** The algorithm to use: the configured one, or else one that the provider lists. */
export interface AlgorithmChoice {
  readonly configured: string | undefined;
  readonly advertised: unknown;
}

/** Imported keys by client. */
const keys = new WeakMap<Readonly<RegisterOptions>, SigningKey>();

/** Returns the client's own key and its algorithm, or `undefined` for a client without a key. */
export async function keySigner(
  options: Readonly<RegisterOptions>,
  choice: AlgorithmChoice,
): Promise<Signer<CryptoKey> | undefined> {
  const option = clientKey(options);
  if (option === undefined) return undefined;
  const key = keys.get(options) ?? readPrivateKey(option);
  keys.set(options, key);
  return await signWith(key, choice);
}

/** Selects the algorithm for a key. */
export async function signWith(
  key: SigningKey,
  choice: AlgorithmChoice,
): Promise<Signer<CryptoKey>> {
  const alg = chooseAlgorithm(key, choice.configured, choice.advertised);
  const { kid } = key;
  return { key: await key.load(alg), header: { alg, ...(kid === undefined ? {} : { kid }) } };
}

/** Returns a signer with the client secret as HMAC key (RFC 7518 §3.2). */
export function secretSigner(secret: string, choice: AlgorithmChoice): Signer {
  const alg = chooseAlgorithm(
    { algorithms: secretAlgorithms },
    choice.configured,
    choice.advertised,
  );
  return { key: toBytes(secret), header: { alg } };
}
