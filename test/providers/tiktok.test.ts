import { describe, expect, it } from 'vitest';
import { startPreset } from '../support/apps/preset.js';
import { json, type Routes } from '../support/wire.js';

const api = 'https://open.tiktokapis.com/v2';
const tokens = `POST ${api}/oauth/token/`;
const info = `GET ${api}/user/info/`;
const revoke = `POST ${api}/oauth/revoke/`;

const issued = {
  access_token: 'act.example12345Example12345Example',
  expires_in: 86_400,
  open_id: 'afd97af1-b87b-48b9-ac98-410aghda5344',
  refresh_expires_in: 31_536_000,
  refresh_token: 'rft.example12345Example12345Example',
  scope: 'user.info.basic,video.list',
  token_type: 'Bearer',
};

const routes: Routes = {
  [tokens]: json(issued),
  [info]: json({
    data: {
      user: {
        avatar_url:
          'https://p19-sign.tiktokcdn-us.com/tos-avt-0068-tx/b17f0e4b3a4f4a50993cf72cda8b88b8',
        open_id: '723f24d7-e717-40f8-a2b6-cb8464cd23b4',
        union_id: 'c9c60f44-a68e-4f5d-84dd-ce22faeb0ba1',
        display_name: 'Tik Toker',
      },
    },
    error: { code: 'ok', message: '', log_id: '20220829194722CBE87ED59D524E727021' },
  }),
  [revoke]: { type: 'application/json', body: '' },
};

describe('TikTok', () => {
  it('[X5][R6] calls the client id client_key everywhere, and joins scopes with commas', async () => {
    const tiktok = await startPreset('tiktok', routes, { scope: 'user.info.basic video.list' });
    const { searchParams } = await tiktok.begin();
    expect(searchParams.get('client_key')).toBe('app-id');
    expect(searchParams.has('client_id')).toBe(false);
    expect(searchParams.get('scope')).toBe('user.info.basic,video.list');
    const token = await tiktok.login({ code: 'a*b!5', scopes: 'user.info.basic,video.list' });
    expect(token).toMatchObject({ scope: 'user.info.basic video.list', token_type: 'Bearer' });
    const { form } = tiktok.wire.last(tokens);
    expect(Object.fromEntries(form)).toMatchObject({
      client_key: 'app-id',
      client_secret: 'app-secret',
      code: 'a*b!5',
      grant_type: 'authorization_code',
    });
    expect(form.has('client_id')).toBe(false);
  });

  it('[M3] reads a profile that comes with an error called ok', async () => {
    const tiktok = await startPreset('tiktok', routes);
    const { userinfo } = await tiktok.login();
    expect(userinfo).toMatchObject({
      sub: '723f24d7-e717-40f8-a2b6-cb8464cd23b4',
      name: 'Tik Toker',
      email_verified: false,
      picture: expect.stringMatching(/^https:\/\/p19-sign/) as string,
    });
    expect(tiktok.wire.last(info).url.searchParams.get('fields')).toContain('open_id');
  });

  it('[R6] reports an error at its token endpoint with status 200', async () => {
    const refusal = {
      error: 'invalid_grant',
      error_description: 'Authorization code is expired.',
      log_id: '202206221854370101130062072500FFA2',
    };
    const tiktok = await startPreset('tiktok', { ...routes, [tokens]: json(refusal) });
    expect(await tiktok.refusal()).toMatchObject({
      code: 'invalid_grant',
      error_description: 'Authorization code is expired.',
    });
  });

  it('[R6] reports an error at its API with an object, whatever the status', async () => {
    const error = { code: 'scope_not_authorized', message: 'The user did not …', log_id: '2' };
    for (const status of [200, 401]) {
      const answer = json({ data: { user: {} }, error }, status);
      const tiktok = await startPreset('tiktok', { ...routes, [info]: answer });
      expect(await tiktok.refusal()).toMatchObject({
        phase: 'userinfo',
        error: 'scope_not_authorized',
        error_description: 'The user did not …',
      });
    }
  });

  it('[R6] tells that the user declined', async () => {
    const tiktok = await startPreset('tiktok', routes);
    const denied = { error: 'access_denied', error_type: 'user_cancel', errCode: '-2' };
    expect(await tiktok.refusal(denied)).toMatchObject({ code: 'access_denied' });
  });

  it('[X5] refreshes with client_key, and takes the refresh token that comes back', async () => {
    const tiktok = await startPreset('tiktok', routes);
    const token = await tiktok.login();
    tiktok.wire.routes[tokens] = json({ ...issued, access_token: 'act.2', refresh_token: 'rft.2' });
    const fresh = await tiktok.client.refreshToken(token);
    expect(fresh).toMatchObject({ access_token: 'act.2', refresh_token: 'rft.2' });
    const { form } = tiktok.wire.last(tokens);
    expect(Object.fromEntries(form)).toEqual({
      client_key: 'app-id',
      client_secret: 'app-secret',
      grant_type: 'refresh_token',
      refresh_token: issued.refresh_token,
    });
  });

  it('[A23] revokes with client_key, and says when that failed with status 200', async () => {
    const tiktok = await startPreset('tiktok', routes);
    await tiktok.client.revokeToken(await tiktok.login());
    expect(Object.fromEntries(tiktok.wire.last(revoke).form)).toMatchObject({
      client_key: 'app-id',
      client_secret: 'app-secret',
      token: issued.access_token,
    });
    expect(tiktok.wire.count(revoke)).toBe(1);
    tiktok.wire.routes[revoke] = json({ error: 'invalid_request', error_description: 'No.' });
    await expect(tiktok.client.revokeToken('x')).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('[A17] writes the challenge in hexadecimal for desktop applications', async () => {
    const tiktok = await startPreset('tiktok', routes, { pkce: 'S256-hex' });
    const asked = await tiktok.begin();
    expect(asked.searchParams.get('code_challenge')).toMatch(/^[\da-f]{64}$/);
  });
});
