import {
  checkAll,
  count,
  flag,
  must,
  secrets,
  text,
  usable,
  valueProblem,
  type Check,
} from '../platform/validators.js';
import { now } from '../platform/crypto.js';
import { isObject } from '../platform/encoding.js';
import type { EncryptionKey } from '../platform/crypto-functions.js';
import { deriveKey } from '../platform/seal.js';
import { OAuthError } from '../model/errors.js';
import type { BrowserCookie } from '../model/ports.js';
import { formatCookie } from '../platform/http/set-cookie.js';
import type { Awaitable } from '../model/types.js';

/** Options of an encrypted cookie session. */
export interface CookieSessionOptions {
  /**
   * Encryption secret of at least 32 characters. The first of a list encrypts, all of them decrypt.
   */
  secret: string | readonly string[] | undefined;
  /** The cookie's name. Default: `session`. */
  name?: string;
  /** Lifetime of a session in seconds. Default: one week. */
  maxAge?: number;
  /** Whether the cookie requires https. Default: `true`. */
  secure?: boolean;
  /**
   * Maximum bytes of the headers of a response that sets the session, including 1000 for other
   * headers. Default: 4000, the default limit of nginx. Higher values need settings of the proxy,
   * and of Node beyond 12,000.
   */
  maxBytes?: number;
}

/** Access to the cookies of one request and its response. */
export interface CookieScope {
  get(name: string): string | undefined;
  set(cookie: BrowserCookie): void;
}

/** A session for applications without one. `Place` is the framework's access to its cookies. */
export interface CookieSession<Data extends object, Place> {
  /** Returns the session; `undefined` if there is none or it has expired. */
  getSession(place: Place): Promise<Data | undefined>;
  /** Replaces the session. */
  setSession(data: Data, place: Place): Promise<void>;
  clearSession(place: Place): Promise<void>;
}

/** Maximum bytes of a cookie that every browser accepts with its attributes. */
const pieceBytes = 3500;

/** Bytes reserved for the other headers of a response. */
const otherHeaders = 1000;

/** Maximum cookies per session; a request could not contain more. */
const maxPieces = 16;

const sealing = {
  keyManagementAlgorithms: ['dir'],
  contentEncryptionAlgorithms: ['A256GCM'],
  requiredClaims: ['exp'],
};

/**
 * Creates a session in one encrypted cookie, split into several if it is large. The expiry is part
 * of the encrypted data.
 */
export function createCookieSession<Data extends object, Place>(
  options: CookieSessionOptions,
  cookiesOf: (place: Place) => Awaitable<CookieScope>,
): CookieSession<Data, Place> {
  checkAll(options, checks, 'createSession()');
  const { name = 'session', maxAge = 604_800, secure = true, maxBytes = 4000 } = options;
  const base = `${secure ? '__Host-' : ''}${name}`;
  const keyOf = (secret: string): Awaitable<EncryptionKey> => deriveKey(secret, `session ${base}`);
  const cookie = (index: number, value: string, age: number): BrowserCookie => ({
    name: `${base}.${index}`,
    value,
    maxAge: age,
    secure,
    sameSite: 'lax',
  });

  /**
   * Splits a session into cookies. The first contains their number: others belong to a replaced
   * session.
   */
  function split(sealed: string): BrowserCookie[] {
    const pieces = sealed.match(new RegExp(`.{1,${pieceBytes}}`, 'g')) ?? [];
    const cookies = pieces.map((piece, index) =>
      cookie(index, index === 0 ? `${pieces.length}~${piece}` : piece, maxAge),
    );
    const size = cookies.reduce(
      (total, one) => total + setCookie.length + formatCookie(one).length,
      0,
    );
    const room = maxBytes - otherHeaders;
    if (size > room || cookies.length > maxPieces) throw sessionTooLarge(size, room);
    return cookies;
  }

  async function write(cookies: BrowserCookie[], place: Place): Promise<void> {
    const { get, set } = await cookiesOf(place);
    for (const one of cookies) set(one);
    for (let i = cookies.length; i < maxPieces; i++) {
      if (get(`${base}.${i}`) !== undefined) set(cookie(i, '', 0));
    }
  }

  async function read(place: Place): Promise<string> {
    const { get } = await cookiesOf(place);
    const first = get(`${base}.0`) ?? '';
    // Sessions written by versions without a count use all cookies there are.
    const [, counted, piece = first] = /^(\d{1,2})~(.*)$/s.exec(first) ?? [];
    const pieces = counted === undefined ? maxPieces : Math.min(Number(counted), maxPieces);
    let sealed = piece;
    for (let i = 1; i < pieces; i++) sealed += get(`${base}.${i}`) ?? '';
    return sealed;
  }

  return {
    async getSession(place) {
      const sealed = await read(place);
      if (sealed === '') return undefined;
      const { jwtDecrypt } = await import('../platform/jose.js');
      for (const secret of readSecrets(options)) {
        const opened = await jwtDecrypt(sealed, await keyOf(secret), sealing).catch(
          () => undefined,
        );
        if (opened) return opened.payload['data'] as Data;
      }
      return undefined;
    },
    async setSession(data, place) {
      checkData(data);
      const [secret = ''] = readSecrets(options);
      const { EncryptJWT } = await import('../platform/jose.js');
      const sealed = await new EncryptJWT({ data })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setExpirationTime(new Date(now() + maxAge * 1000))
        .encrypt(await keyOf(secret));
      await write(split(sealed), place);
    },
    clearSession: (place) => write([], place),
  };
}

/** Rejects missing data, text and unresolved promises, which would be encrypted as empty data. */
function checkData(data: unknown): void {
  const problem = isObject(data) && !Array.isArray(data) ? undefined : 'must be an object';
  const seen = valueProblem(data ?? null, () => problem);
  if (seen === undefined) return;
  throw new OAuthError('invalid_options', `setSession(): the session's data ${seen}.`);
}

/** The syntax around a cookie in a response header. */
const setCookie = 'set-cookie: \r\n';

const checks: Record<keyof CookieSessionOptions, Check> = {
  // Checked on first use: it is not set during a build.
  secret: () => undefined,
  name: text,
  maxAge: count,
  secure: flag,
  maxBytes: must(
    (v) => Number.isInteger(v) && Number(v) >= 1000 && Number(v) <= 50_000,
    'must be a whole number of bytes from 1000 to 50000',
  ),
};

function readSecrets({ secret }: CookieSessionOptions): string[] {
  const problem = secrets(secret);
  if (problem === undefined) return [usable(secret) ?? []].flat();
  throw new OAuthError('invalid_options', `The session's "secret" ${problem}.`);
}

function sessionTooLarge(size: number, room: number): OAuthError {
  return new OAuthError(
    'invalid_options',
    `The session takes ${size} bytes of headers, and "maxBytes" leaves it ${room}. Store less in it, or store ` +
      'it in a database and its ID here; or set a larger "maxBytes" in createSession() and the proxy ' +
      'limits that it needs.',
  );
}
