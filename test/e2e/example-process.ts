import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bunBinary } from '../runtimes/processes.js';
import { startWorker } from '../runtimes/workerd.js';
import type { FakeProvider } from '../support/provider/index.js';

/** An application below `examples/`, or in another folder. */
export interface Example {
  name: string;
  /** With a slash at its end. */
  folder?: string;
  /** The runtime, if it is not Node.js; a worker is bundled from the module that `start` names. */
  runtime?: 'Bun' | 'workerd';
  /** A program of the example's own packages and its arguments; left out if nothing is built. */
  build?: [program: string, ...args: string[]];
  /** The configuration of TypeScript, if `pnpm types` does not compile the example; the build may write it. */
  types?: string;
  start: string[];
  /** The callback's path, where it is not the usual one. */
  callback: string;
}

const next = { build: ['next/dist/bin/next', 'build'] satisfies Example['build'] };
const node = {
  build: ['typescript/bin/tsc', '-p', 'tsconfig.build.json'] satisfies Example['build'],
};

export const examples: readonly Example[] = [
  { name: 'express', ...node, start: ['dist/main.js'], callback: '/callback/corp' },
  { name: 'fastify', ...node, start: ['dist/main.js'], callback: '/callback/corp' },
  { name: 'nest', ...node, start: ['dist/main.js'], callback: '/callback/corp' },
  { name: 'hono', ...node, start: ['dist/main.js'], callback: '/callback/corp' },
  { name: 'hono', runtime: 'Bun', start: ['src/bun.ts'], callback: '/callback/corp' },
  { name: 'hono', runtime: 'workerd', start: ['src/worker.ts'], callback: '/callback/corp' },
  { name: 'koa', ...node, start: ['dist/main.js'], callback: '/callback/corp' },
  {
    name: 'sveltekit',
    build: ['node_modules/vite/bin/vite.js', 'build'],
    start: ['build/index.js'],
    callback: '/callback/corp',
  },
  {
    name: 'astro',
    build: ['node_modules/astro/astro.js', 'build'],
    start: ['dist/server/entry.mjs'],
    callback: '/callback/corp',
  },
  {
    name: 'nuxt',
    build: ['node_modules/nuxt/bin/nuxt.mjs', 'build'],
    types: '.nuxt/tsconfig.server.json',
    start: ['.output/server/index.mjs'],
    callback: '/callback/corp',
  },
  {
    name: 'react-router',
    build: ['node_modules/@react-router/dev/bin.js', 'build'],
    types: 'tsconfig.json',
    start: ['node_modules/@react-router/serve/bin.js', 'build/server/index.js'],
    callback: '/callback/corp',
  },
  { name: 'next-app', ...next, start: ['next', 'start'], callback: '/callback/corp' },
  { name: 'next-pages', ...next, start: ['next', 'start'], callback: '/api/callback/corp' },
];

/** The environment of a build, which has nothing of what the examples are configured with. */
export const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(CORP_|SESSION_SECRET$|BASE_URL$)/.test(name),
    ),
  ),
  NODE_ENV: 'production',
  NEXT_TELEMETRY_DISABLED: '1',
  ASTRO_TELEMETRY_DISABLED: '1',
  NUXT_TELEMETRY_DISABLED: '1',
};

export function folderOf(name: string): string {
  return fileURLToPath(new URL(`../../examples/${name}/`, import.meta.url));
}

/** Builds an example as its package script does. */
export function buildExample({ name, folder, build, types }: Example): void {
  const cwd = folder ?? folderOf(name);
  const steps: NonNullable<Example['build']>[] = build ? [build] : [];
  if (types !== undefined) steps.push(['typescript/bin/tsc', '-p', types, '--noEmit']);
  for (const [program, ...args] of steps) {
    const path = program.startsWith('node_modules/')
      ? cwd + program
      : createRequire(`${cwd}package.json`).resolve(program);
    const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], {
      cwd,
      encoding: 'utf8',
      env: environment,
    });
    if (status !== 0) throw new Error(`"${name}" does not build:\n${stdout}${stderr}`);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, 'localhost', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** An example as a process of its own. */
export interface ExampleProcess {
  url: string;
  stop(): Promise<void>;
}

/** Starts a built example, which logs in with a provider, on a free port. */
export async function startExample(
  example: Example,
  provider: FakeProvider,
): Promise<ExampleProcess> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const cwd = example.folder ?? folderOf(example.name);
  const [program = '', ...args] = example.start;
  const path =
    program === 'next'
      ? createRequire(`${cwd}package.json`).resolve('next/dist/bin/next')
      : program;
  provider.settings.redirectUris = [url + example.callback, `${url}/auth/callback/corp`];
  const env = {
    PORT: String(port),
    BASE_URL: url,
    // SvelteKit's own name for it.
    ORIGIN: url,
    SESSION_SECRET: 'a secret of no fewer than thirty-two characters',
    CORP_CLIENT_ID: provider.settings.clientId,
    CORP_CLIENT_SECRET: provider.settings.clientSecret,
    CORP_SERVER_METADATA_URL: provider.metadataUrl,
    CORP_API_BASE_URL: `${provider.base}/api`,
  };
  if (example.runtime === 'workerd') {
    const worker = await startWorker(cwd + path, { packages: 'published', env, port }, []);
    return { url, stop: () => worker.close() };
  }
  const runtime = example.runtime === 'Bun' ? bunBinary() : process.execPath;
  const child = spawn(runtime, [path, ...args], { cwd, env: { ...environment, ...env } });
  const closed = new Promise((resolve) => child.once('close', resolve));
  await answers(url, child);
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      await closed;
    },
  };
}

/** Waits until the example serves its page; fails with what it printed when it ends before. */
async function answers(url: string, child: ChildProcess): Promise<void> {
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  child.once('close', () => process.off('exit', end));
  for (let tries = 0; tries < 200 && child.exitCode === null; tries++) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  end();
  throw new Error(`The example serves no page at ${url}:\n${output}`);
}
