import { serve, type ServerType } from '@hono/node-server';
import { sendResponse, toRequest } from '@oauth-registry/web/node';
import { Hono } from 'hono';
import Koa from 'koa';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listen, stop } from '../support/apps/routes.js';
import { describeContract } from './describe.js';
import { webAdapter, type WebServer } from './web.js';
import type { WebHandler } from './web-app.js';

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

/** Koa, with the requests and responses of Node.js. */
async function listenOnKoa(): Promise<WebServer> {
  let handler: WebHandler = async () => new Response(null, { status: 503 });
  const app = new Koa();
  app.use(async (ctx) => {
    ctx.respond = false;
    await sendResponse(ctx.res, await handler(toRequest(ctx.req)));
  });
  const server = createServer(app.callback());
  return {
    url: await listen(server),
    serve: (next) => (handler = next),
    close: () => stop(server),
  };
}

describeContract([webAdapter(), webAdapter('Hono', listenOnHono), webAdapter('Koa', listenOnKoa)]);
