import { describe, expect, it } from 'vitest';
import { startPreset } from '../support/apps/preset.js';
import { json, type Routes } from '../support/wire.js';

const instance = 'social.example';
const tokens = `POST https://${instance}/oauth/token`;
const me = `GET https://${instance}/api/v1/accounts/verify_credentials`;
const revoke = `POST https://${instance}/oauth/revoke`;

const routes: Routes = {
  [tokens]: json({
    access_token: 'ZA-Yj3aBD8U8Cm7lKUp-lm9O9BmDgdhHzDeqsY8tlL0',
    token_type: 'Bearer',
    scope: 'read:accounts',
    created_at: 1_573_979_017,
  }),
  [me]: json({
    id: '14715',
    username: 'trwnh',
    acct: 'trwnh',
    display_name: '',
    locked: false,
    note: '<p>i have approximate knowledge of many things.</p>',
    url: `https://${instance}/@trwnh`,
    uri: `https://${instance}/users/trwnh`,
    avatar: 'https://files.social.example/original/a.gif',
    avatar_static: 'https://files.social.example/static/a.png',
    source: { privacy: 'public', fields: [] },
  }),
  [revoke]: json({}),
};

describe('Mastodon, at an instance that the application chose', () => {
  it('[X5][M3] knows users by their URL, as ids are the instance’s own', async () => {
    const mastodon = await startPreset('mastodon', routes, { instance });
    const asked = await mastodon.begin();
    expect(asked.origin + asked.pathname).toBe(`https://${instance}/oauth/authorize`);
    expect(asked.searchParams.get('scope')).toBe('read:accounts');
    const token = await mastodon.login({ code: 'c0de', iss: `https://${instance}/` });
    expect(token).not.toHaveProperty('expires_at');
    expect(token.userinfo).toMatchObject({
      sub: `https://${instance}/users/trwnh`,
      name: 'trwnh',
      preferred_username: 'trwnh',
      email_verified: false,
      picture: 'https://files.social.example/static/a.png',
      profile: `https://${instance}/@trwnh`,
    });
    expect(Object.fromEntries(mastodon.wire.last(tokens).form)).toMatchObject({
      client_id: 'app-id',
      client_secret: 'app-secret',
      redirect_uri: mastodon.callback,
    });
  });

  it('[X5] refuses a callback of another instance (RFC 9207)', async () => {
    const mastodon = await startPreset('mastodon', routes, { instance });
    const iss = 'https://evil.example/';
    expect(await mastodon.refusal({ code: 'c0de', iss })).toMatchObject({
      code: 'mismatching_issuer',
    });
    expect(mastodon.wire.requests).toHaveLength(0);
  });

  it('[R6] passes on error responses', async () => {
    const mastodon = await startPreset(
      'mastodon',
      {
        ...routes,
        [tokens]: json({ error: 'invalid_client', error_description: 'Client failed' }, 401),
      },
      { instance },
    );
    expect(await mastodon.refusal()).toMatchObject({ code: 'invalid_client', providerStatus: 401 });
    expect(await mastodon.refusal({ error: 'access_denied' })).toMatchObject({
      code: 'access_denied',
    });
    mastodon.wire.routes[me] = json({ error: 'The access token is invalid' }, 401);
    const token = { access_token: 'x', token_type: 'Bearer' };
    await expect(mastodon.client.userinfo({ token })).rejects.toMatchObject({
      code: 'invalid_token',
    });
  });

  it('[A23] revokes as the client', async () => {
    const mastodon = await startPreset('mastodon', routes, { instance });
    await mastodon.client.revokeToken('at');
    expect(Object.fromEntries(mastodon.wire.last(revoke).form)).toMatchObject({
      token: 'at',
      client_id: 'app-id',
      client_secret: 'app-secret',
    });
  });
});
