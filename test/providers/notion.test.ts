import { describe, expect, it } from 'vitest';
import { startPreset } from '../support/apps/preset.js';
import { json, type Routes } from '../support/wire.js';

const api = 'https://api.notion.com/v1';
const tokens = `POST ${api}/oauth/token`;
const me = `GET ${api}/users/me`;
const revoke = `POST ${api}/oauth/revoke`;
const basic = `Basic ${btoa('app-id:app-secret')}`;

const owner = {
  type: 'user',
  user: {
    object: 'user',
    id: '6794760a-1f15-45cd-9c65-0dfe42f5135a',
    name: 'Aman Gupta',
    avatar_url: null,
    type: 'person',
    person: { email: 'aman@example.com' },
  },
};

const issued = {
  access_token: 'ntn_secret',
  token_type: 'bearer',
  refresh_token: 'nrt_4991090011501Ejc6Xn4sHguI7jZIN449mKe9PRhpMfNK',
  bot_id: 'b3414d65-1224-5ty7-6ffr-cc9d8773drt601288f',
  workspace_icon: 'https://website.domain/images/image.png',
  workspace_name: "Aman Gupta's workspace",
  workspace_id: 'j565j4d7x3-2882-61bs-564a-jj9d9ui-c36hxfr7x',
  owner,
  duplicated_template_id: null,
  request_id: 'b9b5c9f1-0e5c-4b5c-8a3d-000000000000',
};

const routes: Routes = {
  [tokens]: json(issued),
  [me]: json({
    object: 'user',
    id: issued.bot_id,
    name: 'Doug Engelbot',
    avatar_url: null,
    type: 'bot',
    bot: { owner, workspace_name: "Aman Gupta's workspace" },
  }),
  [revoke]: json({ request_id: '4b5c' }),
};

describe('Notion', () => {
  it('[X5][R6] exchanges the code with Basic credentials and a body of JSON', async () => {
    const notion = await startPreset('notion', routes);
    const asked = await notion.begin();
    expect(asked.searchParams.get('owner')).toBe('user');
    expect(asked.searchParams.has('scope')).toBe(false);
    await notion.login();
    const { headers, body } = notion.wire.last(tokens);
    expect(headers).toMatchObject({
      authorization: basic,
      'content-type': 'application/json',
      'notion-version': '2026-03-11',
    });
    expect(JSON.parse(body)).toMatchObject({
      grant_type: 'authorization_code',
      code: 'c0de',
      redirect_uri: notion.callback,
    });
  });

  it('[M3] says who owns the bot, not which bot it is', async () => {
    const notion = await startPreset('notion', routes);
    const token = await notion.login();
    expect(token.userinfo).toMatchObject({
      sub: '6794760a-1f15-45cd-9c65-0dfe42f5135a',
      name: 'Aman Gupta',
      email: 'aman@example.com',
      email_verified: false,
    });
    expect(token.userinfo).not.toHaveProperty('picture');
    expect(token['workspace_id']).toBe(issued.workspace_id);
    expect(notion.wire.last(me).headers['notion-version']).toBe('2026-03-11');
  });

  it('[M3] logs no user in if the owner is a whole workspace', async () => {
    const workspace = { owner: { type: 'workspace', workspace: true } };
    const notion = await startPreset('notion', {
      [tokens]: json({ ...issued, ...workspace }),
      [me]: json({ object: 'user', id: 'bot', type: 'bot', bot: workspace }),
    });
    expect(await notion.refusal()).toMatchObject({ code: 'invalid_userinfo' });
  });

  it('[R6] refuses at the token endpoint by the standard, and at its API by its own', async () => {
    const notion = await startPreset('notion', {
      ...routes,
      [tokens]: json({ error: 'invalid_grant', request_id: '1' }, 400),
    });
    expect(await notion.refusal()).toMatchObject({ code: 'invalid_grant' });
    const message = 'API token is invalid.';
    notion.wire.routes[me] = json(
      { object: 'error', status: 401, code: 'unauthorized', message },
      401,
    );
    const token = { access_token: 'x', token_type: 'bearer' };
    await expect(notion.client.userinfo({ token })).rejects.toMatchObject({
      code: 'invalid_token',
      error: 'unauthorized',
      error_description: message,
    });
  });

  it('[X5] refreshes with a body of JSON, and takes the new refresh token', async () => {
    const notion = await startPreset('notion', routes);
    const token = await notion.login();
    notion.wire.routes[tokens] = json({ ...issued, access_token: 'ntn_2', refresh_token: 'nrt_2' });
    const fresh = await notion.client.refreshToken(token);
    expect(fresh).toMatchObject({ access_token: 'ntn_2', refresh_token: 'nrt_2' });
    expect(JSON.parse(notion.wire.last(tokens).body)).toEqual({
      grant_type: 'refresh_token',
      refresh_token: issued.refresh_token,
    });
  });

  it('[A23] revokes with a body of JSON', async () => {
    const notion = await startPreset('notion', routes);
    await notion.client.revokeToken(await notion.login());
    const { headers, body } = notion.wire.last(revoke);
    expect(headers['authorization']).toBe(basic);
    expect(JSON.parse(body)).toEqual({ token: 'ntn_secret' });
  });
});
