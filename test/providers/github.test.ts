import { byName } from '@oauth-registry/core/providers';
import { describe, expect, it } from 'vitest';
import { startPreset } from '../support/apps/preset.js';
import { form, json, type Routes } from '../support/wire.js';

const tokens = 'POST https://github.com/login/oauth/access_token';
const user = 'GET https://api.github.com/user';
const emails = 'GET https://api.github.com/user/emails';
const revoke = 'DELETE https://api.github.com/applications/app-id/token';

/** As docs.github.com has them. */
const routes: Routes = {
  [tokens]: json({
    access_token: 'gho_16C7e42F292c6912E7710c838347Ae178B4a',
    scope: 'read:user,user:email',
    token_type: 'bearer',
  }),
  [user]: json(
    '{"login":"octocat","id":583231,"node_id":"MDQ6VXNlcjU4MzIzMQ==",' +
      '"avatar_url":"https://avatars.githubusercontent.com/u/583231?v=4","gravatar_id":"",' +
      '"html_url":"https://github.com/octocat","type":"User","name":"The Octocat",' +
      '"company":null,"blog":"","location":"San Francisco","email":null,"hireable":null,' +
      '"bio":null,"twitter_username":null,"updated_at":"2026-01-14T04:33:35Z"}',
  ),
  [emails]: json([
    { email: 'old@example.com', verified: true, primary: false, visibility: null },
    { email: 'octocat@github.com', verified: true, primary: true, visibility: 'private' },
  ]),
};

describe('GitHub', () => {
  it('[X5][M3] logs in, and takes the email from the endpoint that tells which one is verified', async () => {
    const github = await startPreset('github', routes);
    const asked = await github.begin();
    expect(asked.origin + asked.pathname).toBe('https://github.com/login/oauth/authorize');
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      client_id: 'app-id',
      response_type: 'code',
      scope: 'read:user user:email',
      code_challenge_method: 'S256',
      redirect_uri: github.callback,
    });
    await github.come({ code: 'c0de', iss: 'https://github.com/login/oauth' });
    const [token] = github.app.tokens;
    expect(token).toMatchObject({ token_type: 'bearer', scope: 'read:user user:email' });
    expect(token?.userinfo).toMatchObject({
      sub: '583231',
      name: 'The Octocat',
      nickname: 'octocat',
      preferred_username: 'octocat',
      email: 'octocat@github.com',
      email_verified: true,
      picture: 'https://avatars.githubusercontent.com/u/583231?v=4',
      profile: 'https://github.com/octocat',
      updated_at: 1_768_365_215,
    });
    expect(token?.userinfo).not.toHaveProperty('website');
    const sent = github.wire.last(tokens);
    expect(sent.headers['accept']).toBe('application/json');
    expect(Object.fromEntries(sent.form)).toMatchObject({
      client_id: 'app-id',
      client_secret: 'app-secret',
      code: 'c0de',
      grant_type: 'authorization_code',
    });
    expect(sent.headers).not.toHaveProperty('authorization');
    expect(github.wire.last(emails).headers['accept']).toBe('application/vnd.github+json');
  });

  it('[R6] takes the form that GitHub responds with if JSON is not requested', async () => {
    const body = 'access_token=gho_1&scope=read%3Auser%2Cuser%3Aemail&token_type=bearer';
    const github = await startPreset('github', { ...routes, [tokens]: form(body) });
    expect(await github.login()).toMatchObject({ access_token: 'gho_1' });
  });

  it('[X5] accepts the iss of its callbacks, and no other (RFC 9207)', async () => {
    const github = await startPreset('github', routes);
    const iss = 'https://github.example/login/oauth';
    expect(await github.refusal({ code: 'c0de', iss })).toMatchObject({
      code: 'mismatching_issuer',
    });
    expect(github.wire.requests).toHaveLength(0);
  });

  it('[R6] reads error responses that come with status 200', async () => {
    const body = {
      error: 'bad_verification_code',
      error_description: 'The code passed is incorrect or expired.',
      error_uri: 'https://docs.github.com/apps/…/#bad-verification-code',
    };
    const github = await startPreset('github', { ...routes, [tokens]: json(body) });
    expect(await github.refusal()).toMatchObject({
      code: 'invalid_grant',
      error: 'bad_verification_code',
      error_description: 'The code passed is incorrect or expired.',
    });
  });

  it('[R6] tells that the user declined', async () => {
    const github = await startPreset('github', routes);
    const denied = {
      error: 'access_denied',
      error_description: 'The user has denied your application access.',
      error_uri: 'https://docs.github.com/apps/…/#access-denied',
    };
    expect(await github.refusal(denied)).toMatchObject({ code: 'access_denied' });
  });

  it('[F2] leaves the email out if the list is closed to the client', async () => {
    const closed = json({ message: 'Not Found', status: '404' }, 404);
    const github = await startPreset('github', { ...routes, [emails]: closed });
    const { userinfo } = await github.login();
    expect(userinfo).toMatchObject({ sub: '583231', email_verified: false });
    expect(userinfo).not.toHaveProperty('email');
  });

  it('[X5] refreshes the tokens of GitHub Apps, whose refresh tokens rotate', async () => {
    const answer = (n: number): object => ({
      access_token: `ghu_${n}`,
      expires_in: 28_800,
      refresh_token: `ghr_${n}`,
      refresh_token_expires_in: 15_897_600,
      scope: '',
      token_type: 'bearer',
    });
    const github = await startPreset('github', { ...routes, [tokens]: json(answer(1)) });
    const token = await github.login();
    github.wire.routes[tokens] = json(answer(2));
    const fresh = await github.client.refreshToken(token);
    expect(github.wire.last(tokens).form.get('refresh_token')).toBe('ghr_1');
    expect(fresh).toMatchObject({ access_token: 'ghu_2', refresh_token: 'ghr_2' });
    expect(fresh.userinfo?.sub).toBe('583231');
  });

  it('[A23] revokes a token as the application, with a body of JSON', async () => {
    const gone = { status: 204, body: '' };
    const github = await startPreset('github', { ...routes, [revoke]: gone });
    await github.client.revokeToken(await github.login());
    const { body, headers } = github.wire.last(revoke);
    expect(JSON.parse(body)).toEqual({ access_token: 'gho_16C7e42F292c6912E7710c838347Ae178B4a' });
    expect(headers['authorization']).toBe(`Basic ${btoa('app-id:app-secret')}`);
    expect(github.wire.count(revoke)).toBe(1);
  });

  it('[M10] sends nothing of an Enterprise Server to github.com', async () => {
    const api = 'https://git.corp.example/api/v3';
    const corp: Routes = {
      'POST https://git.corp.example/login/oauth/access_token': routes[tokens] ?? json({}),
      [`GET ${api}/user`]: routes[user] ?? json({}),
      [`GET ${api}/user/emails`]: routes[emails] ?? json([]),
      [`DELETE ${api}/applications/app-id/token`]: { status: 204, body: '' },
    };
    const options = { host: 'git.corp.example' };
    const github = await startPreset('github', corp, options);
    const token = await github.login();
    await github.client.revokeToken(token);
    const hosts = github.wire.requests.map(({ url }) => url.host);
    expect(new Set(hosts)).toEqual(new Set(['git.corp.example']));
    expect(hosts).toHaveLength(4);
    const { apiBaseUrl } = byName('github')({ host: 'corp.ghe.com' });
    expect(apiBaseUrl).toBe('https://api.corp.ghe.com/');
  });
});
