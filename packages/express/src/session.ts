import {
  formatCookie,
  nodeSession,
  type BrowserExchange,
  type ConnectStore,
  type NodeSession,
} from '@oauth-registry/core';
import type { Request, Response } from 'express';

/** What session middleware adds to a request; a store only where sessions live on the server. */
interface WithSession {
  session?: NodeSession | null;
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
    session: () => {
      const { session, sessionStore } = req as object as WithSession;
      return nodeSession({ session, store: sessionStore, https: req.secure, ...advice });
    },
    setHeader: (name, value) => void res.setHeader(name, value),
    setCookie: (cookie) => void res.append('Set-Cookie', formatCookie(cookie)),
  };
}

const advice = {
  howToAdd:
    'app.use(session({ secret, resave: false, saveUninitialized: false })) from express-session',
  howToSecure:
    "Behind a proxy call app.set('trust proxy', 1); on localhost use cookie: { secure: 'auto' }.",
};
