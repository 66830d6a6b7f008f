import { OAuth } from '@oauth-registry/core';
import { github } from '@oauth-registry/core/providers';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { Octokit } from '@octokit/core';
import { OAuth2Client } from 'google-auth-library';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { json, startWire, type Wire } from '../../support/wire.js';

let wire: Wire;
beforeEach(async () => {
  wire = await startWire({
    'GET https://api.github.com/user/repos': ({ headers }) =>
      headers['authorization'] === 'Bearer new'
        ? json([{ name: 'engine' }])
        : json({ message: 'Bad credentials' }, 401),
    'POST https://github.com/login/oauth/access_token': json({
      access_token: 'new',
      token_type: 'bearer',
      expires_in: 28_800,
      refresh_token: 'next',
    }),
  });
});
afterEach(() => wire.close());

const userId = 'ada';
async function client() {
  const oauth = new OAuth({
    config: {},
    fetch: wire.fetch,
    tokenStore: memoryStore(),
    secret: 'a secret of thirty-two characters',
  }).register('github', github({ clientId: 'app', clientSecret: 'secret' }));
  const token = {
    access_token: 'old',
    token_type: 'Bearer' as const,
    refresh_token: 'first',
    expires_at: 1,
  };
  await oauth.github.saveToken(token, { userId });
  return oauth.github;
}

describe('a stored token in an SDK', () => {
  it('of GitHub, with `fetch()`, is refreshed', async () => {
    const octokit = new Octokit({ request: { fetch: (await client()).fetch({ userId }) } });
    const { data } = await octokit.request('GET /user/repos');
    expect(data).toEqual([{ name: 'engine' }]);
    expect(wire.count('POST https://github.com/login/oauth/access_token')).toBe(1);
  });

  it('of Google, with `activeToken()`, is refreshed', async () => {
    const stored = await client();
    const auth = new OAuth2Client();
    auth.refreshHandler = async () => {
      const { access_token, expires_at = 0 } = await stored.activeToken({ userId });
      return { access_token, expiry_date: expires_at * 1000 };
    };
    expect(await auth.getAccessToken()).toMatchObject({ token: 'new' });
    expect(await auth.getAccessToken()).toMatchObject({ token: 'new' });
    expect(wire.count('POST https://github.com/login/oauth/access_token')).toBe(1);
  });
});
