/**
 * Compares the CPU time of a resource call: bare `fetch`, `node:http`, openid-client's
 * `fetchProtectedResource`, and ours with the token given, found by a hook, and found by its user. The
 * server is a process of its own. Ends with exit code 1 when a call with a valid token asks the store.
 *
 * `node dist/resource.js [rounds] [calls per round]`
 */
import { fork } from 'node:child_process';
import { Agent, request } from 'node:http';
import { OAuth } from '@oauth-registry/core';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import * as openid from 'openid-client';
import { measure, show } from './rounds.js';

const [rounds = 20, count = 400] = process.argv.slice(2).map(Number);
const server = fork(new URL('./resource-server.js', import.meta.url));
const { url: base } = await new Promise<{ url: string }>((resolve) =>
  server.once('message', resolve as (message: unknown) => void),
);

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

const agent = new Agent({ keepAlive: true });
const overNode = (): Promise<string> =>
  new Promise((resolve, reject) => {
    request(url, { headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('error', reject).on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });
const textOf = async (response: Promise<Response>): Promise<string> => (await response).text();

const calls: Record<string, () => Promise<string>> = {
  'bare fetch': () => textOf(fetch(url, { headers })),
  'node:http': overNode,
  'openid-client': () =>
    textOf(openid.fetchProtectedResource(peer, token.access_token, url, 'GET')),
  'ours, { token }': () => textOf(api.get('user', { token })),
  'ours, fetchToken': () => textOf(api.get('user')),
  'ours, { userId }': () => textOf(api.get('user', { userId: 'ada' })),
};

const subjects = Object.entries(calls).map(([name, call]) => ({
  name,
  call,
  costs: [] as number[],
}));
asked = 0;
await measure(subjects, { rounds, count, warmUp: 1000 });
show(subjects);
console.log(`The store was asked ${asked} times.`);
server.disconnect();
agent.destroy();
process.exitCode = asked === 0 ? 0 : 1;
