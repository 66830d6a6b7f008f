import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { startPreset } from '../support/apps/preset.js';
import { json, type Routes } from '../support/wire.js';

const graph = 'https://graph.facebook.com/v24.0';
const tokens = `POST ${graph}/oauth/access_token`;
const me = `GET ${graph}/me`;

const routes: Routes = {
  [tokens]: json({ access_token: 'EAAJ1', token_type: 'bearer', expires_in: 5_183_944 }),
  [me]: json(
    '{"id":"10158000000000001","name":"Open Graph Test User","first_name":"Open",' +
      '"middle_name":"Graph Test","last_name":"User","email":"open\\u0040tfbnw.net",' +
      '"picture":{"data":{"height":50,"is_silhouette":false,' +
      '"url":"https:\\/\\/platform-lookaside.fbsbx.com\\/platform\\/profilepic\\/?asid=1","width":50}}}',
  ),
  [`GET ${graph}/oauth/access_token`]: json({
    access_token: 'EAAJlong',
    token_type: 'bearer',
    expires_in: 5_184_000,
  }),
  [`DELETE ${graph}/me/permissions`]: json({ success: true }),
};

const proof = (token: string): string =>
  createHmac('sha256', 'app-secret').update(token).digest('hex');

describe('Facebook', () => {
  it('[X5][M3] logs in, and proves with every call that it has the secret', async () => {
    const facebook = await startPreset('facebook', routes);
    const asked = await facebook.begin();
    expect(asked.href).toMatch(/^https:\/\/www\.facebook\.com\/v24\.0\/dialog\/oauth\?/);
    expect(asked.searchParams.get('scope')).toBe('email,public_profile');
    const { userinfo } = await facebook.login();
    expect(userinfo).toMatchObject({
      sub: '10158000000000001',
      name: 'Open Graph Test User',
      given_name: 'Open',
      middle_name: 'Graph Test',
      family_name: 'User',
      email: 'open@tfbnw.net',
      email_verified: false,
      picture: 'https://platform-lookaside.fbsbx.com/platform/profilepic/?asid=1',
    });
    const { url, headers } = facebook.wire.last(me);
    expect(headers['authorization']).toBe('Bearer EAAJ1');
    expect(url.searchParams.get('appsecret_proof')).toBe(proof('EAAJ1'));
    expect(url.searchParams.get('fields')).toContain('email');
  });

  it('[R6] swaps the token for one of sixty days, if told so', async () => {
    const facebook = await startPreset('facebook', routes, { longLived: true });
    expect(await facebook.login()).toMatchObject({
      access_token: 'EAAJlong',
      expires_in: 5_184_000,
    });
    const { url } = facebook.wire.last(`GET ${graph}/oauth/access_token`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      grant_type: 'fb_exchange_token',
      client_id: 'app-id',
      client_secret: 'app-secret',
      fb_exchange_token: 'EAAJ1',
    });
    expect(facebook.wire.last(me).headers['authorization']).toBe('Bearer EAAJlong');
  });

  it('[R6] has errors that are objects, of the token endpoint and of the API', async () => {
    const error = {
      message: 'This authorization code has expired.',
      type: 'OAuthException',
      code: 100,
      error_subcode: 36_007,
      fbtrace_id: 'A1',
    };
    const facebook = await startPreset('facebook', { ...routes, [tokens]: json({ error }, 400) });
    expect(await facebook.refusal()).toMatchObject({
      code: 'invalid_grant',
      error: 'OAuthException',
      error_description: 'This authorization code has expired.',
    });
    const expired = { ...error, code: 190, message: 'The session has been invalidated.' };
    facebook.wire.routes[me] = json({ error: expired }, 400);
    const token = { access_token: 'EAAJ1', token_type: 'bearer' };
    await expect(facebook.client.userinfo({ token })).rejects.toMatchObject({
      code: 'invalid_token',
      providerStatus: 400,
      error: 'OAuthException',
      error_description: 'The session has been invalidated.',
    });
  });

  it('[R6] tells that the user declined, or that the dialog failed', async () => {
    const facebook = await startPreset('facebook', routes);
    const denied = {
      error: 'access_denied',
      error_code: '200',
      error_description: 'Permissions error',
      error_reason: 'user_denied',
    };
    expect(await facebook.refusal(denied)).toMatchObject({ code: 'access_denied' });
    const failed = { error_code: '1349126', error_message: 'App Not Setup' };
    expect(await facebook.refusal(failed)).toMatchObject({
      code: 'provider_refused',
      error: '1349126',
      error_description: 'App Not Setup',
    });
    expect(facebook.wire.requests).toHaveLength(0);
  });

  it('[F2] lets users in who have no email', async () => {
    const facebook = await startPreset('facebook', { ...routes, [me]: json({ id: '7' }) });
    expect((await facebook.login()).userinfo).toEqual({
      sub: '7',
      email_verified: false,
      raw: { id: '7' },
    });
  });

  it('[A23] revokes by taking the permissions back', async () => {
    const facebook = await startPreset('facebook', routes);
    await facebook.client.revokeToken('EAAJ1');
    const { url, headers } = facebook.wire.last(`DELETE ${graph}/me/permissions`);
    expect(headers['authorization']).toBe('Bearer EAAJ1');
    expect(Object.fromEntries(url.searchParams)).toEqual({ appsecret_proof: proof('EAAJ1') });
  });
});

