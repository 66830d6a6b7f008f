/** The processes of a benchmark: providers and applications, which send their CPU time and heap. */
import { fork, type ChildProcess } from 'node:child_process';

/** A process, and the URL that it serves. */
export interface Served {
  url: string;
  child: ChildProcess;
}

/** Starts a file of this folder in a process of its own, and waits until it serves. */
export async function serve(
  file: string,
  args: string[] = [],
  execArgv: string[] = [],
): Promise<Served> {
  const child = fork(new URL(`./${file}.js`, import.meta.url), args, { execArgv });
  child.on('exit', (code) => {
    if (code) throw new Error(`${file} ${args.join(' ')} ended.`);
  });
  const { url } = (await received(child)) as { url: string };
  return { url, child };
}

/** Microseconds of CPU time that a process has used. */
export async function cpuOf({ child }: Pick<Served, 'child'>): Promise<number> {
  child.send('cpu');
  return ((await received(child)) as { cpu: number }).cpu;
}

/** Bytes of a process's heap after garbage collection; it runs with `--expose-gc`. */
export async function heapOf({ child }: Pick<Served, 'child'>): Promise<number> {
  child.send('heap');
  return ((await received(child)) as { heap: number }).heap;
}

/** In a served process: sends its URL, and a measurement for each message. */
export function sendMeasurements(url: string): void {
  process.on('message', async (wanted) => {
    if (wanted === 'heap') process.send?.({ heap: await usedHeap() });
    const { user, system } = process.cpuUsage();
    if (wanted === 'cpu') process.send?.({ cpu: user + system });
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ url });
}

/** Collects repeatedly: finalizers run between two collections. */
async function usedHeap(): Promise<number> {
  for (let run = 0; run < 4; run += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage().heapUsed;
}

function received(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.once('message', resolve));
}
