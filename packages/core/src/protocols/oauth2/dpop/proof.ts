import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';
import { nowSeconds, randomToken, sha256 } from '../../../platform/crypto.js';
import { toBase64Url } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type { PrivateJwk, RegisterOptions } from '../../../options/register-options.js';
import { privateKeyCheck, readPrivateKey, type SigningKey } from '../../../options/private-key.js';
import type { OAuth2Token } from '../../../model/types.js';
import type { CryptoKey } from '../../../model/web-types.js';

/** A key that tokens are bound to. */
export interface DpopKey {
  readonly key: CryptoKey;
  readonly alg: string;
  readonly publicJwk: JWK;
  /** The private key as it is kept with its token; absent for a key of the whole client. */
  readonly jwk?: PrivateJwk;
}

/** What a proof is about. */
export interface Proven {
  method: string;
  url: string | URL;
  /** The token it goes along with, at a resource. */
  accessToken?: string;
}

/** As much of an answer as a demand for a nonce needs. */
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body?: { cancel(): Promise<void> } | null;
}

/** Proves, for one client, that it holds the key its tokens are bound to. */
export interface Dpop {
  /** The key of a stored token or login; without one a new key, or the client's. */
  keyFor(stored: unknown): Promise<DpopKey>;
  /**
   * The key that a token is bound to; `undefined` for one that is bound to none. The text of a token says
   * nothing of its key, so that only a client with one key for all knows it.
   */
  keyOf(token: OAuth2Token | string): Promise<DpopKey | undefined>;
  /**
   * Sends with a proof; and a second time, with the nonce the server asks for, if `retry` takes the
   * answer for such a demand (RFC 9449 §8, §9). The proof is made when the request's URL is final.
   */
  send<A extends Answer>(
    proven: Proven & { key: DpopKey },
    send: (prove: (url?: string | URL) => Promise<string>) => Promise<A>,
    retry: (answer: A) => boolean,
  ): Promise<A>;
}

/** Servers whose nonces are remembered. */
const maxNonces = 100;

const nonceShape = /^[\x21\x23-\x5b\x5d-\x7e]{1,1024}$/;

/**
 * Builds what makes a client's proofs; `undefined` for a client whose tokens are not bound to a key.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9449
 */
export function createDpop(options: Readonly<RegisterOptions>): Dpop | undefined {
  const { dpop, dpopKey } = options;
  if (dpop !== true && dpopKey === undefined) return undefined;
  const ownKey = dpopKey === undefined ? undefined : readPrivateKey(dpopKey);
  const nonces = new Map<string, string>();

  function remember(origin: string, { headers }: Answer): boolean {
    const nonce = headers.get('dpop-nonce');
    if (nonce === null || !nonceShape.test(nonce)) return false;
    const [oldest] = nonces.keys();
    if (oldest !== undefined && nonces.size >= maxNonces && !nonces.has(origin)) {
      nonces.delete(oldest);
    }
    nonces.set(origin, nonce);
    return true;
  }

  return {
    async keyFor(stored) {
      if (ownKey) return await fromSigningKey(ownKey);
      return stored === undefined || stored === null ? await newKey() : await fromJwk(stored);
    },
    async keyOf(token) {
      if (typeof token === 'string') return ownKey ? await fromSigningKey(ownKey) : undefined;
      if (token.token_type?.toLowerCase() !== 'dpop') return undefined;
      if (ownKey) return await fromSigningKey(ownKey);
      // A token that was stored without its key can still be revoked where no proof is demanded.
      const { dpop_key: stored } = token;
      return stored === undefined || stored === null ? undefined : await fromJwk(stored);
    },
    async send(proven, send, retry) {
      const { origin } = new URL(proven.url);
      const prove = (url = proven.url): Promise<string> =>
        proof({ ...proven, url }, nonces.get(origin));
      const first = await send(prove);
      if (!remember(origin, first) || !retry(first)) return first;
      // Nobody reads it, and unread it would hold its connection.
      first.body?.cancel().catch(() => undefined);
      const second = await send(prove);
      remember(origin, second);
      return second;
    },
  };
}

/** The value of `dpop_jkt` (RFC 9449 §10). */
export async function thumbprint({ publicJwk }: DpopKey): Promise<string> {
  return await calculateJwkThumbprint(publicJwk);
}

async function newKey(): Promise<DpopKey> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const { kty = '', crv, x, y, d } = await exportJWK(privateKey);
  return {
    key: privateKey,
    alg: 'ES256',
    publicJwk: { kty, crv, x, y } as JWK,
    jwk: { kty, crv, x, y, d },
  };
}

/** The key of a stored token, which an application may have lost or cut short. */
async function fromJwk(stored: unknown): Promise<DpopKey> {
  if (typeof stored === 'object' && privateKeyCheck(stored) === undefined) {
    const jwk = stored as PrivateJwk;
    return { ...(await fromSigningKey(readPrivateKey(jwk))), jwk };
  }
  throw new OAuthError(
    'invalid_token',
    'The "dpop_key" of the token is not a private JWK. Store the token as it was returned, all fields.',
  );
}

async function fromSigningKey(signing: SigningKey): Promise<DpopKey> {
  const alg = signing.algorithms[0] ?? '';
  return { key: await signing.load(alg), alg, publicJwk: await signing.publicJwk(alg) };
}

/** RFC 9449 §4.2. */
async function proof(
  { method, url, accessToken, key }: Proven & { key: DpopKey },
  nonce: string | undefined,
): Promise<string> {
  const { origin, pathname } = new URL(url);
  const ath = accessToken === undefined ? undefined : toBase64Url(await sha256(accessToken));
  return await new SignJWT({
    htm: method,
    htu: origin + pathname,
    ...(ath === undefined ? {} : { ath }),
    ...(nonce === undefined ? {} : { nonce }),
  })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: key.alg, jwk: key.publicJwk })
    .setJti(randomToken(16))
    .setIssuedAt(nowSeconds())
    .sign(key.key);
}
