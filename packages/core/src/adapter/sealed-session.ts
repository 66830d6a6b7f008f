import { EncryptJWT, jwtDecrypt } from 'jose';
import { secrets } from '../checks.js';
import { deriveKey, now } from '../crypto.js';
import { OAuthError } from '../errors.js';
import type { BrowserCookie } from '../ports.js';
import type { Awaitable } from '../types.js';

/** Options of a session that lives in sealed cookies. */
export interface SealedSessionOptions {
  /** 32 characters or more. The first seals, all of them open. */
  secret: string | readonly string[] | undefined;
  /** The cookie's name. Default `session`. */
  name?: string;
  /** Seconds a session lasts. Default a week. */
  maxAge?: number;
  /** Whether the cookie needs https. Default true. */
  secure?: boolean;
}

/** The cookies of one request and its response. */
export interface CookiePlace {
  get(name: string): string | undefined;
  set(cookie: BrowserCookie): void;
}

/** A session for applications that have none. `Place` says where a framework's cookies are. */
export interface SealedSession<Data extends object, Place> {
  /** Reads the session; `undefined` when there is none, or it has expired. */
  getSession(place: Place): Promise<Data | undefined>;
  /** Replaces the session. */
  setSession(data: Data, place: Place): Promise<void>;
  clearSession(place: Place): Promise<void>;
}

/** Bytes of one cookie and number of cookies that browsers and servers take without complaint. */
const chunkSize = 3500;
const maxChunks = 4;

const sealing = {
  keyManagementAlgorithms: ['dir'],
  contentEncryptionAlgorithms: ['A256GCM'],
  requiredClaims: ['exp'],
};

/** Creates a session in one sealed cookie, in pieces when it is large; it expires from the inside. */
export function createSealedSession<Data extends object, Place>(
  options: SealedSessionOptions,
  cookiesOf: (place: Place) => Awaitable<CookiePlace>,
): SealedSession<Data, Place> {
  const { name = 'session', maxAge = 604_800, secure = true } = options;
  const base = `${secure ? '__Host-' : ''}${name}`;
  const keys = (): Promise<CryptoKey>[] =>
    secretsOf(options).map((secret) => deriveKey(secret, `session ${base}`));
  const cookie = (index: number, value: string, age: number): BrowserCookie => ({
    name: `${base}.${index}`,
    value,
    maxAge: age,
    secure,
    sameSite: 'lax',
  });

  async function write(chunks: string[], place: Place): Promise<void> {
    const { get, set } = await cookiesOf(place);
    for (const [index, value] of chunks.entries()) set(cookie(index, value, maxAge));
    for (let i = chunks.length; get(`${base}.${i}`) !== undefined; i++) set(cookie(i, '', 0));
  }

  return {
    async getSession(place) {
      const { get } = await cookiesOf(place);
      let sealed = '';
      for (let i = 0; i < maxChunks && get(`${base}.${i}`); i++) sealed += get(`${base}.${i}`);
      for (const key of sealed === '' ? [] : keys()) {
        const opened = await jwtDecrypt(sealed, await key, sealing).catch(() => undefined);
        if (opened) return opened.payload['data'] as Data;
      }
      return undefined;
    },
    async setSession(data, place) {
      const [key] = keys();
      const sealed = await new EncryptJWT({ data })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setExpirationTime(new Date(now() + maxAge * 1000))
        .encrypt((await key) as CryptoKey);
      const chunks = sealed.match(new RegExp(`.{1,${chunkSize}}`, 'g')) ?? [];
      if (chunks.length > maxChunks) throw tooLarge(sealed.length);
      await write(chunks, place);
    },
    clearSession: (place) => write([], place),
  };
}

function secretsOf({ secret }: SealedSessionOptions): string[] {
  const problem = secrets(secret);
  if (problem === undefined) return [secret ?? []].flat();
  throw new OAuthError('invalid_options', `The session's "secret" ${problem}.`);
}

function tooLarge(size: number): OAuthError {
  return new OAuthError(
    'invalid_options',
    `The session has ${size} bytes; cookies hold ${chunkSize * maxChunks}. Keep less in it, or keep it ` +
      'in a server store and its id here.',
  );
}
