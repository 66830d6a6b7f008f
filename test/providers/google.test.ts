import { describe, expect, it } from 'vitest';
import { idToken, keySet, startPreset, type PresetApp } from '../support/apps/preset.js';
import { json, type Routes } from '../support/wire.js';

const tokens = 'POST https://oauth2.googleapis.com/token';
const revoke = 'POST https://oauth2.googleapis.com/revoke';
const profile = 'GET https://openidconnect.googleapis.com/v1/userinfo';

const claims = {
  iss: 'https://accounts.google.com',
  azp: 'app-id',
  sub: '10769150350006150715113082367',
  hd: 'example.com',
  email: 'jsmith@example.com',
  email_verified: true,
  name: 'John Smith',
  picture: 'https://lh3.googleusercontent.com/a/photo=s96-c',
  given_name: 'John',
  family_name: 'Smith',
};

const answer = {
  access_token: 'ya29.a0AfH6SMC',
  expires_in: 3599,
  scope: 'openid https://www.googleapis.com/auth/userinfo.email',
  token_type: 'Bearer',
};

const routes: Routes = {
  'GET https://accounts.google.com/.well-known/openid-configuration': json({
    issuer: 'https://accounts.google.com',
    authorization_endpoint: 'https://accounts.google.com/o/oauth2/v2/auth',
    token_endpoint: 'https://oauth2.googleapis.com/token',
    userinfo_endpoint: 'https://openidconnect.googleapis.com/v1/userinfo',
    revocation_endpoint: 'https://oauth2.googleapis.com/revoke',
    jwks_uri: 'https://www.googleapis.com/oauth2/v3/certs',
    id_token_signing_alg_values_supported: ['RS256'],
    authorization_response_iss_parameter_supported: true,
  }),
  'GET https://www.googleapis.com/oauth2/v3/certs': keySet,
  [profile]: json({ ...claims, iss: undefined, azp: undefined }),
  [revoke]: json({}),
};

/** What Google's callbacks carry. */
const back = {
  code: '4/P7q7W91a-oMsCeLvIaQm6bTrgtp7',
  scope: 'email profile openid',
  authuser: '0',
  hd: 'example.com',
  prompt: 'consent',
  iss: 'https://accounts.google.com',
};

async function start(more: Record<string, unknown> = {}): Promise<PresetApp> {
  const google = await startPreset('google', routes, {
    authorizeParams: { access_type: 'offline', prompt: 'consent', hd: 'example.com' },
  });
  let nonce = '';
  const begin = google.begin.bind(google);
  google.wire.routes[tokens] = () =>
    json({ ...answer, refresh_token: '1//0g', id_token: idToken({ ...claims, nonce, ...more }) });
  const login: PresetApp['login'] = async (params = back) => {
    nonce = (await begin()).searchParams.get('nonce') ?? '';
    await google.come(params);
    if (google.app.errors.length > 0) throw google.app.errors.at(-1);
    return google.app.tokens.at(-1) as Awaited<ReturnType<PresetApp['login']>>;
  };
  return { ...google, login };
}

describe('Google', () => {
  it('[X5][A9] logs in for good, when asked offline, and says of which domain the user is', async () => {
    const google = await start();
    const token = await google.login();
    const asked = await google.begin();
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      access_type: 'offline',
      prompt: 'consent',
      hd: 'example.com',
      scope: 'openid email profile',
    });
    expect(token.refresh_token).toBe('1//0g');
    expect(token.userinfo).toMatchObject({
      sub: '10769150350006150715113082367',
      email: 'jsmith@example.com',
      email_verified: true,
      given_name: 'John',
      family_name: 'Smith',
      hd: 'example.com',
    });
  });

  it('[X5] may spell its issuer without a scheme, as in its older id_tokens', async () => {
    const google = await start({ iss: 'accounts.google.com' });
    expect((await google.login()).userinfo?.['iss']).toBe('accounts.google.com');
  });

  it.each(['http://accounts.google.com', 'accounts.google.com.evil.example'])(
    '[A20] is not an issuer that calls itself %s',
    async (iss) => {
      const google = await start({ iss });
      await expect(google.login()).rejects.toMatchObject({ code: 'invalid_id_token' });
    },
  );

  it('[M3] does not call an email verified that Google does not', async () => {
    const google = await start({ email_verified: false });
    expect((await google.login()).userinfo?.email_verified).toBe(false);
  });

  it('[A20] refreshes with an id_token, whose claims are read as at the login', async () => {
    const google = await start();
    const token = await google.login();
    const fresh = { ...claims, name: 'John S.', picture: 'javascript:alert(1)', email: '' };
    google.wire.routes[tokens] = () =>
      json({ ...answer, access_token: 'ya29.new', id_token: idToken(fresh) });
    const { userinfo, ...refreshed } = await google.client.refreshToken(token);
    expect(google.wire.last(tokens).form.get('grant_type')).toBe('refresh_token');
    expect(refreshed).toMatchObject({ access_token: 'ya29.new', refresh_token: '1//0g' });
    expect(userinfo).toMatchObject({ name: 'John S.', email_verified: false });
    expect(userinfo).not.toHaveProperty('picture');
    expect(userinfo).not.toHaveProperty('email');
  });

  it('[R6] says that a refresh token has ended, in Google’s words', async () => {
    const google = await start();
    const token = await google.login();
    const words = 'Token has been expired or revoked.';
    google.wire.routes[tokens] = json(
      { error: 'invalid_grant', error_description: words, error_subtype: 'rapt_required' },
      400,
    );
    await expect(google.client.refreshToken(token)).rejects.toMatchObject({
      code: 'invalid_grant',
      error_description: words,
    });
  });

  it('[A23] revokes without credentials, which the endpoint does not read', async () => {
    const google = await start();
    await google.client.revokeToken(await google.login(), { hint: 'refresh_token' });
    const { form, headers } = google.wire.last(revoke);
    expect(form.get('token')).toBe('1//0g');
    expect([form.has('client_secret'), headers['authorization']]).toEqual([false, undefined]);
    const words = 'Token expired or revoked';
    google.wire.routes[revoke] = ({ form: sent }) =>
      sent.get('token') === '1//0g'
        ? json({})
        : json({ error: 'invalid_token', error_description: words }, 400);
    await expect(google.client.revokeToken(await google.login())).resolves.toBeUndefined();
    await expect(google.client.revokeToken('ya29.unknown')).resolves.toBeUndefined();
  });

  it('[A19] responds to userinfo()', async () => {
    const google = await start();
    const token = await google.login();
    expect(await google.client.userinfo({ token })).toMatchObject({ name: 'John Smith' });
    google.wire.routes[profile] = json({ ...claims, sub: 'another' });
    await expect(google.client.userinfo({ token })).rejects.toMatchObject({
      code: 'invalid_userinfo',
    });
  });
});
