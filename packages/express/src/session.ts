import { OAuthError, type BrowserExchange, type SessionPort } from '@oauth-registry/core';
import type { Request, Response } from 'express';

/** The little of express-session (or of another session middleware) that is used. */
interface ExpressSession {
  [key: string]: unknown;
  cookie?: { secure?: unknown };
  save?(done: (error?: unknown) => void): unknown;
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
    addCookie: (cookie) => void res.append('Set-Cookie', cookie),
  };
}

function sessionOf(req: Request): SessionPort {
  const session = (req as { session?: unknown }).session as ExpressSession | null | undefined;
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
    ...(session.save ? { save: () => save(session) } : {}),
  };
}

/** express-session answers the redirect before its store has written; saving by hand waits for it. */
function save(session: ExpressSession): Promise<void> {
  return new Promise((resolve, reject) => {
    session.save?.((error) => (error ? reject(error) : resolve()));
  });
}

/** express-session sets no cookie at all, and says nothing, when `secure` meets plain http. */
function checkCookie(session: ExpressSession, req: Request): void {
  const overHttps = req.secure || req.get('x-forwarded-proto')?.startsWith('https');
  if (session.cookie?.secure !== true || overHttps) return;
  throw new OAuthError(
    'missing_session',
    'The session cookie is "secure", but this request came over http, so the browser will not keep it. ' +
      "Behind a proxy call app.set('trust proxy', 1); on localhost use cookie: { secure: 'auto' }.",
  );
}
