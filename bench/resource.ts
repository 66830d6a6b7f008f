/**
 * Compares what a resource call costs: bare `fetch`, openid-client's `fetchProtectedResource`, and ours
 * with the token given, found by a hook, and found by its user. Ends with exit code 1 when a call with a
 * valid token asks the store.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OAuth } from '@oauth-registry/core';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import * as openid from 'openid-client';
import { Bench } from 'tinybench';

const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":1}');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const expiresAt = Math.floor(Date.now() / 1000) + 3600;
const token = { access_token: 'at', token_type: 'Bearer', expires_at: expiresAt };

let asked = 0;
const memory = memoryStore();
const tokenStore = {
  ...memory,
  get: (...given: Parameters<typeof memory.get>) => {
    asked += 1;
    return memory.get(...given);
  },
  lock: (...given: Parameters<typeof memory.lock>) => {
    asked += 1;
    return memory.lock(...given);
  },
};
const { api } = new OAuth({
  config: {},
  tokenStore,
  secret: 'a secret of thirty-two characters',
  fetchToken: () => token,
}).register('api', {
  clientId: 'app',
  authorizeUrl: `${base}/authorize`,
  accessTokenUrl: `${base}/token`,
  apiBaseUrl: base,
});
await api.saveToken(token, { userId: 'ada' });

const peer = new openid.Configuration({ issuer: base }, 'app');
openid.allowInsecureRequests(peer);
const url = new URL(`${base}/user`);
const headers = { authorization: `Bearer ${token.access_token}` };

const calls: Record<string, () => Promise<Response>> = {
  'bare fetch': () => fetch(url, { headers }),
  'openid-client': () => openid.fetchProtectedResource(peer, token.access_token, url, 'GET'),
  'ours, { token }': () => api.get('user', { token }),
  'ours, fetchToken': () => api.get('user'),
  'ours, { userId }': () => api.get('user', { userId: 'ada' }),
};

const bench = new Bench({ time: 2000, warmupTime: 500 });
for (const [name, call] of Object.entries(calls))
  bench.add(name, async () => (await call()).text());
asked = 0;
await bench.run();

/** The median time of one call, in microseconds. */
function median(name: string): number {
  const result = bench.getTask(name)?.result;
  if (result?.state !== 'completed') throw new Error(`"${name}" was not measured.`);
  return result.latency.p50 * 1000;
}

console.table(
  Object.keys(calls).map((name) => ({
    name,
    'µs (median)': median(name).toFixed(1),
    'over bare fetch': (median(name) - median('bare fetch')).toFixed(1),
  })),
);
console.log(`The store was asked ${asked} times.`);
server.closeAllConnections();
server.close();
process.exitCode = asked === 0 ? 0 : 1;
