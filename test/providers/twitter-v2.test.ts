import { describe, expect, it } from 'vitest';
import { startPreset } from '../support/apps/preset.js';
import { json, type Routes } from '../support/wire.js';

const tokens = 'POST https://api.x.com/2/oauth2/token';
const me = 'GET https://api.x.com/2/users/me';
const revoke = 'POST https://api.x.com/2/oauth2/revoke';

const person = {
  id: '2244994945',
  name: 'X Dev',
  username: 'TwitterDev',
  profile_image_url: 'https://pbs.twimg.com/profile_images/1283786620521652229/lEODkLTh_normal.jpg',
  url: 'https://t.co/FGl7VOULyL',
  verified: true,
  created_at: '2013-12-14T04:35:55.000Z',
};

const issued = {
  token_type: 'bearer',
  expires_in: 7200,
  access_token: 'bWRWa3gzdnk3WHRGU1o0bmRRcTJ5VnVsdE5VaGY',
  scope: 'users.read tweet.read offline.access users.email',
  refresh_token: 'bWRWa3gzdnk3WHRGU1o0bmRRcTJ5',
};

const routes: Routes = {
  [tokens]: json(issued),
  [me]: ({ url }) =>
    url.searchParams.get('user.fields') === 'confirmed_email'
      ? json({ data: { ...person, confirmed_email: 'dev@example.com' } })
      : json({ data: person }),
  [revoke]: json({ revoked: true }),
};

const scope = 'users.read tweet.read users.email offline.access';
const basic = `Basic ${btoa('app-id:app-secret')}`;

describe('X', () => {
  it('[X5][M3] logs in as a confidential client, and asks for the email by itself', async () => {
    const x = await startPreset('twitter_v2', routes, { scope });
    const asked = await x.begin();
    expect(asked.searchParams.get('code_challenge_method')).toBe('S256');
    const { userinfo } = await x.login();
    expect(userinfo).toMatchObject({
      sub: '2244994945',
      name: 'X Dev',
      preferred_username: 'TwitterDev',
      email: 'dev@example.com',
      email_verified: true,
      profile: 'https://x.com/TwitterDev',
    });
    const { headers, form } = x.wire.last(tokens);
    expect(headers['authorization']).toBe(basic);
    expect([form.get('client_id'), form.has('client_secret')]).toEqual(['app-id', false]);
    expect(form.get('code_verifier')).toMatch(/^[\w~.-]{43,128}$/);
    expect(x.wire.count(me)).toBe(2);
  });

  it('[F2] asks for no email that was not granted', async () => {
    const narrow = json({ ...issued, scope: 'users.read tweet.read' });
    const x = await startPreset('twitter_v2', { ...routes, [tokens]: narrow });
    const { userinfo } = await x.login();
    expect(userinfo?.email_verified).toBe(false);
    expect(userinfo).not.toHaveProperty('email');
    expect(x.wire.count(me)).toBe(1);
  });

  it('[X5] lives without a secret as a public client, by its id in the form', async () => {
    const options = { clientSecret: undefined, tokenEndpointAuthMethod: 'none' };
    const x = await startPreset('twitter_v2', routes, options);
    await x.login();
    const { headers, form } = x.wire.last(tokens);
    expect([headers['authorization'], form.getAll('client_id')]).toEqual([undefined, ['app-id']]);
  });

  it('[X5] rotates refresh tokens', async () => {
    const x = await startPreset('twitter_v2', routes, { scope });
    const token = await x.login();
    x.wire.routes[tokens] = json({ ...issued, access_token: 'two', refresh_token: 'r2' });
    const fresh = await x.client.refreshToken(token);
    expect(fresh).toMatchObject({ access_token: 'two', refresh_token: 'r2' });
    expect(fresh.userinfo?.sub).toBe('2244994945');
    const { headers, form } = x.wire.last(tokens);
    expect(headers['authorization']).toBe(basic);
    expect(form.get('refresh_token')).toBe(issued.refresh_token);
    const error_description = 'Value passed for the token was invalid.';
    x.wire.routes[tokens] = json({ error: 'invalid_request', error_description }, 400);
    await expect(x.client.refreshToken(fresh)).rejects.toMatchObject({ error_description });
  });

  it('[R6] fails if the profile is refused, in the words of its problem documents', async () => {
    const problem = { title: 'Forbidden', type: 'about:blank', status: 403, detail: 'Forbidden' };
    const x = await startPreset('twitter_v2', { ...routes, [me]: json(problem, 403) });
    expect(await x.refusal()).toMatchObject({ providerStatus: 403, phase: 'userinfo' });
    expect(await x.refusal({ error: 'access_denied' })).toMatchObject({ code: 'access_denied' });
  });

  it('[A23] revokes as the client', async () => {
    const x = await startPreset('twitter_v2', routes);
    await x.client.revokeToken('abc', { hint: 'access_token' });
    const { headers, form } = x.wire.last(revoke);
    expect(headers['authorization']).toBe(basic);
    expect(Object.fromEntries(form)).toMatchObject({
      token: 'abc',
      token_type_hint: 'access_token',
    });
  });
});
