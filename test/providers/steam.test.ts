import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { steam } from '@oauth-registry/core/providers';
import { describe, expect, it } from 'vitest';
import { redirectUri, rejection } from '../support/login.js';

const id = '76561197960287930';
const claimed = `https://steamcommunity.com/openid/id/${id}`;
const player = {
  steamid: id,
  communityvisibilitystate: 3,
  personaname: 'Ada <3',
  profileurl: 'https://steamcommunity.com/id/ada/',
  avatar: 'https://avatars.steamstatic.com/a.jpg',
  avatarfull: 'https://avatars.steamstatic.com/a_full.jpg',
};

/** Steam, without a network: it confirms what it is asked, and knows one player. */
function steamWith(options: RegisterOptions = {}, players: object[] = [player]) {
  const requests: Request[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    requests.push(request);
    return request.url === 'https://steamcommunity.com/openid/login'
      ? new Response('ns:http://specs.openid.net/auth/2.0\nis_valid:true\n')
      : new Response(JSON.stringify({ response: { players } }));
  };
  const { steam: client } = new OAuth({ config: {}, fetch }).register('steam', steam(options));
  return { client, requests };
}

/** What Steam sends a person back with. */
function answer(url: string, more: Record<string, string> = {}): string {
  const asked = new URL(url).searchParams;
  const returnTo = asked.get('openid.return_to') ?? '';
  const fields = {
    'openid.ns': 'http://specs.openid.net/auth/2.0',
    'openid.mode': 'id_res',
    'openid.op_endpoint': 'https://steamcommunity.com/openid/login',
    'openid.claimed_id': claimed,
    'openid.identity': claimed,
    'openid.return_to': returnTo,
    'openid.response_nonce': `${new Date().toISOString().slice(0, 19)}ZP2e63MADr32PRn6RK1ZtHplyz+o=`,
    'openid.assoc_handle': '1234567890',
    'openid.signed': 'signed,op_endpoint,claimed_id,identity,return_to,response_nonce,assoc_handle',
    'openid.sig': 'Zn/Co3GGouO0Pr1reMZW6FxdbwI=',
    ...more,
  };
  return `${returnTo}&${new URLSearchParams(fields)}`;
}

async function login(options: RegisterOptions = {}, players?: object[]) {
  const { client, requests } = steamWith(options, players);
  const request = await client.createAuthorizationUrl(redirectUri);
  const token = await client.fetchAccessToken(answer(request.url), request);
  return { client, requests, token };
}

describe('Steam', () => {
  it('[M11] says which account it is, without a key, and asks for nothing else', async () => {
    const { client, requests, token } = await login();
    expect(token).toEqual({
      claimed_id: claimed,
      userinfo: {
        sub: id,
        claimed_id: claimed,
        email_verified: false,
        raw: { sub: id, claimed_id: claimed },
      },
    });
    expect(client.identity(token)).toBe(`steam$${id}`);
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST https://steamcommunity.com/openid/login',
    ]);
    expect(requests[0]?.headers.get('origin')).toBe('https://steamcommunity.com');
  });

  it('[M11] says the name and the picture with a key, which is in no URL', async () => {
    const { client, requests, token } = await login({ apiKey: 'the-k3y' });
    const user = {
      sub: id,
      claimed_id: claimed,
      name: 'Ada <3',
      nickname: 'Ada <3',
      picture: player.avatarfull,
      profile: player.profileurl,
    };
    expect(token.userinfo).toMatchObject(user);
    expect(await client.userinfo({ token })).toMatchObject(user);
    const { url, headers } = requests[1] ?? new Request('https://nobody.example');
    expect(url).toBe(
      `https://api.steampowered.com/ISteamUser/GetPlayerSummaries/v2/?steamids=${id}`,
    );
    expect(headers.get('x-webapi-key')).toBe('the-k3y');
    expect(requests[0]?.headers.has('x-webapi-key')).toBe(false);
  });

  it('[A4] takes the key from the configuration, with the name alone', async () => {
    const oauth = new OAuth({ config: { STEAM_API_KEY: 'k' } }).register('steam');
    const { url } = await oauth.steam.createAuthorizationUrl(redirectUri);
    expect(url).toMatch(/^https:\/\/steamcommunity\.com\/openid\/login\?/);
    expect(oauth.steam).not.toHaveProperty('refreshToken');
  });

  it('[M11] refuses a profile of another user, and none', async () => {
    const other = { ...player, steamid: '76561197960287931' };
    for (const players of [[other], []]) {
      const error = await rejection(login({ apiKey: 'k' }, players));
      expect(error).toMatchObject({ code: 'invalid_userinfo', phase: 'userinfo' });
    }
  });

  it.each([
    `http://steamcommunity.com/openid/id/${id}`,
    `https://steamcommunity.com.evil/openid/id/${id}`,
    `https://steamcommunity.com@evil.example/openid/id/${id}`,
    `https://steamcommunityxcom/openid/id/${id}`,
    `https://evil.example/?https://steamcommunity.com/openid/id/${id}`,
    `${claimed}/`,
    `${claimed}1`,
    `${claimed}?x`,
    `${claimed}#x`,
    ` ${claimed}`,
    `${claimed} `,
    `${claimed}%0a`,
    claimed.slice(0, -1),
    claimed.replace('7656', '٧656'),
    `https://steamcommunity.com/openid/id/../id/${id}`,
  ])('[M11] refuses the identifier %s', async (other) => {
    const { client, requests } = steamWith();
    const request = await client.createAuthorizationUrl(redirectUri);
    const swapped = answer(request.url, { 'openid.claimed_id': other, 'openid.identity': other });
    expect(await rejection(client.fetchAccessToken(swapped, request))).toMatchObject({
      code: 'invalid_callback',
    });
    const half = answer(request.url, { 'openid.claimed_id': other });
    expect(await rejection(client.fetchAccessToken(half, request))).toHaveProperty('code');
    expect(requests).toEqual([]);
  });
});
