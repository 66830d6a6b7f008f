import type { Seal } from '@oauth-registry/core/types';
import {
  closedSession,
  formatCookie,
  nodeSession,
  noResponse,
  refuseSent,
  type BrowserRequest,
  type ClosedSession,
  type ConnectStore,
  type NodeSession,
} from '@oauth-registry/core/adapter';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Properties that session plugins add to a request; a store only if sessions are stored on the
 * server.
 */
interface WithSession {
  session?: NodeSession | null;
  sessionStore?: ConnectStore;
}

/** Properties that @fastify/secure-session adds to the application. */
interface WithSecureSession {
  createSecureSession?(data: object): NodeSession;
  encodeSecureSession?(session: NodeSession): string;
  decodeSecureSession?(cookie: string): NodeSession | null;
}

/** Converts a Fastify request for core; without its reply, nothing is written. */
export function toBrowserRequest(
  request: FastifyRequest,
  reply: FastifyReply | undefined,
): BrowserRequest {
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
      const id = store && (session?.['sessionId'] as string | undefined);
      return nodeSession({ session, store, id, seal, https, sameSite, ...advice });
    },
    setHeader: (name, value) => void open().header(name, value),
    setCookie: (cookie) => void open().header('set-cookie', formatCookie(cookie)),
    isResponseSent: () => reply?.sent === true,
    ...logOf(request),
  };
}

const passIt =
  'Pass the reply as the second argument, or register the plugin: app.register(fastifyOAuth, { oauth }).';

/** Returns the request's log; an application without a logger has one that writes nothing. */
function logOf({ log }: FastifyRequest): Pick<BrowserRequest, 'log'> {
  const writesNothing = log.error === log.info && !('level' in log);
  return writesNothing ? {} : { log: (line, details) => log.error(details, line) };
}

/** Returns the session of a request whose response has started. */
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
 * Encrypts a cookie per login with the key of @fastify/secure-session, which stores the session in
 * one cookie. The name differs, so that a login cookie is never accepted as the session's cookie.
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

/**
 * Secure sessions whose cookie is known to be `SameSite=Strict`, by the function that creates them.
 */
const strict = new WeakSet<object>();

function isStrict(app: object): boolean {
  const { createSecureSession } = app as WithSecureSession;
  return createSecureSession !== undefined && strict.has(createSecureSession);
}

/**
 * Detects a `SameSite=Strict` cookie. @fastify/secure-session does not expose its options, so the
 * first login that changes the session reveals them, and the next start is rejected: it would cause
 * a redirect loop.
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

/** Half of the login's identifier, which distinguishes the logins of one browser. */
function nameOf(context: string): string {
  return `oauth-registry.${context.slice(0, 8)}`;
}
