import { fork, type ChildProcess } from 'node:child_process';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { sessionInStore } from './options.js';
import type { ContractAdapter, ContractApp, ContractConfig } from './types.js';

type Framework = 'express' | 'fastify';

/** Two processes that run the same applications, with sessions in one Redis. */
export interface TwoProcesses {
  adapter(framework: Framework): ContractAdapter;
  close(): void;
}

/** Starts two processes in the folder that `layOut` made. */
export function startTwoProcesses(folder: string, prefix: string): TwoProcesses {
  const script = join(folder, 'contract/process.js');
  const children = [1, 2].map(() => fork(script, [prefix], { cwd: folder, execArgv: [] }));
  return {
    adapter: (framework) => ({
      name: `Two processes of ${framework}`,
      platform: sessionInStore,
      start: (config) => startBoth(children, framework, config),
    }),
    close: () => {
      for (const child of children) child.disconnect();
    },
  };
}

let orders = 0;

/** Both processes get the same application, behind one URL that uses them in turn. */
async function startBoth(
  children: ChildProcess[],
  framework: Framework,
  config: ContractConfig,
): Promise<ContractApp> {
  const id = (orders += 1);
  const ports: string[] = [];
  let turn = 0;
  const front = createServer((incoming, response) => {
    const port = ports[(turn += 1) % ports.length];
    const { method, url: path, headers } = incoming;
    const passed = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (received) => {
      response.writeHead(received.statusCode ?? 502, received.rawHeaders);
      received.pipe(response);
    });
    passed.on('error', () => response.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  const oauth = { baseUrl: url, ...config.oauth };
  const start = { framework, config: { ...config, oauth } };
  for (const child of children) ports.push(new URL(await order(child, { id, start })).port);
  return {
    url,
    close: async () => {
      front.closeAllConnections();
      front.close();
      await Promise.all(children.map((child) => order(child, { id })));
    },
  };
}

/** Sends an order and waits for the response: the URL of what was started. */
function order(child: ChildProcess, message: { id: number; start?: object }): Promise<string> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('The process ended.'));
    child.once('exit', ended);
    const read = (received: { id: number; url?: string }): void => {
      if (received.id !== message.id) return;
      child.off('message', read).off('exit', ended);
      resolve(received.url ?? '');
    };
    child.on('message', read);
    child.send(message);
  });
}
