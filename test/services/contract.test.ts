import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { afterAll, describe, it } from 'vitest';
import { adapterContract, runCheck } from '../contract/adapter-contract.js';
import { layOut } from '../contract/compile.js';
import { describeContract } from '../contract/describe.js';
import { expressAdapter } from '../contract/express.js';
import { fastifyAdapter } from '../contract/fastify.js';
import { openRedis } from '../contract/redis.js';
import { startTwoProcesses } from '../contract/two-processes.js';

const prefix = `contract-${randomBytes(6).toString('hex')}:`;
const redis = await openRedis(prefix);
const folder = layOut();
const processes = startTwoProcesses(folder, prefix);

afterAll(async () => {
  processes.close();
  await redis.clear();
  await redis.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('with sessions in Redis', () => {
  describeContract([expressAdapter(redis), fastifyAdapter(redis)]);
});

/**
 * What two processes promise together. Not `race`: reading and removing an entry are two steps for a
 * session store, so two processes may both find a login whose callback comes twice at the same moment.
 */
const shared = adapterContract.filter(({ id }) =>
  /^(login|replay|csrf|expiry|spent|twenty|two-|fixation|cookie-|back-|mix-up|store-.*platform)/.test(
    id,
  ),
);

describe.each(['express', 'fastify'] as const)(
  'start on one process, finish on the other: %s',
  (framework) => {
    for (const check of shared) {
      const title = `[X2] ${check.id}: ${check.title} (${check.clause})`;
      it(title, () => runCheck(check, processes.adapter(framework)), 30_000);
    }
  },
);
