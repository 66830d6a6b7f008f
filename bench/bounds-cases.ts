/**
 * What a registry has in memory of things that come in large numbers. Each case is a name, what may be
 * left, and a function that makes so many of them; add a case to the list, and `bounds.ts` and the test
 * run it.
 */
import { OAuth } from '@oauth-registry/core';
import type { TokenStore } from '@oauth-registry/core/types';
import { serverCases, type BoundsCase } from './bounds-servers.js';

export type { BoundsCase } from './bounds-servers.js';

const megabyte = 2 ** 20;

/** Megabytes by which a case grows the heap, after garbage collection. */
export async function growthOf(
  { run }: BoundsCase,
  scale: number,
  collect: () => void,
): Promise<number> {
  collect();
  const before = process.memoryUsage().heapUsed;
  const alive = await run(scale);
  collect();
  const growth = (process.memoryUsage().heapUsed - before) / megabyte;
  if (alive === undefined) throw new Error('A case returns what must stay alive.');
  return growth;
}

const tenants = 1000;
const ownersOfTenant = 300;

/** What providers give: an access token that is a JWT, a refresh token, an id_token. */
function makeToken(userId: string, more: object = {}) {
  return {
    access_token: `at-${userId}-${'a'.repeat(900)}`,
    refresh_token: `rt-${userId}-${'r'.repeat(200)}`,
    id_token: `${'h'.repeat(40)}.${'i'.repeat(700)}.${'s'.repeat(340)}`,
    token_type: 'Bearer',
    scope: 'openid email profile offline_access',
    expires_at: Math.floor(Date.now() / 1000) + 3600,
    ...more,
  };
}

const endpoints = {
  clientId: 'app',
  authorizeUrl: 'https://provider.example/authorize',
  accessTokenUrl: 'https://provider.example/token',
  apiBaseUrl: 'https://provider.example/api',
};

/** A provider in the process: the network is not what is measured. */
const answer: typeof fetch = async (url, init) => {
  if (!String(url).endsWith('/token')) return new Response();
  const sent = new URLSearchParams(init?.body?.toString());
  const userId = String(sent.get('refresh_token')?.slice(3, 20));
  const { id_token: _, ...fresh } = makeToken(userId, { expires_in: 3600 });
  return Response.json(fresh);
};

/** A store on another machine: whatever is asked for is there, and takes nothing here. */
const elsewhere: TokenStore = {
  get: ({ userId }) => ({ version: 'v', value: JSON.stringify({ token: makeToken(userId) }) }),
  put: () => true,
  delete: () => undefined,
  list: () => [],
  lock: () => true,
  unlock: () => undefined,
};

/** Does something for every owner of every tenant. */
async function forEachOwner(
  scale: number,
  use: (tenant: string, userId: string) => Promise<unknown>,
): Promise<void> {
  for (let tenant = 0; tenant < tenants; tenant += 1) {
    for (let userId = 0; userId < ownersOfTenant * scale; userId += 1)
      await use(`tenant-${tenant}`, `owner-${tenant}-${userId}`);
  }
}

export const boundsCases: readonly BoundsCase[] = [
  {
    name: '300,000 stored tokens of 1,000 tenants',
    limit: 100,
    async run(scale) {
      const oauth = new OAuth({
        config: {},
        tokenStore: elsewhere,
        allowPlaintextTokens: true,
        fetch: answer,
        loadClient: () => endpoints,
      });
      await forEachOwner(scale, async (tenant, userId) => {
        const client = await oauth.loadClient(tenant);
        await client.get('user', { userId });
      });
      return oauth;
    },
  },
  {
    name: '300,000 tokens of 1,000 tenants, refreshed for hooks',
    limit: 100,
    async run(scale) {
      const oauth = new OAuth({
        config: {},
        fetch: answer,
        fetchToken: (_name, userId) => makeToken(String(userId), { expires_at: 1 }),
        updateToken: () => undefined,
        loadClient: () => endpoints,
      });
      // Each is a whole refresh: a tenth of them fills what is bounded.
      await forEachOwner(scale / 10, async (tenant, userId) => {
        const client = await oauth.loadClient(tenant);
        await client.get('user', { request: userId });
      });
      return oauth;
    },
  },
  ...serverCases,
];
