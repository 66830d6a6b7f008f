import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { startPreset, type PresetApp } from '../support/apps/preset.js';
import { json, type Routes } from '../support/wire.js';

const shop = 'ada-lovelace.myshopify.com';
const tokens = `POST https://${shop}/admin/oauth/access_token`;
const graphql = `POST https://${shop}/admin/api/2026-07/graphql.json`;
const uninstall = `DELETE https://${shop}/admin/api_permissions/current.json`;

const online = {
  access_token: 'shpua_1',
  scope: 'write_orders,read_customers',
  expires_in: 86_399,
  associated_user_scope: 'write_orders',
  associated_user: {
    id: 902_541_635,
    first_name: 'John',
    last_name: 'Smith',
    email: 'john@example.com',
    email_verified: true,
    account_owner: true,
    locale: 'en',
    collaborator: false,
  },
};

const offline = {
  access_token: 'shpat_1',
  scope: 'read_products',
  expires_in: 3600,
  refresh_token: 'shprt_1',
  refresh_token_expires_in: 7_776_000,
};

const routes: Routes = {
  [tokens]: json(offline),
  [graphql]: json({
    data: {
      shop: {
        id: 'gid://shopify/Shop/548380009',
        name: 'Ada’s',
        email: 'shop@example.com',
        myshopifyDomain: shop,
        shopOwnerName: 'Ada',
      },
    },
    extensions: { cost: { requestedQueryCost: 1 } },
  }),
  [uninstall]: { body: '' },
};

const start = (more: Routes = {}): Promise<PresetApp> =>
  startPreset('shopify', { ...routes, ...more }, { shop });

/** The callback as Shopify signs it: every other parameter, sorted. */
async function signed(
  app: PresetApp,
  change: (params: Record<string, string>) => void = () => undefined,
): Promise<Record<string, string>> {
  const state = (await app.begin()).searchParams.get('state') ?? '';
  const params: Record<string, string> = {
    code: '0907a61c0c8d55e99db179b68161bc00',
    host: Buffer.from(`${shop}/admin`).toString('base64'),
    shop,
    state,
    timestamp: '1337178173',
  };
  const message = new URLSearchParams(params);
  message.sort();
  params['hmac'] = createHmac('sha256', 'app-secret').update(message.toString()).digest('hex');
  change(params);
  return params;
}

describe('Shopify', () => {
  it('[X5] logs in at a shop, whose callback is signed', async () => {
    const app = await start();
    const params = await signed(app);
    expect((await app.come(params)).status).toBe(200);
    const [token] = app.app.tokens;
    expect(token).toMatchObject({ scope: 'read_products', refresh_token: 'shprt_1' });
    expect(token?.userinfo).toMatchObject({
      sub: 'gid://shopify/Shop/548380009',
      name: 'Ada’s',
      email: 'shop@example.com',
      email_verified: false,
      profile: `https://${shop}`,
    });
    expect(Object.fromEntries(app.wire.last(tokens).form)).toMatchObject({
      client_id: 'app-id',
      client_secret: 'app-secret',
      expiring: '1',
    });
    const { headers, body } = app.wire.last(graphql);
    expect(headers['x-shopify-access-token']).toBe('shpat_1');
    expect(headers).not.toHaveProperty('authorization');
    expect(JSON.parse(body)).toMatchObject({ query: expect.stringContaining('shop {') as string });
  });

  it.each<[string, (params: Record<string, string>) => void]>([
    ['without an hmac', (p) => void delete p['hmac']],
    ['with another hmac', (p) => void (p['hmac'] = '0'.repeat(64))],
    ['with another code', (p) => void (p['code'] = 'injected')],
    ['with one parameter more', (p) => void (p['extra'] = '1')],
    ['of another shop', (p) => void (p['shop'] = 'evil.myshopify.com')],
  ])('[X5] refuses a callback %s, before the code goes anywhere', async (_what, change) => {
    const app = await start();
    expect((await app.come(await signed(app, change))).status).toBe(400);
    expect(app.app.errors.at(-1)).toMatchObject({ code: 'invalid_callback' });
    expect(app.wire.requests).toHaveLength(0);
  });

  it('[X5] refuses a genuine callback of another shop of the same application', async () => {
    const app = await startPreset('shopify', routes, { shop: 'other.myshopify.com' });
    await app.come(await signed(app));
    expect(app.app.errors.at(-1)).toMatchObject({ code: 'invalid_callback' });
    expect(app.wire.requests).toHaveLength(0);
  });

  it.each([
    'shop.example',
    'a.myshopify.com.evil.example',
    'x@a.myshopify.com',
    'a/b.myshopify.com',
  ])('[X5] knows no shop at %s', async (host) => {
    await expect(startPreset('shopify', routes, { shop: host })).rejects.toMatchObject({
      code: 'invalid_options',
    });
  });

  it('[M3] says which member of staff an online token is for', async () => {
    const app = await start({ [tokens]: json(online) });
    await app.come(await signed(app));
    expect(app.app.tokens[0]?.userinfo).toMatchObject({
      sub: '902541635',
      name: 'John Smith',
      given_name: 'John',
      email: 'john@example.com',
      email_verified: true,
      locale: 'en',
    });
  });

  it('[X5] refreshes an expiring token', async () => {
    const app = await start();
    await app.come(await signed(app));
    const [token] = app.app.tokens;
    app.wire.routes[tokens] = json({
      ...offline,
      access_token: 'shpat_2',
      refresh_token: 'shprt_2',
    });
    const fresh = await app.client.refreshToken(token as never);
    expect(fresh).toMatchObject({ access_token: 'shpat_2', refresh_token: 'shprt_2' });
    expect(Object.fromEntries(app.wire.last(tokens).form)).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: 'shprt_1',
      client_secret: 'app-secret',
    });
  });

  it('[R6] passes on that a code was used before', async () => {
    const error_description = 'The authorization code was not found or was already used';
    const refusal = { error: 'invalid_request', error_description };
    const app = await start({ [tokens]: json(refusal, 400) });
    await app.come(await signed(app));
    expect(app.app.errors[0]).toMatchObject({ code: 'invalid_request', error_description });
  });

  it('[A23] gives the permissions back with the token in Shopify’s own header', async () => {
    const app = await start();
    await app.client.revokeToken('shpat_1');
    const { headers } = app.wire.last(uninstall);
    expect(headers['x-shopify-access-token']).toBe('shpat_1');
    expect(headers).not.toHaveProperty('authorization');
  });
});
