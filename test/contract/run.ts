import { startProvider } from '../support/provider/index.js';
import { standardClients } from './clients.js';
import type { ContractAdapter, ContractApp, ContractCheck } from './types.js';

/** Runs one check on an adapter, with two fresh providers, and closes all it started. */
export async function runCheck(check: ContractCheck, adapter: ContractAdapter): Promise<void> {
  const [p, q] = await Promise.all([startProvider(), startProvider()]);
  const apps: ContractApp[] = [];
  try {
    await check.run({
      p,
      q,
      platform: adapter.platform,
      start: async (config = {}) => {
        const app = await adapter.start({ clients: standardClients(p, q), ...config });
        apps.push(app);
        return app;
      },
    });
  } finally {
    await Promise.all([p.close(), q.close(), ...apps.map((app) => app.close())]);
  }
}
