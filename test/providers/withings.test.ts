import { describe, expect, it } from 'vitest';
import { startPreset } from '../support/apps/preset.js';
import { json, type Routes } from '../support/wire.js';

const tokens = 'POST https://wbsapi.withings.net/v2/oauth2';

const body = {
  userid: '363',
  access_token: 'a075f8c14fb8df40b08ebc8508533dc332a6910a',
  refresh_token: 'f631236f02b991810feb774765b6ae8e6c6839ca',
  expires_in: 10_800,
  scope: 'user.info,user.metrics',
  csrf_token: 'PACnnxwHTaBQOzF7bQqwFUUotIuvtzSM',
  token_type: 'Bearer',
};

const routes: Routes = { [tokens]: json({ status: 0, body }) };

describe('Withings', () => {
  it('[X5][R6] says with every request what it is for, and has its response in an envelope', async () => {
    const withings = await startPreset('withings', routes);
    const asked = await withings.begin();
    expect(asked.searchParams.get('scope')).toBe('user.info,user.metrics');
    const token = await withings.login();
    expect(token).toMatchObject({
      access_token: body.access_token,
      refresh_token: body.refresh_token,
      expires_in: 10_800,
      scope: 'user.info user.metrics',
    });
    expect(token.userinfo).toMatchObject({ sub: '363', email_verified: false });
    expect(JSON.stringify(token.userinfo)).not.toContain(body.access_token);
    expect(Object.fromEntries(withings.wire.last(tokens).form)).toMatchObject({
      action: 'requesttoken',
      grant_type: 'authorization_code',
      client_id: 'app-id',
      client_secret: 'app-secret',
      code: 'c0de',
      redirect_uri: withings.callback,
    });
    expect(withings.wire.requests).toHaveLength(1);
  });

  it.each([
    [{ status: 503, body: {}, error: 'Invalid Params: invalid code' }, '503', 'invalid_grant'],
    [{ status: 503, body: {}, error: 'Invalid Params: missing action' }, '503'],
    [{ status: 401, body: {}, error: 'XRequestID: Not provided invalid_token: …' }, '401'],
    [{ status: 601, body: { wait_seconds: 10 }, error: 'Too Many Requests' }, '601'],
    [{ status: 293, body: {}, error: 'The callback URL is either absent or incorrect' }, '293'],
  ])(
    '[R6] reports an error with HTTP 200: %j',
    async (answer, error, code = 'provider_refused') => {
      const withings = await startPreset('withings', { [tokens]: json(answer) });
      expect(await withings.refusal()).toMatchObject({
        code,
        providerStatus: 200,
        error,
        error_description: answer.error,
      });
    },
  );

  it('[X5] refreshes by the same action; refresh tokens rotate', async () => {
    const withings = await startPreset('withings', routes);
    const token = await withings.login();
    const next = { ...body, access_token: 'a2', refresh_token: 'r2' };
    withings.wire.routes[tokens] = json({ status: 0, body: next });
    const fresh = await withings.client.refreshToken(token);
    expect(fresh).toMatchObject({ access_token: 'a2', refresh_token: 'r2' });
    expect(fresh.userinfo?.sub).toBe('363');
    expect(Object.fromEntries(withings.wire.last(tokens).form)).toEqual({
      action: 'requesttoken',
      grant_type: 'refresh_token',
      client_id: 'app-id',
      client_secret: 'app-secret',
      refresh_token: body.refresh_token,
    });
  });

  it('[M3] takes a numeric user id, and logs no user in without one', async () => {
    const numeric = json({ status: 0, body: { ...body, userid: 12_345_678 } });
    expect(
      (await (await startPreset('withings', { [tokens]: numeric })).login()).userinfo?.sub,
    ).toBe('12345678');
    for (const userid of [undefined, null, '', {}]) {
      const answer = json({ status: 0, body: { ...body, userid } });
      const withings = await startPreset('withings', { [tokens]: answer });
      expect(await withings.refusal()).toMatchObject({ code: 'invalid_userinfo' });
    }
  });
});
