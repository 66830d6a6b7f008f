import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { WorkerOrder, WorkerReport } from './caller.js';
import type { WorkerConfig } from './worker.js';

/** Processes of one application, any of which may be killed. */
export interface Fleet {
  /** Has every process make so many calls at once; `undefined` of those that died. */
  callAll(userId: string, calls: number): Promise<(WorkerReport | undefined)[]>;
  /** Kills a process as the system does when memory is short; another one takes its place. */
  kill(pid: number): void;
  /** Starts another process in the place of one, which ends when its calls have ended. */
  replace(index: number, config: WorkerConfig): Promise<void>;
  readonly pids: number[];
  /** Resolves when every process is there. */
  ready(): Promise<unknown>;
  close(): void;
}

interface Worker {
  child: ChildProcess;
  ready: Promise<unknown>;
  /** The orders it has not reported of. */
  busy: Set<Promise<unknown>>;
}

/** Starts processes in the folder that `layOut` made. */
export async function startFleet(
  folder: string,
  size: number,
  config: WorkerConfig,
): Promise<Fleet> {
  const script = join(folder, 'support/fleet/worker.js');
  let orders = 0;
  const start = (own: WorkerConfig = config): Worker => {
    const child = fork(script, [JSON.stringify(own)], { cwd: folder, execArgv: [] });
    const ready = started(child);
    // The fleet may be closed while its spare process starts, which no test waits for.
    ready.catch(() => undefined);
    return { child, ready, busy: new Set() };
  };
  let workers = Array.from({ length: size }, () => start());
  // Starting takes long; the next one is always there.
  let spare = start();
  const fleet: Fleet = {
    callAll: async (userId, calls) => {
      orders += 1;
      const id = orders;
      return await Promise.all(
        workers.map(({ child, busy }) => {
          const report = order(child, { id, userId, calls }).finally(() => busy.delete(report));
          busy.add(report);
          return report;
        }),
      );
    },
    kill: (pid) => {
      workers.find(({ child }) => child.pid === pid)?.child.kill('SIGKILL');
      workers = workers.map((worker) => (worker.child.pid === pid ? spare : worker));
      spare = start();
    },
    replace: async (index, own) => {
      const next = start(own);
      await next.ready;
      const old = workers[index];
      workers = workers.with(index, next);
      await Promise.all(old?.busy ?? []);
      old?.child.kill();
    },
    get pids() {
      return workers.map(({ child }) => child.pid ?? 0);
    },
    ready: () => Promise.all(workers.map(({ ready }) => ready)),
    close: () => {
      // One may be suspended.
      for (const { child } of [...workers, spare]) child.kill('SIGKILL');
    },
  };
  await fleet.ready();
  return fleet;
}

/** Resolves when a process reports that it has started; rejects if it ends before. */
async function started(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit').then(() =>
    Promise.reject(new Error('A process ended at its start.')),
  );
  await Promise.race([once(child, 'message'), ended]);
}

function order(child: ChildProcess, message: WorkerOrder): Promise<WorkerReport | undefined> {
  return new Promise((resolve) => {
    const ended = (): void => resolve(undefined);
    child.once('exit', ended);
    const read = (report: WorkerReport): void => {
      if (report.id !== message.id) return;
      child.off('message', read).off('exit', ended);
      resolve(report);
    };
    child.on('message', read);
    child.send(message, (error) => {
      if (error) ended();
    });
  });
}
