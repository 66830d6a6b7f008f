import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import workerd from 'workerd';
import { bundle, type BundleOptions } from './bundle.js';

/** A worker that runs in workerd, the runtime of Cloudflare Workers. */
export interface RunningWorker {
  readonly url: string;
  close(): Promise<void>;
}

interface WorkerOptions extends BundleOptions {
  env?: Readonly<Record<string, string>>;
  port?: number;
}

/**
 * Starts workerd with one worker on 127.0.0.1, on a free port unless one is given.
 *
 * @param options of the bundle, and the environment of the worker
 * @param flags compatibility flags, such as `nodejs_compat`
 */
export async function startWorker(
  file: string,
  { port: wanted = 0, env = {}, ...options }: WorkerOptions,
  flags: readonly string[],
): Promise<RunningWorker> {
  const folder = await mkdtemp(join(tmpdir(), 'worker-'));
  await writeFile(join(folder, 'worker.js'), await bundle(file, options));
  await writeFile(join(folder, 'config.capnp'), configuration(wanted, env, flags));
  const child = spawn(workerd, ['serve', 'config.capnp', '--control-fd=3', '--experimental'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  const port = await Promise.race([
    portOf(child.stdio[3] as Readable),
    exited.then(() => undefined),
  ]);
  if (port === undefined) {
    await close();
    throw new Error(`workerd did not start:\n${said}`);
  }
  return { url: `http://127.0.0.1:${port}`, close };
}

function configuration(
  port: number,
  env: Readonly<Record<string, string>>,
  flags: readonly string[],
): string {
  const bindings = Object.entries(env).map(
    ([name, value]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(value)})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "2026-10-01",
      bindings = [${bindings.join(', ')}],
      compatibilityFlags = [${flags.map((flag) => JSON.stringify(flag)).join(', ')}],
    )),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`;
}

/** workerd writes a line of JSON to the control descriptor when it listens; `undefined` if it never does. */
async function portOf(control: Readable): Promise<number | undefined> {
  let text = '';
  for await (const chunk of control) {
    text += String(chunk);
    const port = /"event":"listen","socket":"http","port":(\d+)/.exec(text)?.[1];
    if (port !== undefined) return Number(port);
  }
  return undefined;
}
