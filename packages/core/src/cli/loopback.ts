import { createServer, type ServerResponse } from 'node:http';
import { OAuthError } from '../errors.js';

/** A place on this machine where a browser comes back to (RFC 8252 §7.3). */
export interface Loopback {
  redirectUri: string;
  close(): void;
}

/** Takes a callback's parameters; `false` where they are not those of the login that waits. */
export type Accept = (params: URLSearchParams) => boolean;

/** Listens on 127.0.0.1 alone; port 0 is any free one. */
export async function openLoopback(port: number, accept: Accept): Promise<Loopback> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname !== '/callback' || request.method !== 'GET') {
      answer(response, 404, 'There is nothing here.');
    } else if (accept(url.searchParams)) {
      answer(response, 200, 'Thank you. Go back to the terminal; this window can be closed.');
    } else {
      answer(response, 400, 'This is not the login that the terminal waits for.');
    }
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

function answer(response: ServerResponse, status: number, text: string): void {
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
    `Port ${port} of 127.0.0.1 cannot be listened at (${reason}). Give another --port, or none.`,
    { reason },
  );
}
