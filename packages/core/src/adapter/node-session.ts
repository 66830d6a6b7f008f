import { OAuthError } from '../errors.js';
import type { ClosedSession, Seal, SessionPort } from '../ports.js';
import { noSession } from '../state/choose-storage.js';
import { sessionKey } from '../state/session-storage.js';
import { connectStore, type ConnectStore } from './connect-store.js';

/** A session of a Node framework: an object whose properties are kept from request to request. */
export interface NodeSession {
  [key: string]: unknown;
  cookie?: { secure?: unknown };
  save?(done: Done): unknown;
  regenerate?(done: Done): unknown;
  destroy?(done: Done): unknown;
  /** A session that lives in a cookie. */
  delete?(): unknown;
}

type Done = (error?: unknown) => void;

/** What a framework's request says about its session. */
export interface FoundSession {
  session: NodeSession | null | undefined;
  /** The store, where sessions live on the server. */
  store?: ConnectStore | undefined;
  /** The session's own encryption, where it lives in a cookie. */
  seal?: Seal | undefined;
  /** Whether the framework sees the request as https. */
  https: boolean;
  /** What to write to have a session. */
  howToAdd: string;
  /** What to write to have a `secure` cookie set. */
  howToSecure: string;
}

/** Makes a framework's session usable for pending logins, or explains why it is not. */
export function nodeSession(found: FoundSession): SessionPort {
  const { session, store, seal, https, howToAdd, howToSecure } = found;
  if (!session) {
    throw new OAuthError(
      'missing_session',
      `There is no session to keep the pending login in. Add, before the routes, ${howToAdd}; or keep ` +
        'pending logins in sealed cookies: new OAuth({ secret }).',
      { reason: noSession },
    );
  }
  // Session middleware then sets no cookie at all, and says nothing.
  if (session.cookie?.secure === true && !https) {
    throw new OAuthError(
      'missing_session',
      'The session cookie is "secure", but the framework sees this request as http, so the cookie is ' +
        `never set. ${howToSecure}`,
    );
  }
  return {
    get: (key) => session[key],
    set: (key, value) => {
      if (value === undefined) delete session[key];
      else session[key] = value;
    },
    save: () => save(session),
    renew: () =>
      session.regenerate
        ? settled(store, (done) => session.regenerate?.(done))
        : empty(session, sessionKey),
    end: () => {
      const end = session.destroy ?? session.delete;
      return end ? settled(store, (done) => end.call(session, done)) : empty(session);
    },
    ...(store ? { store: connectStore(store) } : {}),
    ...(seal ? { seal } : {}),
  };
}

/** Shows core a session whose response has begun. Only one in a store on the server can be saved from there. */
export function closedSession({
  session,
  store,
}: Pick<FoundSession, 'session' | 'store'>): ClosedSession | undefined {
  if (!session) return undefined;
  const { data } = session;
  return {
    data: typeof data === 'function' ? (data as () => unknown).call(session) : session,
    advice:
      'The response has begun, and the cookie of the session can no longer be set. Call the API before ' +
      'the first write of the response, or store the token in a "tokenStore".',
    save: store && session.save ? () => save(session) : undefined,
  };
}

/** All that can be done with a session that is nothing but an object, as that of cookie-session. */
async function empty(session: NodeSession, kept?: string): Promise<void> {
  for (const key of Object.keys(session)) if (key !== kept) delete session[key];
}

/** Waits for the store, which the answer would not do; a session with nothing in it is left unsaved. */
async function save(session: NodeSession): Promise<void> {
  if (!session.save || Object.keys(session).every((key) => key === 'cookie')) return;
  await called((done) => session.save?.(done));
}

/** Waits for the store where there is one. Sessions that live in cookies are done at once. */
async function settled(store: unknown, run: (done: Done) => unknown): Promise<void> {
  if (store) await called(run);
  else run(() => undefined);
}

function called(run: (done: Done) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    run((error) => (error ? reject(error) : resolve()));
  });
}
