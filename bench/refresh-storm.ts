/**
 * Sends 500 API calls at once with one expired token, whose refresh token is valid once: counts the refreshes
 * and the failed calls, and compares the CPU time of a call with a single refresh written by hand, on the
 * global `fetch` and on `node:http`. The server is a process of its own. Ends with exit code 1 if a call
 * fails, if there is more than one refresh, or if a ratio is above its limit.
 *
 * `node dist/refresh-storm.js [rounds] [calls per storm]`
 */
import { Agent, request } from 'node:http';
import { OAuth, type OAuth2Token } from '@oauth-registry/core';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { serve } from './processes.js';
import { show, showRatios } from './rounds.js';

const [rounds = 25, calls = 500] = process.argv.slice(2).map(Number);
const { child, url: base } = await serve('storm-server');

/** Sends the calls of one storm. */
interface Caller {
  name: string;
  /** Makes the token the one of the next storm. */
  prepare(token: OAuth2Token): Promise<void> | void;
  call(): Promise<string>;
}

type Send = (url: string, headers: Record<string, string>, body?: string) => Promise<string>;

const agent = new Agent({ keepAlive: true });
const overFetch: Send = async (url, headers, body) => {
  const method = body === undefined ? 'GET' : 'POST';
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return await response.text();
};
const overNode: Send = (url, headers, body) =>
  new Promise((resolve, reject) => {
    request(url, { method: body === undefined ? 'GET' : 'POST', headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('error', reject).on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`HTTP ${response.statusCode}`));
      });
    })
      .on('error', reject)
      .end(body);
  });

const subjects = [
  floor('floor, fetch', overFetch),
  floor('floor, node:http', overNode),
  ours(),
].map((caller) => ({ ...caller, costs: [] as number[], refreshes: 0, failures: 0 }));
// The first rounds warm up.
for (let round = -5; round < rounds; round += 1) {
  for (const subject of subjects) {
    const started = JSON.parse(await overNode(`${base}/start`, {})) as { refresh_token: string };
    const expiresAt = Math.floor(Date.now() / 1000) - 60;
    const token = { ...started, access_token: 'old', token_type: 'Bearer', expires_at: expiresAt };
    await subject.prepare(token);
    const before = process.cpuUsage();
    const results = await Promise.allSettled(Array.from({ length: calls }, subject.call));
    const { user, system } = process.cpuUsage(before);
    const { refreshes } = JSON.parse(await overNode(`${base}/count`, {})) as { refreshes: number };
    subject.refreshes = Math.max(subject.refreshes, refreshes);
    subject.failures += results.filter(({ status }) => status === 'rejected').length;
    if (round >= 0) subject.costs.push((user + system) / calls);
  }
}
show(subjects);
for (const { name, refreshes, failures } of subjects) {
  console.log(`${name}: ${refreshes} refresh, ${failures} failed calls`);
  if (refreshes !== 1 || failures > 0) process.exitCode = 1;
}
showRatios(subjects, [['ours', 'floor, fetch', 1.2]]);
child.disconnect();
agent.destroy();

function floor(name: string, send: Send): Caller {
  let current: Partial<OAuth2Token> = {};
  let refreshing: Promise<void> | undefined;
  const refresh = async (): Promise<void> => {
    const { refresh_token = '' } = current;
    const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token });
    const headers = {
      authorization: `Basic ${Buffer.from('app:secret').toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const fresh = JSON.parse(await send(`${base}/token`, headers, String(form))) as OAuth2Token;
    const expires_at = Math.floor(Date.now() / 1000) + Number(fresh.expires_in);
    current = { ...fresh, expires_at };
  };
  return {
    name,
    prepare: (token) => void (current = token),
    async call() {
      if (Number(current.expires_at) < Date.now() / 1000 + 10) {
        refreshing ??= refresh().finally(() => (refreshing = undefined));
        await refreshing;
      }
      return await send(`${base}/user`, { authorization: `Bearer ${current.access_token}` });
    },
  };
}

/** Ours, with a token store. */
function ours(): Caller {
  const { api } = new OAuth({ config: {}, tokenStore: memoryStore() }).register('api', {
    clientId: 'app',
    clientSecret: 'secret',
    authorizeUrl: `${base}/authorize`,
    accessTokenUrl: `${base}/token`,
    apiBaseUrl: base,
  });
  return {
    name: 'ours',
    prepare: (token) => api.saveToken(token, { userId: 'ada' }),
    async call() {
      const response = await api.get('user', { userId: 'ada' });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      return await response.text();
    },
  };
}
