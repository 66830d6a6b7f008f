import type { OAuth2Token } from '@oauth-registry/core';
import type { UpdateToken } from '@oauth-registry/core/types';
import { describe, expect, it } from 'vitest';
import { tokenHookDrills, type TokenHooks } from './token-hooks.js';

/** An application with a table of tokens. */
function application(changed: Partial<TokenHooks> = {}) {
  const rows = new Map<string, OAuth2Token>();
  const hooks: TokenHooks = {
    save: (user, token) => void rows.set(user, token),
    request: (user) => ({ user }),
    fetchToken: (_name, request) => rows.get((request as { user: string }).user),
    updateToken: (_name, token, { refreshToken }) => {
      for (const [user, row] of rows)
        if (row.refresh_token === refreshToken) rows.set(user, token as OAuth2Token);
    },
    ...changed,
  };
  return { rows, hooks };
}

describe('the drills of token hooks', () => {
  it.each(tokenHookDrills)('pass with hooks that are correct: $id', async ({ run }) => {
    await run(application().hooks);
  });

  it('pass the name of the client, and a removal of ended authorizations', async () => {
    const { rows, hooks } = application({ client: 'corp' });
    const names = new Set<string>();
    const fetchToken: TokenHooks['fetchToken'] = (name, request) => {
      names.add(name);
      return hooks.fetchToken(name, request);
    };
    const onGrantRevoked = (): void => rows.clear();
    for (const { run } of tokenHookDrills) await run({ ...hooks, fetchToken, onGrantRevoked });
    expect([...names]).toEqual(['corp']);
  });

  type Make = (rows: Map<string, OAuth2Token>, update: UpdateToken) => Partial<TokenHooks>;
  const broken: [flaw: string, drill: string, make: Make][] = [
    [
      'lose the expiry',
      'found',
      (rows) => ({
        save: (user, token) => void rows.set(user, { ...token, expires_at: undefined } as never),
      }),
    ],
    [
      'insert the first token only',
      'saved-again',
      (rows) => ({ save: (user, token) => void (rows.has(user) || rows.set(user, token)) }),
    ],
    ['store nothing', 'refreshed', () => ({ updateToken: () => undefined })],
    [
      'store the access token alone',
      'rotated-twice',
      (rows) => ({
        updateToken: (_name, token, { refreshToken }) => {
          for (const [user, row] of rows)
            if (row.refresh_token === refreshToken)
              rows.set(user, { ...(token as OAuth2Token), refresh_token: refreshToken as string });
        },
      }),
    ],
    [
      'find the row of the first access token',
      'not-rotated',
      (rows) => {
        const first = new Map<string, string>();
        return {
          save: (user, token) => {
            first.set(token.access_token, user);
            rows.set(user, token);
          },
          updateToken: (_name, token, { accessToken = '' }) => {
            const user = first.get(accessToken);
            if (user !== undefined) rows.set(user, token as OAuth2Token);
          },
        };
      },
    ],
    [
      'update the rows of all users',
      'other-user',
      (rows) => ({
        updateToken: (_name, token) => {
          for (const user of rows.keys()) rows.set(user, token as OAuth2Token);
        },
      }),
    ],
    ['store nothing', 'slow', () => ({ updateToken: () => undefined })],
    ['store nothing', 'concurrent', () => ({ updateToken: () => undefined })],
    [
      'remove a token that was refreshed twice',
      'bare-401',
      (rows, update) => {
        let updates = 0;
        return {
          updateToken: async (...given) => {
            await update(...given);
            updates += 1;
            if (updates > 1) rows.clear();
          },
        };
      },
    ],
    [
      'remember ended authorizations',
      'revoked',
      (rows) => ({
        onGrantRevoked: () => void (rows.clear(), (rows.set = () => rows)),
      }),
    ],
    [
      'compare the id_token to see whether the token is new',
      'keys-down',
      (rows, update) => ({
        updateToken: (name, token, old, request) => {
          const { user } = request as { user: string };
          if (rows.get(user)?.id_token === token['id_token']) return undefined;
          return update(name, token, old, request);
        },
      }),
    ],
  ];

  it.each(broken)('fail with hooks that %s: %s', async (_flaw, id, make) => {
    const { rows, hooks } = application();
    const drill = tokenHookDrills.find((one) => one.id === id);
    await expect(drill?.run({ ...hooks, ...make(rows, hooks.updateToken) })).rejects.toThrow();
  });
});