describe.each([
  ['instagram', 'https://graph.instagram.com', 'ig', 'https://api.instagram.com/oauth', ''],
  ['threads', 'https://graph.threads.com', 'th', 'https://graph.threads.com/oauth', '/v1.0'],
])('%s', (name, api, prefix, oauth, version) => {
  const first = `{"access_token":"short","user_id":17841405793187218,"permissions":"basic"}`;
  const long = { token_type: 'bearer', expires_in: 5_183_944 };
  const wired: Routes = {
    [`POST ${oauth}/access_token`]: json(first),
    [`GET ${api}/access_token`]: json({ access_token: 'long1', ...long }),
    [`GET ${api}/refresh_access_token`]: json({ access_token: 'long2', ...long }),
    [`GET ${api}${version}/me`]: json('{"id":"17841405793187218","username":"jsmith","name":"J"}'),
  };

  it('[R6] preserves ids beyond 2^53, and leaves its token as it is', async () => {
    const app = await startPreset(name, wired);
    const token = await app.login();
    expect(token).toMatchObject({ access_token: 'short', user_id: '17841405793187218' });
    expect(token.userinfo).toMatchObject({ sub: '17841405793187218', nickname: 'jsmith' });
    await expect(app.client.refreshToken(token)).rejects.toMatchObject({ code: 'missing_token' });
  });

  it('[R6] swaps its token for one of sixty days, which renews itself, if told so', async () => {
    const app = await startPreset(name, wired, { longLived: true });
    const token = await app.login();
    expect(token).toMatchObject({ access_token: 'long1', expires_in: 5_183_944 });
    expect(Object.fromEntries(app.wire.last(`GET ${api}/access_token`).url.searchParams)).toEqual({
      grant_type: `${prefix}_exchange_token`,
      client_secret: 'app-secret',
      access_token: 'short',
    });
    const fresh = await app.client.refreshToken(token);
    expect(fresh).toMatchObject({ access_token: 'long2', user_id: '17841405793187218' });
    const { url } = app.wire.last(`GET ${api}/refresh_access_token`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      grant_type: `${prefix}_refresh_token`,
      access_token: 'long1',
    });
    const error = { message: 'Session has expired', type: 'OAuthException', code: 190 };
    app.wire.routes[`GET ${api}/refresh_access_token`] = json({ error }, 400);
    await expect(app.client.refreshToken(fresh)).rejects.toMatchObject({
      code: 'invalid_grant',
      error: 'OAuthException',
    });
  });

  it('[R6] reports an error in its own words', async () => {
    const refusal = { error_type: 'OAuthException', code: 400, error_message: 'Invalid code' };
    const graphs = { error: { message: 'Invalid code', type: 'OAuthException', code: 400 } };
    const answer = json(name === 'instagram' ? refusal : graphs, 400);
    const app = await startPreset(name, { ...wired, [`POST ${oauth}/access_token`]: answer });
    expect(await app.refusal()).toMatchObject({
      error: 'OAuthException',
      error_description: 'Invalid code',
    });
  });
});
