import type { HeaderReader } from '../../../platform/http/transport.js';
import type { JWK } from 'jose';
import { BoundedCache } from '../../../platform/bounded-cache.js';
import { nowSeconds, randomToken, sha256 } from '../../../platform/crypto.js';
import { toBase64Url } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type { PrivateJwk, RegisterOptions } from '../../../options/register-options.js';
import { privateKeyCheck, readPrivateKey, type SigningKey } from '../../../options/private-key.js';
import type { OAuth2Token } from '../../../model/types.js';
import type { CryptoKey } from '../../../model/web-types.js';

/** A DPoP key. */
export interface DpopKey {
  readonly key: CryptoKey;
  readonly alg: string;
  readonly publicJwk: JWK;
  /** The private key stored with its token; absent for a key shared by the whole client. */
  readonly jwk?: PrivateJwk;
}

/** The contents of a proof. */
export interface Proven {
  method: string;
  url: string | URL;
  /** The access token of an API request. */
  accessToken?: string;
}

/** The parts of a response that show whether a nonce is required. */
interface NonceResponse {
  readonly status: number;
  readonly headers: HeaderReader;
  readonly body?: { cancel(): Promise<void> } | null;
}

/** Creates DPoP proofs for one client. */
export interface Dpop {
  /** Returns the key of a stored token or login; without one, a new key or the client's. */
  keyFor(stored: unknown): Promise<DpopKey>;
  /**
   * Returns the key a token is bound to, or `undefined`. A token passed as a string does not
   * contain its key, so the key is known only if the client uses one for all tokens.
   */
  keyOf(token: OAuth2Token | string): Promise<DpopKey | undefined>;
  /**
   * Sends a request with a proof. If `retry` finds that the response requires a nonce, sends it
   * again with that nonce (RFC 9449 §8, §9). The proof is created when the URL is final.
   */
  send<R extends NonceResponse>(
    proven: Proven & { key: DpopKey },
    send: (prove: (url?: string | URL) => Promise<string>) => Promise<R>,
    retry: (response: R) => boolean,
  ): Promise<R>;
}

/** Maximum number of servers whose nonces are cached. */
const maxNonces = 100;

const nonceShape = /^[\x21\x23-\x5b\x5d-\x7e]{1,1024}$/;

/**
 * Creates the DPoP proofs of a client. Returns `undefined` if its tokens are not bound.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9449
 */
export function createDpop(options: Readonly<RegisterOptions>): Dpop | undefined {
  const { dpop, dpopKey } = options;
  if (dpop !== true && dpopKey === undefined) return undefined;
  const ownKey = dpopKey === undefined ? undefined : readPrivateKey(dpopKey);
  const nonces = new BoundedCache<string>(maxNonces);

  function remember(origin: string, { headers }: NonceResponse): boolean {
    const nonce = headers.get('dpop-nonce');
    if (nonce === null || !nonceShape.test(nonce)) return false;
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
      // A token stored without its key can still be revoked if no proof is required.
      const { dpop_key: stored } = token;
      return stored === undefined || stored === null ? undefined : await fromJwk(stored);
    },
    async send(proven, send, retry) {
      const { origin } = new URL(proven.url);
      const prove = (url = proven.url): Promise<string> =>
        proof({ ...proven, url }, nonces.get(origin));
      const first = await send(prove);
      if (!remember(origin, first) || !retry(first)) return first;
      // An unread body would hold its connection.
      first.body?.cancel().catch(() => undefined);
      const second = await send(prove);
      remember(origin, second);
      return second;
    },
  };
}

/** Returns the value of `dpop_jkt` (RFC 9449 §10). */
export async function thumbprint({ publicJwk }: DpopKey): Promise<string> {
  const { calculateJwkThumbprint } = await import('../../../platform/jose.js');
  return await calculateJwkThumbprint(publicJwk);
}

async function newKey(): Promise<DpopKey> {
  const { exportJWK, generateKeyPair } = await import('../../../platform/jose.js');
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const { kty = '', crv, x, y, d } = await exportJWK(privateKey);
  return {
    key: privateKey,
    alg: 'ES256',
    publicJwk: { kty, crv, x, y } as JWK,
    jwk: { kty, crv, x, y, d },
  };
}

/** Imports the key of a stored token, which may be missing or truncated. */
async function fromJwk(stored: unknown): Promise<DpopKey> {
  if (typeof stored === 'object' && privateKeyCheck(stored) === undefined) {
    const jwk = stored as PrivateJwk;
    return { ...(await fromSigningKey(readPrivateKey(jwk))), jwk };
  }
  throw new OAuthError(
    'invalid_token',
    'The "dpop_key" of the token is not a private JWK. Store the returned token with all ' +
      'its fields.',
  );
}

async function fromSigningKey(signing: SigningKey): Promise<DpopKey> {
  const alg = signing.algorithms[0] ?? '';
  return { key: await signing.load(alg), alg, publicJwk: await signing.publicJwk(alg) };
}

/** Creates a DPoP proof (RFC 9449 §4.2). */
async function proof(
  { method, url, accessToken, key }: Proven & { key: DpopKey },
  nonce: string | undefined,
): Promise<string> {
  const { origin, pathname } = new URL(url);
  const ath = accessToken === undefined ? undefined : toBase64Url(await sha256(accessToken));
  const { SignJWT } = await import('../../../platform/jose.js');
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
