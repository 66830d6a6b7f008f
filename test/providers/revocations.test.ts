import { OAuth } from '@oauth-registry/core';
import { names } from '@oauth-registry/core/providers';
import { describe, expect, it } from 'vitest';
import { described } from '../support/preset-login.js';
import { startWire, type WireRequest } from '../support/wire.js';

const token = { access_token: 'at', refresh_token: 'rt', token_type: 'Bearer' };
const basic = `Basic ${btoa('app:secret')}`;
const post = { client_id: 'app', client_secret: 'secret' };

/** What a provider that is no ordinary one (RFC 7009) is told, request by request. */
const own: Record<string, Partial<Told>[]> = {
  apple: both('https://appleid.apple.com/auth/revoke', post),
  asana: [
    {
      route: 'POST https://app.asana.com/-/oauth_revoke',
      params: { token: 'rt', token_type_hint: 'refresh_token', ...post },
    },
  ],
  atlassian: both('https://auth.atlassian.com/oauth/revoke', post),
  blogger: both('https://oauth2.googleapis.com/revoke', {}),
  digitalocean: [
    {
      ...bearer('POST https://cloud.digitalocean.com/v1/oauth/revoke'),
      params: { token: 'at', token_type_hint: 'access_token' },
    },
  ],
  dropbox: [bearer('POST https://api.dropboxapi.com/2/auth/token/revoke')],
  facebook: [
    {
      ...bearer('DELETE https://graph.facebook.com/v24.0/me/permissions'),
      params: { appsecret_proof: expect.stringMatching(/^[\da-f]{64}$/) as string },
    },
  ],
  garmin: [bearer('DELETE https://apis.garmin.com/wellness-api/rest/user/registration')],
  github: [
    {
      route: 'DELETE https://api.github.com/applications/app/token',
      auth: basic,
      body: '{"access_token":"at"}',
    },
  ],
  google: both('https://oauth2.googleapis.com/revoke', {}),
  hubspot: [
    {
      route: 'POST https://api.hubapi.com/oauth/2026-03/token/revoke',
      params: { token: 'rt', token_type_hint: 'refresh_token', ...post },
    },
  ],
  kick: both('https://id.kick.com/oauth/revoke', post),
  lichess: [bearer('DELETE https://lichess.org/api/token')],
  kakao: [bearer('POST https://kapi.kakao.com/v1/user/unlink')],
  line: [
    {
      route: 'POST https://api.line.me/oauth2/v2.1/revoke',
      params: { access_token: 'at', ...post },
    },
  ],
  naver: [
    {
      route: 'POST https://nid.naver.com/oauth2.0/token',
      params: { grant_type: 'delete', access_token: 'at', service_provider: 'NAVER', ...post },
    },
  ],
  notion: [
    { route: 'POST https://api.notion.com/v1/oauth/revoke', auth: basic, body: '{"token":"at"}' },
  ],
  osu: [bearer('DELETE https://osu.ppy.sh/api/v2/oauth/tokens/current')],
  oura: [
    {
      route: 'GET https://api.ouraring.com/oauth/revoke',
      auth: undefined,
      params: { access_token: 'at' },
    },
  ],
  quickbooks: [
    {
      route: 'POST https://developer.api.intuit.com/v2/oauth2/tokens/revoke',
      auth: basic,
      body: '{"token":"rt"}',
    },
    { auth: basic, body: '{"token":"at"}' },
  ],
  trakt: ['rt', 'at'].map((one) => ({
    route: 'POST https://api.trakt.tv/oauth/revoke',
    body: JSON.stringify({ token: one, ...post }),
  })),
  webflow: [
    {
      route: 'POST https://webflow.com/oauth/revoke_authorization',
      body: expect.stringContaining('"access_token":"at"') as string,
    },
  ],
  plentymarkets: [bearer('POST https://pms.example/rest/logout')],
  roblox: [
    {
      route: 'POST https://apis.roblox.com/oauth/v1/token/revoke',
      params: { token: 'rt', token_type_hint: 'refresh_token', ...post },
    },
  ],
  salesforce: both('https://login.salesforce.com/services/oauth2/revoke', {}),
  shopify: [
    {
      route: 'DELETE https://ada.myshopify.com/admin/api_permissions/current.json',
      headers: { 'x-shopify-access-token': 'at' },
      params: {},
    },
  ],
  slack: [bearer('POST https://slack.com/api/auth.revoke')],
  slack_app: [bearer('POST https://slack.com/api/auth.revoke')],
  stackexchange: [
    { route: 'GET https://api.stackexchange.com/2.3/apps/at/de-authenticate', params: {} },
  ],
  strava: [
    { route: 'POST https://www.strava.com/oauth/deauthorize', params: { access_token: 'at' } },
  ],
  tiktok: [
    {
      route: 'POST https://open.tiktokapis.com/v2/oauth/revoke/',
      params: {
        client_key: 'app',
        client_secret: 'secret',
        token: 'at',
        token_type_hint: 'access_token',
      },
    },
  ],
  twitch: [
    {
      route: 'POST https://id.twitch.tv/oauth2/revoke',
      auth: undefined,
      params: { client_id: 'app', token: 'at', token_type_hint: 'access_token' },
    },
  ],
  vimeo: [bearer('DELETE https://api.vimeo.com/tokens')],
  vkid: [
    {
      route: 'POST https://id.vk.ru/oauth2/revoke',
      params: { client_id: 'app', access_token: 'at' },
    },
  ],
  weibo: [
    {
      route: 'POST https://api.weibo.com/oauth2/revokeoauth2',
      params: { access_token: 'at' },
    },
  ],
  xero: [
    {
      route: 'POST https://identity.xero.com/connect/revocation',
      auth: basic,
      params: { token: 'rt', token_type_hint: 'refresh_token' },
    },
  ],
  yandex: [
    {
      route: 'POST https://oauth.yandex.com/revoke_token',
      auth: basic,
      params: { access_token: 'at' },
    },
  ],
};

