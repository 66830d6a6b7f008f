import { createHash } from 'node:crypto';
import type { OAuthOptions } from '@oauth-registry/core';
import type { AuthorizeData } from '@oauth-registry/core/types';
import { ExpressClient, OAuth } from '@oauth-registry/express';
import type { Request } from 'express';
import type { ExpressRegistry, UsedClient } from './express.js';

/** How an adapter that stores pending logins itself could do it wrong. */
interface LoginStore {
  put(req: Request, state: string, data: AuthorizeData): Promise<void>;
  find(req: Request, state: string): AuthorizeData | undefined;
}

interface Session {
  logins?: Record<string, AuthorizeData>;
  save(done: (error?: unknown) => void): void;
}

const sessionOf = (req: Request): Session => (req as unknown as { session: Session }).session;

const save = (req: Request): Promise<void> =>
  new Promise((resolve, reject) => {
    sessionOf(req).save((error) => (error ? reject(error) : resolve()));
  });

/** An entry for each state; OAuth 1 has a request token in its place. */
function put(req: Request, state: string, data: AuthorizeData): void {
  const session = sessionOf(req);
  session.logins = { ...session.logins, [state]: data };
}

function take(req: Request, state: string): AuthorizeData | undefined {
  const { [state]: found, ...others } = sessionOf(req).logins ?? {};
  sessionOf(req).logins = others;
  return found;
}

const shared = new Map<string, AuthorizeData>();

const name = (state: string): string => createHash('sha256').update(state).digest('hex');

/** Three adapters that log users in and are insecure. */
export const broken: Record<string, LoginStore> = {
  'state not taken': {
    put: async (req, state, data) => {
      put(req, state, data);
      await save(req);
    },
    find: (req, state) => sessionOf(req).logins?.[state],
  },
  'save not awaited': {
    put: async (req, state, data) => {
      put(req, state, data);
      save(req).catch(() => undefined);
    },
    find: take,
  },
  'session check skipped': {
    put: async (_req, state, data) => void shared.set(name(state), data),
    find: (_req, state) => {
      const data = shared.get(name(state));
      shared.delete(name(state));
      return data;
    },
  },
};

/** An Express registry whose clients store pending logins that way. */
export function brokenRegistry({ put: store, find }: LoginStore) {
  return (options: OAuthOptions): ExpressRegistry => {
    const oauth = new OAuth(options);
    return {
      register: (client, given) => oauth.register(client, given),
      createClient: (client) => brokenClient(oauth.createClient(client), { put: store, find }),
    };
  };
}

function brokenClient(client: ExpressClient, { put: store, find }: LoginStore): UsedClient {
  return Object.assign(Object.create(client) as UsedClient, {
    userinfo: (given: Parameters<UsedClient['userinfo']>[0]) => client.userinfo(given),
    async authorizeRedirect(...given: Parameters<UsedClient['authorizeRedirect']>) {
      const [req, res, redirectUri, params] = given;
      const request = await client.createAuthorizationUrl(redirectUri, params);
      await store(req, request.state, request);
      res.redirect(request.url);
    },
    async authorizeAccessToken(req: Request) {
      const query = new URLSearchParams(req.originalUrl.split('?')[1]);
      const state = query.get('state') ?? query.get('oauth_token') ?? '';
      return await client.fetchAccessToken(query, find(req, state) as AuthorizeData);
    },
  });
}
