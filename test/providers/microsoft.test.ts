import { describe, expect, it } from 'vitest';
import type { OAuth2Token, OAuthError } from '@oauth-registry/express';
import { idToken, keySet, startPreset } from '../support/apps/preset.js';
import { json, type Routes } from '../support/wire.js';

const host = 'https://login.microsoftonline.com';
const corp = 'f8cdef31-a31e-4b4a-93e4-5f571e91255a';
const personal = '9188040d-6c67-4c5b-b112-36a304b66dad';

function routesFor(tenant: string, authority = host): Routes {
  const issuer = /^[\da-f-]{36}$/.test(tenant) ? tenant : '{tenantid}';
  return {
    [`GET ${authority}/${tenant}/v2.0/.well-known/openid-configuration`]: json({
      issuer: `${authority}/${issuer}/v2.0`,
      authorization_endpoint: `${authority}/${tenant}/oauth2/v2.0/authorize`,
      token_endpoint: `${authority}/${tenant}/oauth2/v2.0/token`,
      userinfo_endpoint: 'https://graph.microsoft.com/oidc/userinfo',
      jwks_uri: `${authority}/${tenant}/discovery/v2.0/keys`,
      id_token_signing_alg_values_supported: ['RS256'],
      end_session_endpoint: `${authority}/${tenant}/oauth2/v2.0/logout`,
    }),
    [`GET ${authority}/${tenant}/discovery/v2.0/keys`]: keySet,
  };
}

const claims = {
  ver: '2.0',
  sub: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
  oid: '00000000-0000-0000-66f3-3332eca7ea81',
  name: 'Abe Lincoln',
  preferred_username: 'AbeLi@microsoft.com',
  email: 'abeli@microsoft.com',
};

/** Logs in through `tenant` with an id_token of the tenant `tid`. */
async function login(
  tenant: string | undefined,
  tid: string,
  more: Record<string, unknown> = {},
  options: Record<string, unknown> = {},
): Promise<{ token: OAuth2Token | undefined; error: OAuthError | undefined; identity?: string }> {
  const path = tenant ?? 'common';
  const microsoft = await startPreset('microsoft', routesFor(path), {
    ...(tenant === undefined ? {} : { tenant }),
    ...options,
  });
  const asked = await microsoft.begin();
  expect(asked.pathname).toBe(`/${path}/oauth2/v2.0/authorize`);
  const nonce = asked.searchParams.get('nonce');
  const own = { iss: `${host}/${tid}/v2.0`, tid, nonce, nbf: Math.floor(Date.now() / 1000) };
  microsoft.wire.routes[`POST ${host}/${path}/oauth2/v2.0/token`] = json({
    token_type: 'Bearer',
    scope: 'openid profile email',
    expires_in: 3599,
    ext_expires_in: 3599,
    access_token: 'eyJ0eXAiOiJKV1Qi',
    id_token: idToken({ ...claims, ...own, ...more }),
  });
  await microsoft.come({ code: 'M.C5_1', session_state: 'c2f5e1d0', client_info: 'eyJ1aWQiOi' });
  const [token] = microsoft.app.tokens as OAuth2Token[];
  const error = microsoft.app.errors[0] as OAuthError | undefined;
  return { token, error, ...(token ? { identity: microsoft.client.identity(token) } : {}) };
}

