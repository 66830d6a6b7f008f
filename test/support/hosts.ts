import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers the requests for one host. */
export type Host = (request: Request) => Response | Promise<Response>;

/** Public hosts, all played by one server of this machine. */
export interface Hosts {
  /** What each host answers, by its origin: `https://ada.test`. An unknown one cannot be resolved. */
  readonly at: Map<string, Host>;
  /** For `new OAuth({ fetch })`: leads requests for public hosts here. */
  fetch: typeof globalThis.fetch;
  /** Every address that was asked, with its method. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** Starts a server on a free port of this machine that answers for every host it is told. */
export async function startHosts(): Promise<Hosts> {
  const at = new Map<string, Host>();
  const asked: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      void (async () => {
        const { method = 'GET', url = '/', headers } = incoming;
        const origin = String(headers['x-test-origin']);
        const request = new Request(origin + url, {
          method,
          headers: Object.entries(headers).map(([name, value]): [string, string] => [
            name,
            String(value),
          ]),
          body: method === 'GET' || method === 'HEAD' ? null : Buffer.concat(chunks),
        });
        const answer = (await at.get(origin)?.(request)) ?? new Response('', { status: 404 });
        outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
        outgoing.end(Buffer.from(await answer.arrayBuffer()));
      })().catch((error: unknown) => outgoing.writeHead(500).end(String(error)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    at,
    asked,
    fetch: async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      asked.push(`${init?.method ?? 'GET'} ${url.origin}${url.pathname}`);
      if (!at.has(url.origin)) {
        throw new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } });
      }
      const headers = new Headers(init?.headers);
      headers.set('x-test-origin', url.origin);
      return await fetch(here + url.pathname + url.search, { ...init, headers });
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An answer in JSON. */
export function json(body: unknown, init: ResponseInit = {}): Response {
  const headers = new Headers(init.headers);
  headers.set('content-type', 'application/json');
  return new Response(JSON.stringify(body), { ...init, headers });
}
