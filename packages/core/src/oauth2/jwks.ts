import type { JWK } from 'jose';
import { now } from '../crypto.js';
import { isObject, tryJson } from '../encoding.js';
import { OAuthError } from '../errors.js';
import { retryAfter, type Http } from '../http.js';
import type { CryptoKey } from '../web-types.js';
import { usableKeys } from './jwk.js';
import { refusedIdToken, type JwsHeader } from './jwt.js';

/**
 * A provider's public keys.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7517#section-5
 */
export interface Jwks {
  /**
   * Finds the one key that fits a signature's header; none or several are refused. With `renewed`, the
   * known keys have failed, and newer ones are asked for as far as that is decent.
   */
  find(header: JwsHeader, options?: { renewed: boolean }): Promise<CryptoKey>;
  /** Returns the whole set; with `force`, asks the provider for it again. */
  all(force?: boolean): Promise<{ keys: JWK[] }>;
}

/** Where the keys are: at an address, or given by hand. */
export type JwksConfig =
  { readonly http: Http; readonly uri: string } | { readonly keys: readonly JWK[] };

/** Milliseconds. */
const timeToLive = 600_000;
const renewalPause = 30_000;
const firstRetry = 5_000;
const lastRetry = 60_000;

const maxBytes = 262_144;

/**
 * Builds a provider's key set. One at an address is fetched on first use, by one request for all
 * callers, and again when it is 10 minutes old or has no key for a token: at once the first time, then
 * once in 30 seconds. While its address fails, the known keys stay in use.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#RotateSigKeys
 */
export function createJwks(config: JwksConfig): Jwks {
  const source = 'keys' in config ? fixedKeys(config.keys) : remoteKeys(config.http, config.uri);
  return {
    async find(header, { renewed } = { renewed: false }) {
      const known = await source.current();
      const found = renewed ? [] : await usableKeys(known, header);
      return theOne(
        found.length > 0 ? found : await usableKeys(await source.renewed(known), header),
      );
    },
    async all(force = false) {
      const keys = await (force ? source.fetched() : source.current());
      return { keys: structuredClone([...keys]) };
    },
  };
}

function theOne(keys: CryptoKey[]): CryptoKey {
  const [key, ...others] = keys;
  if (!key) {
    throw refusedIdToken(
      'The provider\'s JWK Set has no usable key for the id_token\'s header "alg" and "kid". Check ' +
        '"jwksUri" or "jwks"; RSA keys must have 2048 bits or more.',
    );
  }
  if (others.length === 0) return key;
  throw refusedIdToken(
    'The provider\'s JWK Set has more than one key for the id_token\'s header "alg" and "kid". ' +
      'Ask the provider for one "kid" a key, or give the right key with the option "jwks".',
  );
}

type Keys = readonly JWK[];

interface KeySource {
  /** The keys to verify with. */
  current(): Promise<Keys>;
  /** Newer keys than the ones seen, as far as it is decent to ask for them now. */
  renewed(seen: Keys): Promise<Keys>;
  /** What the provider says now. */
  fetched(): Promise<Keys>;
}

function fixedKeys(keys: Keys): KeySource {
  const answer = async (): Promise<Keys> => keys;
  return { current: answer, renewed: answer, fetched: answer };
}

function remoteKeys(http: Http, uri: string): KeySource {
  const ask = withBackoff(() => fetchKeys(http, uri));
  let known: { keys: Keys; until: number } | undefined;
  let pending: Promise<Keys> | undefined;
  let nextRenewal = 0;

  async function load(): Promise<Keys> {
    const keys = await ask();
    known = { keys, until: now() + timeToLive };
    return keys;
  }

  /** Joins the request in flight, or sends one. */
  function fetched(): Promise<Keys> {
    pending ??= load().finally(() => {
      pending = undefined;
    });
    return pending;
  }

  async function current(): Promise<Keys> {
    if (known && now() < known.until) return known.keys;
    return await fetched().catch((error: unknown) => {
      if (known) return known.keys;
      throw error;
    });
  }

  async function renewed(seen: Keys): Promise<Keys> {
    if (known && known.keys !== seen) return known.keys;
    if (!pending && now() < nextRenewal) return seen;
    nextRenewal = now() + renewalPause;
    return await fetched().catch((error: unknown) => {
      nextRenewal = 0; // A failure has a pause of its own.
      throw error;
    });
  }

  return { current, renewed, fetched };
}

/** Answers with the last failure, without asking, until a pause that doubles each time is over. */
function withBackoff<T>(ask: () => Promise<T>): () => Promise<T> {
  let failure: { error: unknown; pause: number; until: number } | undefined;
  return async () => {
    if (failure && now() < failure.until) throw failure.error;
    try {
      const answer = await ask();
      failure = undefined;
      return answer;
    } catch (error) {
      const pause = failure ? Math.min(failure.pause * 2, lastRetry) : firstRetry;
      failure = { error, pause, until: now() + pause };
      throw error;
    }
  };
}

async function fetchKeys(http: Http, uri: string): Promise<Keys> {
  const { status, headers, text } = await http.exchange({
    what: 'JWK Set',
    url: uri,
    headers: { accept: 'application/jwk-set+json, application/json' },
    limit: maxBytes,
  });
  if (status === 200) return readKeys(text, status);
  throw new OAuthError(
    'provider_unavailable',
    `The JWK Set's address answered with status ${status}. Try again, or check "jwksUri".`,
    { providerStatus: status, retryAfter: retryAfter(headers) },
  );
}

/** Members of `keys` are checked when they are used: one odd key must not take the others away. */
function readKeys(text: string, status: number): Keys {
  const set = tryJson(text);
  if (isObject(set) && Array.isArray(set['keys'])) return set['keys'] as Keys;
  throw new OAuthError(
    'invalid_metadata',
    'The JWK Set is not a JSON object with a list "keys". Check "jwksUri".',
    { providerStatus: status },
  );
}
