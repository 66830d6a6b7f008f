// On Cloudflare Workers, whose environment comes with each request.
import type { Hono } from 'hono';
import { createApp } from './app.js';

let app: Hono | undefined;

export default {
  fetch(request: Request, env: Record<string, string>): Response | Promise<Response> {
    app ??= createApp(env);
    return app.fetch(request);
  },
};
