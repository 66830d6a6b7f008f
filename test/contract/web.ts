import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sessionInCookie } from './options.js';
import type { ContractAdapter } from './types.js';
import { webApp, type WebHandler } from './web-app.js';

/** Serves a handler, and ends. */
export interface WebServer {
  url: string;
  serve(handler: WebHandler): void;
  close(): Promise<void>;
}

/** Standard requests with encrypted cookies, on Node.js unless another server is given. */
export function webAdapter(
  name = 'Node.js',
  listen: () => Promise<WebServer> = listenOnNode,
): ContractAdapter {
  return {
    name: `standard requests on ${name}`,
    platform: sessionInCookie,
    start: async (config) => {
      const server = await listen();
      server.serve(webApp(config, server.url));
      return { url: server.url, close: () => server.close() };
    },
  };
}

/** Serves standard requests with Node's http. */
export async function listenOnNode(): Promise<WebServer> {
  let handler: WebHandler = async () => new Response(null, { status: 503 });
  const server = createServer((req, res) => void respond(req, res, handler));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve: (next) => (handler = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond(
  req: IncomingMessage,
  res: ServerResponse,
  handler: WebHandler,
): Promise<void> {
  const { method = 'GET', url, headers } = req;
  const bodiless = method === 'GET' || method === 'HEAD';
  const chunks: Buffer[] = [];
  if (!bodiless) for await (const chunk of req) chunks.push(chunk as Buffer);
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  const request = new Request(`http://${headers.host}${url}`, {
    method,
    headers: pairs,
    ...(bodiless ? {} : { body: Buffer.concat(chunks) }),
  });
  const response = await handler(request);
  res.statusCode = response.status;
  for (const [name, value] of response.headers) res.appendHeader(name, value);
  res.end(Buffer.from(await response.arrayBuffer()));
}
