import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { OAuth } from '@oauth-registry/core';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { expect, it } from 'vitest';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Megabytes in use, after the rubbish was taken out. */
function used(): number {
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

it('[F5] resource calls leave nothing behind in memory', { timeout: 120_000 }, async () => {
  const answer = async (): Promise<Response> => new Response();
  const { api } = new OAuth({ config: {}, tokenStore: memoryStore(), fetch: answer }).register(
    'api',
    {
      clientId: 'app',
      authorizeUrl: 'https://provider.example/authorize',
      accessTokenUrl: 'https://provider.example/token',
      apiBaseUrl: 'https://provider.example/api',
    },
  );
  await api.saveToken({ access_token: 'at', token_type: 'Bearer' }, { userId: 'ada' });
  const makeCalls = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) await api.get('user', { userId: 'ada' });
  };
  await makeCalls(5000);
  const before = used();
  await makeCalls(20_000);
  // A signal that is never let go of costs 2 KB a call: 40 MB.
  expect(used() - before).toBeLessThan(10);
});
