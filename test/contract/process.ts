import { expressAdapter } from './express.js';
import { fastifyAdapter } from './fastify.js';
import { openRedis } from './redis.js';
import type { ContractApp, ContractConfig } from './types.js';

/** A process that starts and closes applications of the contract on demand, on sessions in Redis. */
interface Order {
  id: number;
  /** Left out to close what the id names. */
  start?: { framework: 'express' | 'fastify'; config: ContractConfig };
}

const redis = await openRedis(process.argv[2] ?? '');
const adapters = { express: expressAdapter(redis), fastify: fastifyAdapter(redis) };
const apps = new Map<number, ContractApp>();

process.on('message', ({ id, start }: Order) => {
  void (async () => {
    if (!start) await apps.get(id)?.close();
    const app = start && (await adapters[start.framework].start(start.config));
    if (app) apps.set(id, app);
    process.send?.({ id, url: app?.url });
  })();
});
process.on('disconnect', () => process.exit());
