import { describe, expect, it } from 'vitest';
import { startPreset, type PresetApp } from '../support/apps/preset.js';
import { json, type Routes } from '../support/wire.js';

const tokens = 'POST https://slack.com/api/oauth.v2.access';
const test = 'GET https://slack.com/api/auth.test';
const revoke = 'POST https://slack.com/api/auth.revoke';
const team = { id: 'T9TK3CUKW', name: 'Slack Softball Team' };
const user = { id: 'U1234', scope: 'chat:write', access_token: 'xoxp-1234', token_type: 'user' };
const installed = {
  ok: true,
  access_token: 'xoxb-17653672481',
  token_type: 'bot',
  scope: 'commands,incoming-webhook',
  bot_user_id: 'U0KRQLJ9H',
  app_id: 'A0KRD7HC3',
  team,
  enterprise: null,
  authed_user: user,
};
const bot = { ok: true, user: 'app', team_id: team.id, user_id: 'U0KRQLJ9H', bot_id: 'B1' };

async function start(
  token: object = installed,
  profile: object = bot,
  options = {},
): Promise<PresetApp> {
  const routes: Routes = {
    [tokens]: json(token),
    [test]: json(profile),
    [revoke]: json({ ok: true }),
  };
  return await startPreset('slack_app', routes, { scope: ['commands', 'chat:write'], ...options });
}

describe('an application of Slack', () => {
  it('asks for the scopes of the bot alone, without PKCE, which Slack refuses beside a secret', async () => {
    const slack = await start();
    const asked = await slack.begin();
    expect(Object.fromEntries(asked.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'app-id',
      redirect_uri: slack.callback,
      scope: 'commands,chat:write',
      state: expect.any(String) as string,
    });
    await slack.login();
    const { form } = slack.wire.last(tokens);
    expect(form.has('code_verifier')).toBe(false);
    expect(form.get('client_secret')).toBe('app-secret');
  });

  it('asks for scopes of the user if the application names some', async () => {
    const slack = await start(installed, bot, { authorizeParams: { user_scope: 'chat:write' } });
    const { searchParams } = await slack.begin();
    expect(searchParams.get('user_scope')).toBe('chat:write');
  });

  it('has the token of the bot, with the one of the user beside it, and asks who that is as the bot', async () => {
    const slack = await start();
    const token = await slack.login();
    expect(token).toMatchObject({
      access_token: 'xoxb-17653672481',
      token_type: 'Bearer',
      scope: 'commands incoming-webhook',
      team,
      authed_user: user,
    });
    expect(slack.wire.last(test).headers['authorization']).toBe('Bearer xoxb-17653672481');
  });

  it('tells the user apart by workspace and id, as an id is unique in one workspace only', async () => {
    const [one, other] = [await start(), await start(installed, { ...bot, team_id: 'T2' })];
    const subjects = [await one.login(), await other.login()].map(({ userinfo }) => userinfo?.sub);
    expect(subjects).toEqual(['T9TK3CUKW_U1234', 'T2_U1234']);
    expect(one.client.identity(await one.login())).toBe('slack_app$T9TK3CUKW_U1234');
  });

  it('does not name the user as the bot is named', async () => {
    const token = await (await start()).login();
    expect(token.userinfo).not.toHaveProperty('nickname');
    expect(token.userinfo?.raw).toMatchObject({ user: 'app' });
  });

  it('has the token of the user if there is no bot', async () => {
    const { access_token: _, token_type: __, scope: ___, ...alone } = installed;
    const who = { ok: true, user: 'grace', team_id: team.id, user_id: user.id };
    const token = await (await start(alone, who)).login();
    expect(token).toMatchObject({
      access_token: 'xoxp-1234',
      token_type: 'Bearer',
      scope: 'chat:write',
      authed_user: user,
      userinfo: { sub: 'T9TK3CUKW_U1234', nickname: 'grace' },
    });
    expect(token).not.toHaveProperty('id');
  });

  it('calls the API and revokes as the user with the token beside that of the bot', async () => {
    const slack = await start();
    const { authed_user } = await slack.login();
    const { access_token } = authed_user as typeof user;
    const token = { access_token, token_type: 'Bearer' };
    await slack.client.get('auth.test', { token });
    expect(slack.wire.last(test).headers['authorization']).toBe('Bearer xoxp-1234');
    await slack.client.revokeToken(token);
    expect(slack.wire.last(revoke).headers['authorization']).toBe('Bearer xoxp-1234');
  });

  it('stays the same user after a refresh, whose response has the tokens of the bot alone', async () => {
    const rotating = { expires_in: 43_200, refresh_token: 'xoxe-1' };
    const slack = await start({ ...installed, ...rotating });
    const token = await slack.login();
    const { authed_user: _, ...next } = installed;
    slack.wire.routes[tokens] = json({
      ...next,
      access_token: 'xoxe.xoxb-2',
      refresh_token: 'xoxe-2',
    });
    const fresh = await slack.client.refreshToken(token);
    expect(fresh).toMatchObject({
      access_token: 'xoxe.xoxb-2',
      refresh_token: 'xoxe-2',
      authed_user: user,
    });
    expect(await slack.client.userinfo({ token: fresh })).toMatchObject({ sub: 'T9TK3CUKW_U1234' });
  });

  it.each([
    ['invalid_code', 'invalid_grant'],
    ['bad_client_secret', 'invalid_client'],
  ])('is refused with status 200: %s', async (error, code) => {
    expect(await (await start({ ok: false, error })).refusal()).toMatchObject({ code, error });
  });
});
