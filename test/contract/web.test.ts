import { serve, type ServerType } from '@hono/node-server';
import { Hono } from 'hono';
import type { AddressInfo } from 'node:net';
import { describeContract } from './describe.js';
import { webAdapter, type WebHandler, type WebServer } from './web.js';

/** Hono on Node.js. */
async function listenOnHono(): Promise<WebServer> {
  let handler: WebHandler = async () => new Response(null, { status: 503 });
  const app = new Hono();
  app.all('*', (c) => handler(c.req.raw));
  const server = await new Promise<ServerType>((listening) => {
    const started = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () =>
      listening(started),
    );
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve: (next) => (handler = next),
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}

describeContract([webAdapter(), webAdapter('Hono', listenOnHono)]);
