/**
 * Makes resource calls, a million by default, for a thousand owners whose tokens are refreshed on the way,
 * and shows how much memory they leave behind. Ends with exit code 1 when it grows. Run with --expose-gc.
 */
import { OAuth } from '@oauth-registry/core';
import { memoryStore } from '@oauth-registry/core/stores/memory';

const calls = Number(process.argv[2] ?? 1_000_000);
const owners = 1000;
let issued = 0;

const seconds = (): number => Math.floor(Date.now() / 1000);

/** A provider in the process: the network is not what is measured. */
const answer: typeof fetch = async (url) => {
  issued += 1;
  return String(url).endsWith('/token')
    ? Response.json({
        access_token: `at-${issued}`,
        refresh_token: `rt-${issued}`,
        expires_in: 3600,
      })
    : new Response();
};
const { api } = new OAuth({
  config: {},
  tokenStore: memoryStore(),
  fetch: answer,
  updateToken: () => undefined,
}).register('api', {
  clientId: 'app',
  authorizeUrl: 'https://provider.example/authorize',
  accessTokenUrl: 'https://provider.example/token',
  apiBaseUrl: 'https://provider.example/api',
});

async function makeCalls(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const userId = `owner-${i % owners}`;
    if (i % 100 === 0) {
      const token = { access_token: `old-${i}`, token_type: 'Bearer', refresh_token: `r-${i}` };
      await api.saveToken({ ...token, expires_at: 1 }, { userId });
      // What a refresh without a store leaves behind is remembered for a while, and bounded.
      if (i % 1000 === 0) await api.get('user', { token: { ...token, expires_at: 1 } });
    }
    await api.get('user', i % 2 === 0 ? { userId } : { token: fresh });
  }
}
const fresh = { access_token: 'at', token_type: 'Bearer', expires_at: seconds() + 36_000 };

/** Megabytes in use, after the rubbish was taken out. */
function used(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

for (let i = 0; i < owners; i += 1) {
  const token = { ...fresh, access_token: `at-${i}`, refresh_token: `rt-${i}` };
  await api.saveToken(token, { userId: `owner-${i}` });
}
// What is bounded fills up first.
await makeCalls(Math.ceil(calls / 5));
const before = used();
await makeCalls(calls);
const after = used();
console.log(`${calls} calls: ${before.toFixed(1)} MB before, ${after.toFixed(1)} MB after.`);
process.exitCode = after - before < 5 ? 0 : 1;
