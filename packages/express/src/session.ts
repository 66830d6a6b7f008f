import { closedSession, fromNode, nodeSession } from '@oauth-registry/core/adapter';
import type {
  BrowserRequest,
  ClosedSession,
  ConnectStore,
  NodeSession,
} from '@oauth-registry/core/adapter';
import type { Request, Response } from 'express';

/**
 * Properties that session middleware adds to a request; a store only if sessions are stored on the
 * server.
 */
interface WithSession {
  session?: NodeSession | null;
  sessionStore?: ConnectStore;
  /** Set by cookie-session. */
  sessionOptions?: { sameSite?: unknown };
}

/** Properties that pino-http and similar loggers add to a request. */
interface WithLog {
  log?: { error?(details: object, line: string): unknown };
}

/** Converts an Express request and its response for core. */
export function toBrowserRequest(req: Request, res: Response | undefined): BrowserRequest {
  const browser = fromNode(req, res, () => {
    const holder = req as object as WithSession;
    const { session, sessionStore: store, sessionOptions } = holder;
    // express-session({ proxy: true }) uses this header, regardless of Express's trust settings.
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

/** Returns the session of a request whose response has started. */
export function closedSessionOf(request: unknown): ClosedSession | undefined {
  const { res, session, sessionStore: store } = (request ?? {}) as WithSession & Partial<Request>;
  return res?.headersSent ? closedSession({ session, store }) : undefined;
}

/** Whether the first of the forwarded protocols is https. */
function isForwarded(protocols: string | string[] | undefined): boolean {
  return protocols?.toString().split(',', 1)[0]?.trim().toLowerCase() === 'https';
}

const advice = {
  howToAdd:
    'app.use(session({ secret, resave: false, saveUninitialized: false })) from express-session',
  howToSecure:
    "Behind a proxy call app.set('trust proxy', 1); on localhost use cookie: { secure: 'auto' }.",
};
