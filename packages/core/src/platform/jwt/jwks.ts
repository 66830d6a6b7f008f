import type { JWK } from 'jose';
import { CachedDocument } from '../cached-document.js';
import { now } from '../crypto.js';
import { isObject, tryJson } from '../encoding.js';
import { OAuthError } from '../../model/errors.js';
import { namedDocument, retryAfter, type Http } from '../http/http.js';
import type { Awaitable } from '../../model/types.js';
import type { CryptoKey } from '../../model/web-types.js';
import { importedKeys, usableKeys } from './jwk.js';
import type { JwsHeader } from './jws.js';

/**
 * A provider's public keys.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7517#section-5
 */
export interface Jwks {
  /**
   * Returns the distinct keys that match a signature's header. With `renewed`, the known keys have
   * failed, and the set is fetched again within the limits.
   */
  find(header: JwsHeader, options?: { renewed: boolean }): Awaitable<readonly CryptoKey[]>;
  /** Maximum number of keys to try per signature. */
  readonly tries: number;
  /** Loads the set, unless it is cached. */
  load(): Awaitable<unknown>;
  /** Returns a copy of the whole set; with `force`, fetches it again. */
  all(force?: boolean): Promise<{ keys: JWK[] }>;
}

/** The source of the keys: a URL, configured keys, or both. */
export interface JwksConfig {
  readonly http?: Http;
  readonly uri?: string | undefined;
  readonly keys?: readonly JWK[] | undefined;
  /** The client's name, for error messages. */
  readonly client?: string | undefined;
  readonly limits: JwksLimits;
}

/** The limits of a key set, as in `limits` of the registry. */
export interface JwksLimits {
  jwksBytes: number;
  jwksKeys: number;
  jwksRefetches: number;
  keysPerSignature: number;
}

/** Cache TTL in milliseconds. */
const timeToLive = 600_000;
const renewalPause = 30_000;
const minute = 60_000;

/**
 * Creates a provider's key set. A set at a URL is fetched on first use, with one request for all
 * callers, and again when it is 10 minutes old or has no key for a token: immediately for each
 * unknown `kid`, for the same `kid` at most once in 30 seconds, and at most `limits.jwksRefetches`
 * times a minute. While the URL fails, the known keys remain in use. Configured keys come first;
 * the URL is used for other keys.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#RotateSigKeys
 */
export function createJwks(config: JwksConfig): Jwks {
  const { http, uri, keys: given = [], limits } = config;
  const source = http && uri !== undefined ? remoteKeys({ ...config, http, uri }) : noKeys;

  async function search(header: JwsHeader, renewed: boolean): Promise<readonly CryptoKey[]> {
    const own = await usableKeys(given, header);
    if (own.length > 0 && !renewed) return own;
    const known = await source.current();
    const found = renewed ? [] : await usableKeys(known, header);
    if (found.length > 0) return found;
    return await usableKeys(await source.renewed(known, header.kid), header);
  }

  return {
    tries: limits.keysPerSignature,
    find(header, { renewed } = { renewed: false }) {
      const cached = given.length > 0 ? given : source.cached;
      const imported = cached && !renewed ? importedKeys(cached, header) : undefined;
      return imported ?? search(header, renewed);
    },
    load: () => source.current(),
    async all(force = false) {
      const keys = await (force ? source.fetched() : source.current());
      return { keys: structuredClone([...given, ...keys]) };
    },
  };
}

type Keys = readonly JWK[];

interface KeySource {
  /** The keys to verify with, if they are cached. */
  readonly cached: Keys | undefined;
  /** Returns the keys to verify with. */
  current(): Awaitable<Keys>;
  /** Refetches the key set for a `kid` missing from `seen`, within the limits. */
  renewed(seen: Keys, kid: string | undefined): Promise<Keys>;
  /** Fetches the key set from the provider. */
  fetched(): Promise<Keys>;
}

const none = (): Promise<Keys> => Promise.resolve([]);
const noKeys: KeySource = { cached: [], current: none, renewed: none, fetched: none };

/** A key set at a URL. */
interface RemoteKeys extends JwksConfig {
  readonly http: Http;
  readonly uri: string;
}

function remoteKeys(config: RemoteKeys): KeySource {
  const document = new CachedDocument(() => fetchKeys(config), timeToLive);
  /** The `kid` and time of each refetch in the last minute. */
  let asked: { kid: string | undefined; at: number }[] = [];

  /** Whether a refetch for a `kid` is allowed now. If so, records it. */
  function mayAsk(kid: string | undefined): boolean {
    asked = asked.filter(({ at }) => at > now() - minute);
    const again = asked.some((one) => one.kid === kid && one.at > now() - renewalPause);
    if (again || asked.length >= config.limits.jwksRefetches) return false;
    asked.push({ kid, at: now() });
    return true;
  }

  async function renewed(seen: Keys, kid: string | undefined): Promise<Keys> {
    if (document.last && document.last !== seen) return document.last;
    if (!document.isLoading && !mayAsk(kid)) return seen;
    return await document.load().catch((error: unknown) => {
      asked = []; // Failures have their own back-off.
      throw error;
    });
  }

  return {
    get cached() {
      return document.current;
    },
    current: () => document.get(),
    renewed,
    fetched: () => document.load(),
  };
}

async function fetchKeys({ http, uri, client, limits }: RemoteKeys): Promise<Keys> {
  const what = namedDocument('JWK Set', { client, url: uri });
  const { status, headers, text } = await http.send({
    what,
    url: uri,
    headers: { accept: 'application/jwk-set+json, application/json' },
    limit: limits.jwksBytes,
    limitOption: 'limits.jwksBytes',
    document: true,
  });
  if (status === 200) return readKeys(text, { what, status, most: limits.jwksKeys });
  throw new OAuthError(
    'provider_unavailable',
    `The ${what} could not be loaded (HTTP ${status}). Try again, or check "jwksUri".`,
    { providerStatus: status, retryAfter: retryAfter(headers) },
  );
}

/** Members of `keys` are validated on use: one invalid key must not affect the others. */
function readKeys(
  text: string,
  { what, status, most }: { what: string; status: number; most: number },
): Keys {
  const set = tryJson(text);
  const keys: unknown = isObject(set) ? set['keys'] : undefined;
  if (Array.isArray(keys) && keys.length <= most) return keys as Keys;
  throw new OAuthError(
    'invalid_metadata',
    Array.isArray(keys)
      ? `The ${what} has more than ${most} keys. Check "jwksUri"; "limits.jwksKeys" allows more.`
      : `The ${what} is not a JSON object with a list "keys". Check "jwksUri".`,
    { providerStatus: status },
  );
}
