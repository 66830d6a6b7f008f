import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a provider received it, under the address that it was meant for. */
export interface WireRequest {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  body: string;
  form: URLSearchParams;
}

/** An answer, byte for byte. */
export interface WireAnswer {
  status?: number;
  type?: string;
  headers?: Record<string, string>;
  body: string;
}

type Result = WireAnswer | Promise<WireAnswer>;

/** Answers by `METHOD https://host/path`. */
export type Routes = Record<string, WireAnswer | ((request: WireRequest) => Result)>;

/** Providers at their real addresses, which all lead to one server on this machine. */
export interface Wire {
  /** For `new OAuth({ fetch })`. */
  fetch: typeof globalThis.fetch;
  routes: Routes;
  requests: WireRequest[];
  /** The last request to an address. */
  last(route: string): WireRequest;
  count(route: string): number;
  close(): Promise<void>;
}

/** An answer with JSON, written as providers write it. */
export function json(body: unknown, status = 200): WireAnswer {
  const type = 'application/json; charset=utf-8';
  return { status, type, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** An answer with form fields. */
export function form(body: string, status = 200): WireAnswer {
  return { status, type: 'application/x-www-form-urlencoded', body };
}

/** Starts a server that plays providers; addresses without a route answer 404. */
export async function startWire(given: Routes): Promise<Wire> {
  const routes = { ...given };
  const requests: WireRequest[] = [];
  const nameOf = ({ method, url }: WireRequest): string => `${method} ${url.origin}${url.pathname}`;
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const url = new URL(`https:/${incoming.url}`);
      const { method = '', headers } = incoming;
      const request = { method, url, headers, body, form: new URLSearchParams(body) };
      requests.push(request);
      const route = routes[nameOf(request)] ?? { status: 404, body: '' };
      const answered = Promise.resolve(typeof route === 'function' ? route(request) : route);
      void answered
        .catch((error: unknown) => ({ status: 599, body: String(error) }) as WireAnswer)
        .then((answer) => {
          const { status = 200, type = 'text/plain', headers: more } = answer;
          response.writeHead(status, { 'content-type': type, ...more }).end(answer.body);
        });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const among = (route: string): WireRequest[] => requests.filter((one) => nameOf(one) === route);
  return {
    routes,
    requests,
    fetch: async (input, init) => {
      const { href, host, protocol } = new URL(input instanceof Request ? input.url : input);
      return await fetch(`${base}/${host}${href.slice(`${protocol}//${host}`.length)}`, init);
    },
    last: (route) => {
      const found = among(route).at(-1);
      if (found) return found;
      throw new Error(
        `Nobody asked ${route}, but ${requests.map(nameOf).join(', ') || 'nothing'}.`,
      );
    },
    count: (route) => among(route).length,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
