// On Node.js.
import { serve } from '@hono/node-server';
import { createApp } from './app.js';

const { BASE_URL = 'http://localhost:3000', PORT = '3000' } = process.env;

serve({ fetch: createApp(process.env).fetch, port: Number(PORT), hostname: 'localhost' }, () =>
  console.log(`Open ${BASE_URL}`),
);
