import { now } from '../platform/crypto.js';
import { toBytes } from '../platform/encoding.js';
import { OAuthError, reasonOf } from '../model/errors.js';
import type { ClosedSession, Seal, SessionPort, StateStore } from '../model/ports.js';
import { noSession, strictCookie } from '../client/login-state/choose.js';
import { sessionKey } from '../client/login-state/in-session.js';

/** A session of a Node framework: an object whose properties persist between requests. */
export interface NodeSession {
  [key: string]: unknown;
  cookie?: { secure?: unknown; sameSite?: unknown };
  save?(done: Done): unknown;
  regenerate?(done: Done): unknown;
  destroy?(done: Done): unknown;
  /** A session stored in a cookie. */
  delete?(): unknown;
}

type Done = (error?: unknown) => void;

/** The session of a framework's request, with its properties. */
export interface FoundSession {
  session: NodeSession | null | undefined;
  /** Creates a new session after the application has ended its own. */
  create?: (() => NodeSession | null | undefined) | undefined;
  /** The store, if sessions are stored on the server. */
  store?: ConnectStore | undefined;
  /** The key of the session in the store. */
  id?: string | undefined;
  /** The session's own encryption, if it is stored in a cookie. */
  seal?: Seal | undefined;
  /** Whether the session plugin treats the request as https and sets a `secure` cookie. */
  https: boolean;
  /** The `sameSite` of the session's cookie, if the session does not expose it. */
  sameSite?: unknown;
  /** The code that adds a session. */
  howToAdd: string;
  /** The code that makes `secure` cookies work. */
  howToSecure: string;
}

/** Adapts a framework's session for pending logins, or throws why it is unusable. */
export function nodeSession(found: FoundSession): SessionPort {
  const { session, store, id, seal, https, howToSecure } = found;
  if (!session) return missingSession(found);
  // Session middleware then silently sets no cookie.
  if (session.cookie?.secure === true && !https) {
    throw new OAuthError(
      'missing_session',
      'The session cookie is "secure", but the framework sees this request as http, so the cookie is ' +
        `never set. ${howToSecure}`,
    );
  }
  const sameSite = session.cookie?.sameSite ?? found.sameSite;
  if (sameSite === true || String(sameSite).toLowerCase() === 'strict') throw strict();
  const port: SessionPort = {
    ...properties(session),
    save: () => save(session),
    renew: () =>
      session.regenerate
        ? awaitStore(store, (done) => session.regenerate?.(done))
        : empty(session, sessionKey),
    end: () => {
      const end = session.destroy ?? session.delete;
      return end ? awaitStore(store, (done) => end.call(session, done)) : empty(session);
    },
  };
  if (store) Object.assign(port, { id }, beside(store));
  if (seal) port.seal = seal;
  if (!store && !seal && !session.save) port.room = () => roomOf(session);
  return port;
}

/**
 * Returns the `session` of a `BrowserRequest` for frameworks without one. The `reason` of its error,
 * `NO_SESSION`, lets a registry with a `secret` store pending logins in encrypted cookies.
 *
 * @param what the framework, as the error names it
 * @throws OAuthError `missing_session`, from the returned function
 */
export function withoutSession(what: string): () => never {
  return () => {
    throw new OAuthError(
      'missing_session',
      `${what} has no session of its own. Store pending logins in cookies (the default: set "secret"), or ` +
        'pass a function that returns yours to new OAuth({ session }).',
      { reason: noSession },
    );
  };
}

/**
 * Adapts a session whose response has started. It can be saved only if it is stored on the server.
 */
export function closedSession({
  session,
  store,
}: Pick<FoundSession, 'session' | 'store'>): ClosedSession | undefined {
  if (!session) return undefined;
  const { data } = session;
  return {
    data: typeof data === 'function' ? (data as () => unknown).call(session) : session,
    advice:
      'The response has started, so the session cookie can no longer be set. Call the API before ' +
      'the first write of the response, or store the token in a "tokenStore".',
    save: store && session.save ? () => save(session) : undefined,
  };
}

function properties(session: NodeSession): Pick<SessionPort, 'get' | 'set'> {
  return {
    get: (key) => session[key],
    set: (key, value) => {
      if (value === undefined) delete session[key];
      else session[key] = value;
    },
  };
}

