import { describe, expect, it } from 'vitest';
import { idToken, keySet, startPreset, type PresetApp } from '../support/apps/preset.js';
import { json, type Routes } from '../support/wire.js';

const tokens = 'POST https://slack.com/api/openid.connect.token';
const userinfo = 'GET https://slack.com/api/openid.connect.userInfo';
const revoke = 'POST https://slack.com/api/auth.revoke';

const person = {
  sub: 'U0R7JM',
  'https://slack.com/user_id': 'U0R7JM',
  'https://slack.com/team_id': 'T0R7GR',
  email: 'krane@slack-corp.com',
  email_verified: true,
  date_email_verified: 1_622_128_723,
  name: 'krane',
  picture: 'https://secure.gravatar.com/avatar/1.png',
  given_name: 'Bront',
  family_name: 'Labradoodle',
  locale: 'en-US',
};

const routes: Routes = {
  'GET https://slack.com/.well-known/openid-configuration': json({
    issuer: 'https://slack.com',
    authorization_endpoint: 'https://slack.com/openid/connect/authorize',
    token_endpoint: 'https://slack.com/api/openid.connect.token',
    userinfo_endpoint: 'https://slack.com/api/openid.connect.userInfo',
    jwks_uri: 'https://slack.com/openid/connect/keys',
    id_token_signing_alg_values_supported: ['RS256'],
  }),
  'GET https://slack.com/openid/connect/keys': keySet,
  [userinfo]: json({ ok: true, ...person }),
  [revoke]: json({ ok: true, revoked: true }),
};

async function start(): Promise<PresetApp> {
  const slack = await startPreset('slack', routes);
  const begin = async (): Promise<URL> => {
    const asked = await slack.begin();
    const nonce = asked.searchParams.get('nonce');
    const own = { iss: 'https://slack.com', auth_time: 1_622_128_723, nonce };
    slack.wire.routes[tokens] = json({
      ok: true,
      access_token: 'xoxp-1234',
      token_type: 'Bearer',
      id_token: idToken({ ...person, ...own }),
    });
    return asked;
  };
  return { ...slack, begin };
}

describe('Slack', () => {
  it('[X5] logs in with the claims of its id_token', async () => {
    const slack = await start();
    await slack.begin();
    expect((await slack.come({ code: '1.2.3' })).status).toBe(200);
    const [token] = slack.app.tokens;
    expect(token?.userinfo).toMatchObject({
      sub: 'U0R7JM',
      name: 'krane',
      given_name: 'Bront',
      email_verified: true,
      locale: 'en-US',
      'https://slack.com/team_id': 'T0R7GR',
    });
    expect(await slack.client.userinfo({ token: token as never })).toMatchObject({
      sub: 'U0R7JM',
      picture: 'https://secure.gravatar.com/avatar/1.png',
    });
  });

  it.each([
    ['invalid_code', 'invalid_grant'],
    ['code_already_used', 'invalid_grant'],
    ['bad_redirect_uri', 'provider_refused'],
    ['ratelimited', 'provider_refused'],
  ])('[R6] reports an error with status 200: %s', async (error, code) => {
    const slack = await startPreset('slack', {
      ...routes,
      [tokens]: json({ ok: false, error, needed: '', provided: '' }),
    });
    expect(await slack.refusal()).toMatchObject({ code, error, providerStatus: 200 });
  });

  it('[R6] reports errors of userinfo and of a revocation with status 200', async () => {
    const slack = await start();
    slack.wire.routes[userinfo] = json({ ok: false, error: 'token_revoked' });
    slack.wire.routes[revoke] = json({ ok: false, error: 'fatal_error' });
    const token = { access_token: 'xoxp-1', token_type: 'Bearer' };
    await expect(slack.client.userinfo({ token })).rejects.toMatchObject({
      error: 'token_revoked',
      phase: 'userinfo',
    });
    await expect(slack.client.revokeToken(token)).rejects.toMatchObject({
      error: 'fatal_error',
      phase: 'revocation',
    });
  });

  it('[A23] revokes for whoever has the token', async () => {
    const slack = await start();
    await slack.client.revokeToken({ access_token: 'xoxp-1', token_type: 'Bearer' });
    const { headers, form } = slack.wire.last(revoke);
    expect(headers['authorization']).toBe('Bearer xoxp-1');
    expect([...form.keys()]).toEqual([]);
  });

  it('[R6] tells that the user declined', async () => {
    const slack = await start();
    expect(await slack.refusal({ error: 'access_denied' })).toMatchObject({
      code: 'access_denied',
    });
  });
});
