import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { OAuthError } from '../model/errors.js';
import { readFormBody } from '../client/callback-request.js';

/** A loopback redirect URI (RFC 8252 §7.3). */
export interface Loopback {
  redirectUri: string;
  close(): void;
}

/** Receives a callback's parameters. Returns `false` if they do not belong to the pending login. */
export type Accept = (params: URLSearchParams, how: { posted: boolean }) => boolean;

const formBytes = 65_536;

/** Listens only on 127.0.0.1; port 0 selects a free one. */
export async function openLoopback(port: number, accept: Accept): Promise<Loopback> {
  const server = createServer((request, response) => {
    void handleRequest(request, accept).then(([status, text]) => respond(response, status, text));
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed).listen(port, '127.0.0.1', listening);
  }).catch((error: unknown) => {
    throw cannotListen(port, error);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  return {
    redirectUri: `http://127.0.0.1:${bound}/callback`,
    close: () => {
      server.close();
      server.closeIdleConnections();
    },
  };
}

async function handleRequest(
  request: IncomingMessage,
  accept: Accept,
): Promise<[status: number, text: string]> {
  const { url = '/' } = request;
  const base = 'http://127.0.0.1';
  const { pathname, searchParams } = new URL(URL.canParse(url, base) ? url : '/', base);
  const posted = request.method === 'POST';
  if (pathname !== '/callback' || !(posted || request.method === 'GET')) {
    return [404, 'Not found.'];
  }
  const params = posted
    ? await readFormBody(request, formBytes).catch(() => new URLSearchParams())
    : searchParams;
  return accept(params, { posted })
    ? [200, 'Thank you. Return to the terminal; you can close this window.']
    : [400, 'This is not the callback of the pending login.'];
}

function respond(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      connection: 'close',
    })
    .end(text);
}

function cannotListen(port: number, error: unknown): OAuthError {
  const reason = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  return new OAuthError(
    'invalid_options',
    `Cannot listen on port ${port} of 127.0.0.1 (${reason}). Set another --port, or none.`,
    { reason },
  );
}
