import {
  OAuthError,
  connectStore,
  formatCookie,
  type BrowserExchange,
  type ConnectStore,
  type SessionPort,
} from '@oauth-registry/core';
import type { Request, Response } from 'express';

/** The little of express-session (or of another session middleware) that is used. */
interface ExpressSession {
  [key: string]: unknown;
  cookie?: { secure?: unknown };
  save?(done: (error?: unknown) => void): unknown;
}

/** What session middleware adds to a request; a store only where sessions live on the server. */
interface WithSession {
  session?: ExpressSession | null;
  sessionStore?: ConnectStore;
}

/** Shows core one request of a browser and its response. */
export function exchange(req: Request, res: Response): BrowserExchange {
  const at = req.originalUrl.indexOf('?');
  return {
    method: req.method,
    header: (name) => req.get(name),
    query: at < 0 ? '' : req.originalUrl.slice(at),
    body: () => (req.body as unknown) ?? req,
    session: () => sessionOf(req),
    setHeader: (name, value) => void res.setHeader(name, value),
    setCookie: (cookie) => void res.append('Set-Cookie', formatCookie(cookie)),
  };
}

function sessionOf(req: Request): SessionPort {
  const { session, sessionStore: store } = req as object as WithSession;
  if (!session) {
    throw new OAuthError(
      'missing_session',
      'There is no session to keep the pending login in. Add, before the routes, ' +
        'app.use(session({ secret, resave: false, saveUninitialized: false })) from express-session, ' +
        "or keep pending logins in cookies: new OAuth({ stateStorage: 'cookie', secret }).",
    );
  }
  checkCookie(session, req);
  return {
    get: (key) => session[key],
    set: (key, value) => {
      if (value === undefined) delete session[key];
      else session[key] = value;
    },
    save: () => save(session),
    ...(store ? { store: connectStore(store) } : {}),
  };
}

/**
 * express-session answers the redirect before its store has written; saving by hand waits for it. A
 * session with nothing in it is left unsaved.
 */
async function save(session: ExpressSession): Promise<void> {
  if (!session.save || Object.keys(session).every((key) => key === 'cookie')) return;
  await new Promise<void>((resolve, reject) => {
    session.save?.((error) => (error ? reject(error) : resolve()));
  });
}

/** express-session sets no cookie at all, and says nothing, when `secure` meets plain http. */
function checkCookie(session: ExpressSession, req: Request): void {
  if (session.cookie?.secure !== true || req.secure) return;
  throw new OAuthError(
    'missing_session',
    'The session cookie is "secure", but Express sees this request as http, so the cookie is never set. ' +
      "Behind a proxy call app.set('trust proxy', 1); on localhost use cookie: { secure: 'auto' }.",
  );
}
