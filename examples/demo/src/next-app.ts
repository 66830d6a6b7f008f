import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import type { RequestListener } from 'node:http';
import { fileURLToPath } from 'node:url';
import express from 'express';
import type { default as Next } from 'next';
import { assets } from './assets.js';
import type { AppOptions } from './clients.js';

const require = createRequire(import.meta.url);
const dir = fileURLToPath(new URL('../next', import.meta.url));

/** The same application as `createApp()`, on Next.js: it is built first, which takes a while. */
export async function createNextApp(options: AppOptions): Promise<RequestListener> {
  build();
  Object.assign(globalThis, { demoOptions: options });
  const { hostname, port } = new URL(options.baseUrl);
  const next = require('next') as typeof Next.default;
  const server = next({ dev: false, dir, hostname, port: Number(port) });
  await server.prepare();
  const handle = server.getRequestHandler();
  const app = express();
  app.disable('x-powered-by');
  app.use('/assets', assets());
  app.use((req, res) => handle(req, res));
  return app;
}

function build(): void {
  console.log('Building the application with Next.js, which takes a minute.');
  const cli = require.resolve('next/dist/bin/next');
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };
  const { status, stdout } = spawnSync(process.execPath, [cli, 'build', dir], { env });
  if (status !== 0) throw new Error(`The application does not build.\n${stdout.toString()}`);
}
