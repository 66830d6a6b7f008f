import { startProcess } from '../runtimes/processes.js';
import { startWorker, type RunningWorker } from '../runtimes/workerd.js';
import { sessionInCookie } from './options.js';
import type { ContractAdapter } from './types.js';

/** Standard requests with encrypted cookies, in a process of another runtime. */
export interface RuntimeProcess {
  /** What the process says it is: its `navigator.userAgent`. */
  runtime: string;
  adapter: ContractAdapter;
  close(): Promise<void>;
}

const file = 'contract-app.ts';

const starts: Readonly<Record<string, () => Promise<RunningWorker>>> = {
  Bun: () => startProcess('Bun', file),
  Deno: () => startProcess('Deno', file),
  workerd: () => startWorker(file, { packages: 'published' }, []),
};

/** Starts one process of every runtime, each of which serves all applications of its row. */
export async function startRuntimes(): Promise<RuntimeProcess[]> {
  return await Promise.all(
    Object.entries(starts).map(async ([name, start]) => {
      const { url, close } = await start();
      const { runtime } = await control(url, {});
      return { runtime, adapter: runtimeAdapter(name, url), close };
    }),
  );
}

function runtimeAdapter(runtime: string, origin: string): ContractAdapter {
  let started = 0;
  return {
    name: `standard requests on ${runtime}`,
    platform: sessionInCookie,
    async start(config) {
      const id = `a${(started += 1)}`;
      const url = `${origin}/${id}`;
      await control(origin, { id, url, config });
      return { url, close: async () => void (await control(origin, { id })) };
    },
  };
}

async function control(origin: string, message: object): Promise<{ runtime: string }> {
  const response = await fetch(`${origin}/control`, {
    method: 'POST',
    body: JSON.stringify(message),
  });
  if (!response.ok) throw new Error(`The application could not be made: ${await response.text()}`);
  return (await response.json()) as { runtime: string };
}