describe('Microsoft', () => {
  it('[X5] lets users of every tenant in, and distinguishes them by tenant', async () => {
    const one = await login(undefined, corp);
    const other = await login(undefined, personal);
    expect(one.token?.userinfo).toMatchObject({
      sub: claims.sub,
      oid: claims.oid,
      tid: corp,
      name: 'Abe Lincoln',
      preferred_username: 'AbeLi@microsoft.com',
    });
    expect(one.identity).toBe(`microsoft$${host}/${corp}/v2.0$${claims.sub}`);
    expect(other.identity).not.toBe(one.identity);
  });

  it.each([
    [corp, personal],
    [corp, 'deadbeef-0000-0000-0000-000000000000'],
    ['organizations', personal],
    ['consumers', corp],
  ])('[X5] tenant %s lets no user of %s in', async (tenant, tid) => {
    const { token, error } = await login(tenant, tid);
    expect(token).toBeUndefined();
    expect(error).toMatchObject({ code: 'invalid_id_token' });
  });

  it.each([
    [corp, corp],
    ['organizations', corp],
    ['consumers', personal],
  ])('[X5] tenant %s lets users of %s in', async (tenant, tid) => {
    expect((await login(tenant, tid)).token?.userinfo?.['tid']).toBe(tid);
  });

  it('[X5] lets users of listed tenants in, and of no others', async () => {
    const tenants = [corp];
    expect((await login(undefined, corp, {}, { tenants })).token).toBeDefined();
    const { error } = await login(undefined, personal, {}, { tenants });
    expect(error).toMatchObject({ code: 'invalid_id_token' });
  });

  it('[A20] refuses an issuer that is not the tenant’s own URL', async () => {
    for (const iss of [
      `${host}/${corp}/v2.0/`,
      `https://sts.windows.net/${corp}/`,
      `${host}/{tenantid}/v2.0`,
    ]) {
      expect((await login(undefined, corp, { iss })).error).toMatchObject({
        code: 'invalid_id_token',
      });
    }
  });

  it('[M3] trusts no email of a tenant, unless Microsoft vouches for its domain', async () => {
    const verified = async (more: object): Promise<unknown> =>
      (await login(undefined, corp, more as Record<string, unknown>)).token?.userinfo
        ?.email_verified;
    expect(await verified({})).toBe(false);
    expect(await verified({ email_verified: true })).toBe(false);
    expect(await verified({ xms_edov: false })).toBe(false);
    expect(await verified({ xms_edov: true })).toBe(true);
    expect(await verified({ xms_edov: '1' })).toBe(true);
  });

  it('[R6] passes on its errors, and that the user declined', async () => {
    const microsoft = await startPreset('microsoft', routesFor('common'));
    const error_description = 'AADSTS65004: User declined to consent to access the app.';
    const denied = { error: 'access_denied', error_subcode: 'cancel', error_description };
    expect(await microsoft.refusal(denied)).toMatchObject({
      code: 'access_denied',
      error_description,
    });
    microsoft.wire.routes[`POST ${host}/common/oauth2/v2.0/token`] = json(
      {
        error: 'invalid_grant',
        error_description: 'AADSTS70008: The provided authorization code has expired.',
        error_codes: [70_008],
        timestamp: '2026-01-09 02:02:12Z',
        trace_id: '255d1aef-8c98-452f-ac51-23d051240864',
        correlation_id: 'fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7',
      },
      400,
    );
    expect(await microsoft.refusal()).toMatchObject({ code: 'invalid_grant', providerStatus: 400 });
  });

  it.each([
    ['login.microsoftonline.us', 'graph.microsoft.us'],
    ['login.partner.microsoftonline.cn', 'microsoftgraph.chinacloudapi.cn'],
  ])('[X5] speaks with the national cloud at %s', async (loginHost, graphHost) => {
    const own = (path: string): string => `https://${loginHost}${path}`;
    const routes = routesFor('common', own(''));
    const options = { loginHost, graphHost };
    const { wire, begin, come, app } = await startPreset('microsoft', routes, options);
    const asked = await begin();
    expect(asked.host).toBe(loginHost);
    const times = { nbf: Math.floor(Date.now() / 1000), nonce: asked.searchParams.get('nonce') };
    const answer = (iss: string) =>
      json({
        token_type: 'Bearer',
        access_token: 'a',
        id_token: idToken({ ...claims, ...times, iss, tid: corp }),
      });
    wire.routes[`POST ${own('/common/oauth2/v2.0/token')}`] = answer(own(`/${corp}/v2.0`));
    await come({ code: 'one' });
    expect((app.tokens as OAuth2Token[])[0]?.userinfo).toMatchObject({ tid: corp });
  });
});
