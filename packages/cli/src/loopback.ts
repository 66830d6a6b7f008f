import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { UsageError } from './output.js';

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
    void handle(request, accept).then(([status, text]) => {
      response.writeHead(status, {
        'content-type': 'text/plain; charset=utf-8',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        connection: 'close',
      });
      response.end(text);
    });
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed).listen(port, '127.0.0.1', listening);
  }).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new UsageError(
      `Cannot listen on port ${port} of 127.0.0.1 (${code}). Pass another --port, or none.`,
    );
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

async function handle(
  request: IncomingMessage,
  accept: Accept,
): Promise<[status: number, text: string]> {
  const { url = '/', method } = request;
  const base = 'http://127.0.0.1';
  const { pathname, searchParams } = new URL(URL.canParse(url, base) ? url : '/', base);
  const posted = method === 'POST';
  if (pathname !== '/callback' || !(posted || method === 'GET')) return [404, 'Not found.'];
  const params = posted ? await readForm(request) : searchParams;
  if (!accept(params, { posted })) return [400, 'This is not the callback of the pending login.'];
  return params.has('error')
    ? [200, 'The login failed. The terminal says why; you can close this window.']
    : [200, 'Return to the terminal; you can close this window.'];
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > formBytes) return new URLSearchParams();
    chunks.push(chunk as Buffer);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

/** Compares two texts in a time that does not depend on the first difference. */
export function isSame(a: string, b: string): boolean {
  const [one, two] = [Buffer.from(a), Buffer.from(b)];
  return one.length === two.length && timingSafeEqual(one, two);
}
