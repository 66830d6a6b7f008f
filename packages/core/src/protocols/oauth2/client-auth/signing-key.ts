import { toBytes } from '../../../platform/encoding.js';
import { clientKey } from '../../../options/client-auth.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { chooseAlgorithm, readPrivateKey, type SigningKey } from '../../../options/private-key.js';
import { secretAlgorithms } from '../../../platform/jws-algorithms.js';

/** A key, and the header it signs with. */
export interface Signer {
  readonly key: CryptoKey | Uint8Array;
  readonly header: { readonly alg: string; readonly kid?: string };
}

/** Which algorithm to use: the configured one, else one of those the provider lists. */
export interface AlgorithmChoice {
  readonly configured: string | undefined;
  readonly advertised: unknown;
}

/** Keys are imported once for a client. */
const keys = new WeakMap<Readonly<RegisterOptions>, SigningKey>();

/** Picks the client's own key and the algorithm for it; `undefined` for a client without a key. */
export async function keySigner(
  options: Readonly<RegisterOptions>,
  choice: AlgorithmChoice,
): Promise<Signer | undefined> {
  const option = clientKey(options);
  if (option === undefined) return undefined;
  const key = keys.get(options) ?? readPrivateKey(option);
  keys.set(options, key);
  return await signWith(key, choice);
}

/** Picks the algorithm for a key. */
export async function signWith(key: SigningKey, choice: AlgorithmChoice): Promise<Signer> {
  const alg = chooseAlgorithm(key, choice.configured, choice.advertised);
  const { kid } = key;
  return { key: await key.load(alg), header: { alg, ...(kid === undefined ? {} : { kid }) } };
}

/** Signs with the client secret, which the provider knows too (RFC 7518 §3.2). */
export function secretSigner(secret: string, choice: AlgorithmChoice): Signer {
  const alg = chooseAlgorithm(
    { algorithms: secretAlgorithms },
    choice.configured,
    choice.advertised,
  );
  return { key: toBytes(secret), header: { alg } };
}
