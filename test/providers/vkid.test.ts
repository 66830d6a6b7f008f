import { describe, expect, it } from 'vitest';
import { startPreset } from '../support/apps/preset.js';
import { json, type Routes } from '../support/wire.js';

const id = 'https://id.vk.ru';
const tokens = `POST ${id}/oauth2/auth`;
const info = `POST ${id}/oauth2/user_info`;
const revoke = `POST ${id}/oauth2/revoke`;

const issued = {
  refresh_token: 'vk2.a.refresh',
  access_token: 'vk2.a.access',
  id_token: 'eyJhbGciOiJSUzI1NiJ9.e30.sig',
  token_type: 'Bearer',
  expires_in: 3600,
  user_id: 1_234_567_890,
  state: 'XXX',
  scope: 'vkid.personal_info email',
};

const routes: Routes = {
  [tokens]: json(issued),
  [info]: json({
    user: {
      user_id: '1234567890',
      first_name: 'Ivan',
      last_name: 'I.',
      phone: '79991234567',
      avatar: 'https://pp.userapi.com/60tZWMo4SmwcploUVl9XEt8ufnTTvDUmQ6Bj1g/mmv1pcj63C4.png',
      email: 'ivan_i123@vk.com',
      sex: 2,
      verified: false,
      birthday: '01.01.2000',
    },
  }),
  [revoke]: json({ response: 1 }),
};

const back = {
  code: 'vk2.a.code',
  type: 'code_v2',
  device_id: 'RSDN1',
  ext_id: 'e',
  expires_in: '600',
};

describe('VK ID', () => {
  it('[X5][R6] takes the device of the callback into its token requests', async () => {
    const vkid = await startPreset('vkid', routes);
    const asked = await vkid.begin();
    expect(asked.searchParams.get('code_challenge_method')).toBe('S256');
    expect(asked.searchParams.get('state')).toMatch(/^[\w-]{32,}$/);
    expect((await vkid.come(back)).status).toBe(200);
    const { form, headers } = vkid.wire.last(tokens);
    expect(Object.fromEntries(form)).toMatchObject({
      client_id: 'app-id',
      device_id: 'RSDN1',
      state: asked.searchParams.get('state'),
      code_verifier: expect.stringMatching(/^[\w-]{43,}$/) as string,
    });
    expect([headers['authorization'], form.has('client_secret')]).toEqual([undefined, false]);
    const token = vkid.app.tokens[0] as never as Record<string, unknown>;
    expect(token['device_id']).toBe('RSDN1');
    expect(token).not.toHaveProperty('id_token');
  });

  it('[M3] asks for the profile by POST, with the token in the form', async () => {
    const vkid = await startPreset('vkid', routes);
    const { userinfo } = await vkid.login(back);
    expect(userinfo).toMatchObject({
      sub: '1234567890',
      name: 'Ivan I.',
      given_name: 'Ivan',
      family_name: 'I.',
      email: 'ivan_i123@vk.com',
      email_verified: false,
      profile: 'https://vk.com/id1234567890',
    });
    expect(Object.fromEntries(vkid.wire.last(info).form)).toEqual({
      client_id: 'app-id',
      access_token: 'vk2.a.access',
    });
  });

  it('[R6] reports an error with status 200, at the token endpoint and for the profile', async () => {
    const no = { error: 'invalid_grant', error_description: 'device_id is missing or invalid' };
    const vkid = await startPreset('vkid', { ...routes, [tokens]: json(no) });
    expect(await vkid.refusal()).toMatchObject({
      code: 'invalid_grant',
      error_description: no.error_description,
    });
    vkid.wire.routes[tokens] = json(issued);
    vkid.wire.routes[info] = json({ error: 'invalid_token', error_description: 'expired' });
    expect(await vkid.refusal(back)).toMatchObject({ code: 'invalid_token', phase: 'userinfo' });
  });

  it('[X5] refreshes for the same device, and takes the new refresh token', async () => {
    const vkid = await startPreset('vkid', routes);
    const token = await vkid.login(back);
    vkid.wire.routes[tokens] = json({ ...issued, access_token: 'a2', refresh_token: 'r2' });
    const fresh = await vkid.client.refreshToken(token);
    expect(fresh).toMatchObject({ access_token: 'a2', refresh_token: 'r2', device_id: 'RSDN1' });
    expect(Object.fromEntries(vkid.wire.last(tokens).form)).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: 'vk2.a.refresh',
      device_id: 'RSDN1',
      state: 'XXX',
      client_id: 'app-id',
    });
  });

  it('[A23] revokes an access token by its own name', async () => {
    const vkid = await startPreset('vkid', routes);
    await vkid.client.revokeToken('vk2.a.access');
    expect(Object.fromEntries(vkid.wire.last(revoke).form)).toEqual({
      client_id: 'app-id',
      access_token: 'vk2.a.access',
    });
  });
});
