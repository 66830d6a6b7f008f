import type { TokenStore } from '@oauth-registry/core/types';
import { createCaller, type CallerConfig, type WorkerOrder } from './caller.js';
import { openStore, type StoreKind } from './store.js';

/** What a process of the fleet is made of, and where its store is. */
export interface WorkerConfig extends CallerConfig {
  kind: StoreKind;
  name: string;
  /** Whether the process suspends itself when its first pending marker is written. */
  suspends?: boolean;
}

const config = JSON.parse(process.argv[2] ?? '') as WorkerConfig;
const { store } = await openStore(config.kind, config.name);
const call = createCaller(config.suspends ? suspending(store) : store, config);

/** A store that suspends the process after its first write, as a debugger or a scheduler does. */
function suspending(given: TokenStore): TokenStore {
  let isFirst = true;
  const put: TokenStore['put'] = async (...args) => {
    const result = await given.put(...args);
    if (isFirst) process.kill(process.pid, 'SIGSTOP');
    isFirst = false;
    return result;
  };
  return { ...given, put };
}

process.on('message', (order: WorkerOrder) => {
  void (async () => process.send?.(await call(order)))();
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
