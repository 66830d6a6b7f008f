import { describe, expect, it } from 'vitest';
import { startPreset } from '../support/apps/preset.js';
import { json, type Routes } from '../support/wire.js';

const rest = 'https://shop.example/rest';
const issued = {
  tokenType: 'Bearer',
  expiresIn: 86_400,
  accessToken: 'eyJ0eXAi.at',
  refreshToken: 'def502',
};

const routes: Routes = {
  [`POST ${rest}/login`]: json({ ...issued, access_token: 'eyJ0eXAi.at', token_type: 'Bearer' }),
  [`POST ${rest}/login/refresh`]: json({ ...issued, accessToken: 'at2', refreshToken: 'r2' }),
  [`GET ${rest}/user`]: json({ id: 7, realName: 'Ada', email: 'ada@example.com' }),
  [`POST ${rest}/logout`]: json({}),
};

describe('plentymarkets', () => {
  it('[X5][R6] trades a name and a password, in words of its own', async () => {
    const plenty = await startPreset('plentymarkets', routes, { shop: 'shop.example' });
    const token = await plenty.client.grants.passwordToken({ username: 'ada', password: 'pw' });
    expect(token).toMatchObject({
      access_token: 'eyJ0eXAi.at',
      refresh_token: 'def502',
      expires_in: 86_400,
      token_type: 'Bearer',
    });
    expect(Object.fromEntries(plenty.wire.last(`POST ${rest}/login`).form)).toMatchObject({
      username: 'ada',
      password: 'pw',
    });
    expect(await plenty.client.userinfo({ token })).toMatchObject({
      sub: '7',
      name: 'Ada',
      email: 'ada@example.com',
      email_verified: false,
    });
    expect(await plenty.client.refreshToken(token)).toMatchObject({
      access_token: 'at2',
      refresh_token: 'r2',
    });
    const sent = plenty.wire.last(`POST ${rest}/login/refresh`).form;
    expect(sent.get('refresh_token')).toBe('def502');
    await plenty.client.revokeToken(token);
    expect(plenty.wire.last(`POST ${rest}/logout`).headers['authorization']).toBe(
      'Bearer eyJ0eXAi.at',
    );
  });
});
