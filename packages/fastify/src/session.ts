import { type Seal } from '@oauth-registry/core';
import {
  closedSession,
  formatCookie,
  nodeSession,
  noResponse,
  refuseSent,
  type BrowserExchange,
  type ClosedSession,
  type ConnectStore,
  type NodeSession,
} from '@oauth-registry/core/adapter';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What session plugins add to a request; a store only where sessions live on the server. */
interface WithSession {
  session?: NodeSession | null;
  sessionStore?: ConnectStore;
}

/** What @fastify/secure-session adds to the application. */
interface WithSecureSession {
  createSecureSession?(data: object): NodeSession;
  encodeSecureSession?(session: NodeSession): string;
  decodeSecureSession?(cookie: string): NodeSession | null;
}

/** Shows core one request of a browser; without its reply, nothing is written. */
export function exchange(
  request: FastifyRequest,
  reply: FastifyReply | undefined,
): BrowserExchange {
  if (reply) watchCookies(request.server, reply);
  const open = (): FastifyReply => {
    refuseSent(reply?.sent === true);
    return reply ?? noResponse(passIt);
  };
  return {
    request,
    response: reply,
    method: request.method,
    header: (name) => request.headers[name]?.toString(),
    query: request.originalUrl.replace(/^[^?]*/, ''),
    body: () => request.body ?? request.raw,
    session: () => {
      const { session, sessionStore: store } = request as object as WithSession;
      const seal = secureSessionSeal(request.server as object);
      const sameSite = seal && isStrict(request.server) ? 'strict' : undefined;
      const https = request.protocol === 'https';
      return nodeSession({ session, store, seal, https, sameSite, ...advice });
    },
    setHeader: (name, value) => void open().header(name, value),
    setCookie: (cookie) => void open().header('set-cookie', formatCookie(cookie)),
    isAnswered: () => reply?.sent === true,
    ...logOf(request),
  };
}

const passIt =
  'Pass the reply as the second argument, or register the plugin: app.register(fastifyOAuth, { oauth }).';

/** The request's log; an application without a logger has one that writes nothing anywhere. */
function logOf({ log }: FastifyRequest): Pick<BrowserExchange, 'log'> {
  const writesNothing = log.error === log.info && !('level' in log);
  return writesNothing ? {} : { log: (line, details) => log.error(details, line) };
}

/** Finds the session of a request whose response has begun. */
export function closedSessionOf(
  request: unknown,
  reply: FastifyReply | undefined,
): ClosedSession | undefined {
  if (!reply?.sent && !reply?.raw.headersSent) return undefined;
  const { session, sessionStore: store } = request as WithSession;
  return closedSession({ session, store });
}

const advice = {
  howToAdd:
    'app.register(cookie) and app.register(session, { secret }) from @fastify/cookie and @fastify/session',
  howToSecure:
    "Behind a proxy use Fastify({ trustProxy: true }); on localhost use cookie: { secure: 'auto' }.",
};

/**
 * @fastify/secure-session keeps everything in one cookie; its key seals a cookie for each login. Under
 * a name of ours: a login cookie sent as the session's cookie must say nothing to the application.
 */
function secureSessionSeal(app: WithSecureSession): Seal | undefined {
  const { createSecureSession, encodeSecureSession, decodeSecureSession } = app;
  if (!createSecureSession || !encodeSecureSession || !decodeSecureSession) return undefined;
  return {
    seal: (login, context) =>
      encodeSecureSession(createSecureSession({ [nameOf(context)]: login }))
        .replaceAll('=', '')
        .replaceAll(/[;+/]/g, (letter) => ({ ';': '.', '+': '-' })[letter] ?? '_'),
    open: (sealed, context) => {
      const cookie = sealed.replace('.', ';').replaceAll('-', '+').replaceAll('_', '/');
      const login = decodeSecureSession(cookie)?.[nameOf(context)];
      return typeof login === 'string' ? login : undefined;
    },
  };
}

/** The secure sessions whose cookie is known to be `SameSite=Strict`, by the function that makes them. */
const strict = new WeakSet<object>();

function isStrict(app: object): boolean {
  const { createSecureSession } = app as WithSecureSession;
  return createSecureSession !== undefined && strict.has(createSecureSession);
}

/**
 * Learns of a cookie that is `SameSite=Strict`. @fastify/secure-session tells nobody its options, so the first
 * login that changes the session shows them, and the next start is refused: it would begin an endless loop.
 */
function watchCookies(app: object, reply: FastifyReply): void {
  const { createSecureSession, decodeSecureSession } = app as WithSecureSession;
  const cookies = reply as unknown as { setCookie?: (...args: CookieArgs) => unknown };
  const { setCookie } = cookies;
  if (!createSecureSession || !setCookie || strict.has(createSecureSession)) return;
  cookies.setCookie = (...args) => {
    const [, value, { sameSite } = {}] = args;
    const isSession = decodeSecureSession?.(value) != null;
    if (isSession && (sameSite === true || String(sameSite).toLowerCase() === 'strict')) {
      strict.add(createSecureSession);
    }
    return setCookie.apply(reply, args);
  };
}

type CookieArgs = [name: string, value: string, options?: { sameSite?: unknown }];

/** Half of the login's id, which is enough to tell the logins of one browser apart. */
function nameOf(context: string): string {
  return `oauth-registry.${context.slice(0, 8)}`;
}
