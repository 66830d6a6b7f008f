import { closedSession, nodeExchange, nodeSession } from '@oauth-registry/core/adapter';
import type {
  BrowserExchange,
  ClosedSession,
  ConnectStore,
  NodeSession,
} from '@oauth-registry/core/adapter';
import type { Request, Response } from 'express';

/** What session middleware adds to a request; a store only where sessions live on the server. */
interface WithSession {
  session?: NodeSession | null;
  sessionStore?: ConnectStore;
  /** Of cookie-session. */
  sessionOptions?: { sameSite?: unknown };
}

/** What pino-http and its like add to a request. */
interface WithLog {
  log?: { error?(details: object, line: string): unknown };
}

/** Shows core one request of a browser and its response. */
export function exchange(req: Request, res: Response | undefined): BrowserExchange {
  const browser = nodeExchange(req, res, () => {
    const holder = req as object as WithSession;
    const { session, sessionStore: store, sessionOptions } = holder;
    // express-session({ proxy: true }) goes by this header, whatever Express trusts.
    const https = req.secure || isForwarded(req.headers['x-forwarded-proto']);
    const create = (): NodeSession | null | undefined => {
      holder.session = {};
      return holder.session;
    };
    const { sameSite } = sessionOptions ?? {};
    return nodeSession({ session, store, https, create, sameSite, ...advice });
  });
  const { log } = req as object as WithLog;
  return typeof log?.error === 'function'
    ? { ...browser, log: (line, details) => void log.error?.(details, line) }
    : browser;
}

/** Finds the session of a request whose response has begun. */
export function closedSessionOf(request: unknown): ClosedSession | undefined {
  const { res, session, sessionStore: store } = (request ?? {}) as WithSession & Partial<Request>;
  return res?.headersSent ? closedSession({ session, store }) : undefined;
}

/** Whether the proxy in front of the last one, if there is one, was reached by https. */
function isForwarded(protocols: string | string[] | undefined): boolean {
  return protocols?.toString().split(',', 1)[0]?.trim().toLowerCase() === 'https';
}

const advice = {
  howToAdd:
    'app.use(session({ secret, resave: false, saveUninitialized: false })) from express-session',
  howToSecure:
    "Behind a proxy call app.set('trust proxy', 1); on localhost use cookie: { secure: 'auto' }.",
};
