import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { layOut } from './compile.js';
import { sessionInCookie } from './options.js';
import type { ContractAdapter } from './types.js';

/** A Next.js application in production, which serves both routers. */
export interface NextProcess {
  adapter(router: 'App' | 'Pages'): ContractAdapter;
  close(): Promise<void>;
}

const fixture = fileURLToPath(new URL('next-app', import.meta.url));

/** Builds the fixture once, as its users do, and starts it. Needs neither network nor configuration. */
export async function startNext(): Promise<NextProcess> {
  const folder = layOut();
  cpSync(fixture, folder, { recursive: true });
  const next = join(folder, 'node_modules/next/dist/bin/next');
  const env = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' } as const;
  const build = spawnSync(process.execPath, [next, 'build', '--webpack'], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  if (build.status !== 0) throw new Error(`next build failed:\n${build.stdout}\n${build.stderr}`);
  const origin = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    process.execPath,
    [next, 'start', '-H', '127.0.0.1', '-p', new URL(origin).port],
    {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  await ready(child);
  return {
    adapter: (router) => nextAdapter(origin, router),
    close: async () => {
      process.off('exit', end);
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What no adapter can do there. */
const appRouterLimits = {
  'no-store/callback':
    'a Route Handler returns a Response of its own, whose headers only the application can set',
};

let started = 0;

function nextAdapter(origin: string, router: 'App' | 'Pages'): ContractAdapter {
  return {
    name: `Next.js 16, ${router} Router`,
    platform: sessionInCookie,
    skip: router === 'App' ? appRouterLimits : {},
    async start(config) {
      const id = `a${(started += 1)}`;
      const url = `${origin}/${router === 'App' ? 'app' : 'api'}/${id}`;
      await control(origin, { id, url, config });
      return { url, close: () => control(origin, { id }) };
    },
  };
}

async function control(origin: string, message: object): Promise<void> {
  const response = await fetch(`${origin}/control`, {
    method: 'POST',
    body: JSON.stringify(message),
  });
  if (!response.ok) throw new Error(`The application could not be made: ${await response.text()}`);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Resolves when the server says that it is ready. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Ready in')) resolve();
    });
    child.once('close', (code) => reject(new Error(`next start ended with ${code}:\n${output}`)));
  });
}