/**
 * Handles a missing session: an application that has just ended it may still log out at the
 * provider.
 */
function missingSession({ session, create, store, howToAdd }: FoundSession): SessionPort {
  // Data stored beside the session needs none; the next request creates a new session.
  if (store) return { get: () => undefined, set: () => undefined, ...beside(store) };
  if (session === null && create) {
    let made: NodeSession | null | undefined;
    return {
      get: (key) => made?.[key],
      set: (key, value) => {
        made ??= value === undefined ? undefined : create();
        if (made) properties(made).set(key, value);
      },
    };
  }
  throw new OAuthError(
    'missing_session',
    `There is no session to store the pending login in. Add, before the routes, ${howToAdd}; or store ` +
      'pending logins in encrypted cookies: new OAuth({ secret }).',
    { reason: noSession },
  );
}

type BesideSession = Required<Pick<SessionPort, 'store' | 'endOther'>>;

const stores = new WeakMap<ConnectStore, BesideSession>();

/** What the store behind a session offers besides the session itself. */
function beside(store: ConnectStore): BesideSession {
  const known = stores.get(store);
  if (known) return known;
  const created = {
    store: connectStore(store),
    endOther: async (id: string) => {
      await ifStored((callback) => store.destroy(id, callback));
    },
  };
  stores.set(store, created);
  return created;
}

function strict(): OAuthError {
  return new OAuthError(
    'missing_session',
    'The session cookie is SameSite=Strict, so browsers do not send it when the provider redirects the user back: ' +
      "every login would end signed out and start again. Change it to sameSite: 'lax'.",
    { reason: strictCookie },
  );
}

/** Bytes of JSON whose base64 fits into one cookie with its name and attributes. */
const cookieRoom = 2900;

/** Returns the room that the other data of a session leave in its cookie. */
function roomOf(session: NodeSession): number {
  return cookieRoom - toBytes(JSON.stringify({ ...session })).length;
}

/** Clears a session that is only an object, such as that of cookie-session. */
async function empty(session: NodeSession, except?: string): Promise<void> {
  for (const key of Object.keys(session)) if (key !== except) delete session[key];
}

/** Waits for the store, because the response would not; an empty session is not saved. */
async function save(session: NodeSession): Promise<void> {
  if (!session.save || Object.keys(session).every((key) => key === 'cookie')) return;
  await fromCallback((done) => session.save?.(done));
}

/** Waits for the store, if there is one. Cookie sessions complete immediately. */
async function awaitStore(store: unknown, run: (done: Done) => unknown): Promise<void> {
  if (store) await fromCallback(run);
  else run(() => undefined);
}

/** The callbacks of a session store. */
type Callback = (error?: unknown, value?: object | null) => void;

/** A session store of express-session or @fastify/session. */
export interface ConnectStore {
  get(id: string, callback: Callback): unknown;
  set(id: string, session: object, callback: Callback): unknown;
  destroy(id: string, callback: Callback): unknown;
}

/**
 * Stores entries beside the sessions of a session store, formatted as expiring sessions because
 * such stores accept nothing else.
 */
export function connectStore(store: ConnectStore): StateStore {
  return {
    async put(key, value, ttl) {
      const maxAge = ttl * 1000;
      const expires = new Date(now() + maxAge);
      const cookie = { originalMaxAge: maxAge, maxAge, expires, httpOnly: true, path: '/' };
      await fromCallback((callback) => store.set(key, { cookie, login: value }, callback));
    },
    async take(key) {
      const entry = await ifStored((callback) => store.get(key, callback));
      const login: unknown = entry && 'login' in entry ? entry.login : undefined;
      if (typeof login !== 'string') return undefined;
      await ifStored((callback) => store.destroy(key, callback));
      return login;
    },
  };
}

/** Reads or removes an entry, which may be missing: file-based stores report that as ENOENT. */
function ifStored(run: (callback: Callback) => unknown): Promise<object | undefined> {
  return fromCallback((callback) =>
    run((error, value) => callback(reasonOf(error) === 'ENOENT' ? undefined : error, value)),
  );
}

/** Calls a function that takes a callback. */
function fromCallback(run: (callback: Callback) => unknown): Promise<object | undefined> {
  return new Promise((resolve, reject) => {
    run((error, value) => (error ? reject(error) : resolve(value ?? undefined)));
  });
}
