import { isIP } from 'node:net';
import { OAuthError } from '@oauth-registry/core';
import type { BrowserRequest } from '@oauth-registry/core/adapter';

/**
 * Throws in production: with the test mode, any user could log in as any other.
 *
 * @throws OAuthError `invalid_options` if `NODE_ENV` is `production`, unless `OAUTH_TEST_MODE` is `1`
 */
export function refuseProduction(what: string): void {
  const { NODE_ENV, OAUTH_TEST_MODE } = process.env;
  if (NODE_ENV !== 'production' || OAUTH_TEST_MODE === '1') return;
  throw new OAuthError(
    'invalid_options',
    `${what} is for tests and development: it logs in users without a provider. NODE_ENV is "production". To test ` +
      'a production build on your machine, set OAUTH_TEST_MODE=1.',
  );
}

/** Returns whether a host name or an IP address is loopback (RFC 6761 §6.3, RFC 8252 §7.3). */
export function isLoopbackHost(host: string | undefined): boolean {
  const name = (host ?? '')
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/^::ffff:/, '');
  if (isIP(name) === 4) return name.startsWith('127.');
  return name === '::1' || name === 'localhost' || name.endsWith('.localhost');
}

/**
 * Throws unless the redirect URI is on this machine.
 *
 * @throws OAuthError `invalid_options`
 */
export function requireLoopbackUrl(redirectUri: string): URL {
  const url = URL.canParse(redirectUri) ? new URL(redirectUri) : undefined;
  if (url && /^https?:$/.test(url.protocol) && isLoopbackHost(url.hostname)) return url;
  throw new OAuthError(
    'invalid_options',
    'The redirect URI is not on this machine, and the test mode logs in users of this machine only. Set "baseUrl" to ' +
      'an origin such as http://localhost:3000 in tests.',
  );
}

/**
 * Throws unless a request comes from this machine: by its socket, or by its URL if a framework shows no socket. A
 * forwarding header proves nothing, so it can only rule a request out.
 *
 * @throws OAuthError `invalid_options`
 */
export function requireLoopbackPeer(browser: BrowserRequest): void {
  const forwarded = forwardingHeaders.flatMap((name) => forwardedFor(browser.header(name)));
  if ([peerOf(browser.request), ...forwarded].every((host) => isLoopbackHost(host))) return;
  throw new OAuthError(
    'invalid_options',
    'The request does not come from this machine, and the test mode logs in users of this machine only. Open the ' +
      'application at localhost, without a proxy or a tunnel between.',
  );
}

const forwardingHeaders = ['x-forwarded-for', 'x-real-ip', 'forwarded'];

/** Returns the clients that a forwarding header names (RFC 7239 §5.2), without their ports. */
function forwardedFor(header: string | undefined): string[] {
  if (header === undefined) return [];
  return header.split(',').map((element) => {
    const [, named] = /(?:^|;)\s*for=([^;]*)/i.exec(element) ?? [];
    const client = (named ?? element).trim().replace(/^"(.*)"$/, '$1');
    return /^\[(.*)\](?::\d+)?$/.exec(client)?.[1] ?? client.replace(/^([\d.]+):\d+$/, '$1');
  });
}

interface Incoming {
  /** The socket of a Node.js request. */
  socket?: { remoteAddress?: string };
  /** The Node.js request of a Fastify request. */
  raw?: { socket?: { remoteAddress?: string } };
  /** The URL of a standard `Request`. */
  url?: unknown;
}

function peerOf(request: unknown): string | undefined {
  const { socket, raw, url } = (request ?? {}) as Incoming;
  const connection = socket ?? raw?.socket;
  if (connection !== undefined) return connection.remoteAddress;
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).hostname : undefined;
}