interface Told {
  route: string;
  auth: string | undefined;
  headers: object;
  params: Record<string, string>;
  body: string;
}

/** Both tokens, one after the other. */
function both(url: string, params: Record<string, string>): Partial<Told>[] {
  return ['refresh_token', 'access_token'].map((hint) => ({
    route: `POST ${url}`,
    auth: undefined,
    params: { token: hint === 'access_token' ? 'at' : 'rt', token_type_hint: hint, ...params },
  }));
}

function bearer(route: string): Partial<Told> {
  return { route, auth: 'Bearer at', params: {} };
}

function read({ method, url, headers, body, form }: WireRequest): Told {
  const isForm = String(headers['content-type']).includes('urlencoded');
  const sent = isForm ? [...form] : [];
  return {
    route: `${method} ${url.origin}${url.pathname}`,
    auth: headers['authorization'],
    headers,
    params: Object.fromEntries([...url.searchParams, ...sent]),
    body,
  };
}

const places: Record<string, string> = { shop: 'ada.myshopify.com', host: 'id.example' };

/** Revokes a token of a preset at a provider that agrees to everything. */
async function revoke(name: string): Promise<Told[]> {
  const wire = await startWire({});
  try {
    const { urlVariables: variables = {}, ...options } = described(name);
    const filled = Object.entries(variables).map(([key, { value, default: known, ...rest }]) => {
      const given = name === 'plentymarkets' ? 'pms.example' : (places[key] ?? 'x.example');
      return [key, { ...rest, value: value ?? known ?? given }];
    });
    const fetch: typeof wire.fetch = async (input, init) => {
      const { status } = await wire.fetch(input, init);
      return new Response(status === 404 ? '{"ok":true}' : '', { status: 200 });
    };
    const client = new OAuth({ config: {}, fetch }).register('it', {
      ...options,
      serverMetadataUrl: undefined,
      authorizeUrl: options.authorizeUrl ?? 'https://x.example/authorize',
      accessTokenUrl: options.accessTokenUrl ?? 'https://x.example/token',
      jwks: { keys: [] },
      urlVariables: Object.fromEntries(filled) as never,
      requestTokenUrl: undefined,
    }).it;
    await client.revokeToken(token);
    return wire.requests.map(read);
  } finally {
    await wire.close();
  }
}

const revocable = names.filter((name) => described(name).revocationEndpoint !== undefined);

describe('revokeToken() of a preset', () => {
  it('[A23] knows every provider whose way is its own', () => {
    const odd = revocable.filter((name) => described(name).revocation !== undefined);
    expect(odd.filter((name) => own[name] === undefined)).toEqual([]);
  });

  it.each(revocable)('[A23][R6] %s', async (name) => {
    const told = await revoke(name);
    const expected = own[name];
    if (expected) {
      expect(told).toMatchObject(expected);
      expect(told.map(({ params }) => params)).toEqual(
        expected.map(({ params }) => params ?? expect.anything()),
      );
      return;
    }
    // RFC 7009 §2.1: the token, its hint, and the client.
    expect(told.map(({ params }) => params['token'])).toEqual(['rt', 'at']);
    expect(told[0]?.params['token_type_hint']).toBe('refresh_token');
    const method = described(name).tokenEndpointAuthMethod;
    if (method === 'client_secret_basic') expect(told[0]?.auth).toMatch(/^Basic /);
    else expect(told[0]?.params['client_id']).toBe('app');
  });
});
