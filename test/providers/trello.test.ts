import { describe, expect, it } from 'vitest';
import { isSigned } from '../support/signature.js';
import { startPreset } from '../support/apps/preset.js';
import { form, json, type Routes } from '../support/wire.js';

const request = 'POST https://trello.com/1/OAuthGetRequestToken';
const access = 'POST https://trello.com/1/OAuthGetAccessToken';
const me = 'GET https://api.trello.com/1/members/me';

const member = {
  id: '5abbe4b7ddc1b351ef961414',
  avatarHash: 'db2adf80c2e6c26b76e1f10400eb4c45',
  avatarUrl: 'https://trello-members.s3.amazonaws.com/5b02e7f4/db2adf80c2e6c26b76e1f10400eb4c45',
  bio: '',
  email: 'bob@example.com',
  fullName: 'Bob Tester',
  initials: 'BT',
  url: 'https://trello.com/bobtester',
  username: 'bobtester',
};

const routes: Routes = {
  [request]: form('oauth_token=rt1&oauth_token_secret=rs1&oauth_callback_confirmed=true'),
  [access]: form('oauth_token=at1&oauth_token_secret=as1'),
  [me]: json(member),
};

const back = { oauth_token: 'rt1', oauth_verifier: 'v1' };

describe('Trello', () => {
  it('[X5][A9] is told on its own page what is asked for, for how long, and by whom', async () => {
    const authorizeParams = { name: 'My board', expiration: 'never' };
    const trello = await startPreset('trello', routes, { authorizeParams });
    const asked = await trello.begin();
    expect(asked.origin + asked.pathname).toBe('https://trello.com/1/OAuthAuthorizeToken');
    expect(Object.fromEntries(asked.searchParams)).toEqual({
      oauth_token: 'rt1',
      scope: 'read,account',
      expiration: 'never',
      name: 'My board',
    });
    expect(asked.hash).toBe('');
    expect((await trello.come(back)).status).toBe(200);
    expect(isSigned(trello.wire.last(request))).toBe(true);
    expect(isSigned(trello.wire.last(access), 'rs1')).toBe(true);
    expect(isSigned(trello.wire.last(me), 'as1')).toBe(true);
  });

  it('[M3] has a picture in sizes, and an email only with its scope', async () => {
    const trello = await startPreset('trello', routes);
    expect((await trello.login(back)).userinfo).toMatchObject({
      sub: '5abbe4b7ddc1b351ef961414',
      name: 'Bob Tester',
      preferred_username: 'bobtester',
      email: 'bob@example.com',
      email_verified: false,
      picture: `${member.avatarUrl}/170.png`,
      profile: 'https://trello.com/bobtester',
    });
    trello.wire.routes[me] = json({ ...member, email: null, avatarUrl: null });
    const { userinfo } = await trello.login(back);
    expect(userinfo).not.toHaveProperty('email');
    expect(userinfo).not.toHaveProperty('picture');
  });

  it('[R6] refuses in plain words, with a status', async () => {
    const no = { status: 401, type: 'text/plain; charset=utf-8', body: 'invalid token' };
    const trello = await startPreset('trello', { ...routes, [me]: no });
    expect(await trello.refusal(back)).toMatchObject({ providerStatus: 401, phase: 'userinfo' });
    trello.wire.routes[access] = { status: 500, body: 'token not found' };
    expect(await trello.refusal(back)).toMatchObject({ code: 'provider_unavailable' });
  });

  it('[R6] takes a callback without a verifier for no consent', async () => {
    const trello = await startPreset('trello', routes);
    expect(await trello.refusal({ oauth_token: 'rt1' })).toMatchObject({
      code: 'invalid_callback',
    });
    expect(trello.wire.count(access)).toBe(0);
  });
});
