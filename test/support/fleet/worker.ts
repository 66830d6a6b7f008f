import { createCaller, type CallerConfig, type WorkerOrder } from './caller.js';
import { openStore, type StoreKind } from './store.js';

/** What a process of the fleet is made of, and where its store is. */
export interface WorkerConfig extends CallerConfig {
  kind: StoreKind;
  name: string;
}

const config = JSON.parse(process.argv[2] ?? '') as WorkerConfig;
const { store } = await openStore(config.kind, config.name);
const call = createCaller(store, config);

process.on('message', (order: WorkerOrder) => {
  void (async () => process.send?.(await call(order)))();
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
