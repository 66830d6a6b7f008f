import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OAuth, type OAuth2Token, type RegisterOptions } from '@oauth-registry/core';
import type { ClientRegistration } from '@oauth-registry/core/types';
import {
  auth0,
  gitlab,
  isSignedByShopify,
  keycloak,
  mastodon,
  microsoft,
  okta,
  shopify,
} from '@oauth-registry/core/providers';
import { comeBack, redirectUri, rejection } from '../../../support/login.js';
import { startProvider, type FakeProvider } from '../../../support/provider/index.js';

let acme: FakeProvider;
let umbrella: FakeProvider;
beforeAll(async () => {
  [acme, umbrella] = await Promise.all([startProvider(), startProvider()]);
});
afterAll(() => Promise.all([acme.close(), umbrella.close()]));
afterEach(() => {
  acme.reset();
  umbrella.reset();
});

/** A client whose tenants are issuers that a person names. */
const clientOf = (options: RegisterOptions = {}) =>
  new OAuth({ config: {}, allowPrivateNetworks: true }).register('corp', {
    urlVariables: { host: { ask: 'Your organization' } },
    issuer: 'https://{host}',
    clientId: acme.settings.clientId,
    clientSecret: acme.settings.clientSecret,
    scope: 'openid email',
    servers: () => true,
    ...options,
  }).corp;
type Client = ReturnType<typeof clientOf>;

async function loginAt(client: Client, { issuer: host }: FakeProvider): Promise<OAuth2Token> {
  const request = await client.createAuthorizationUrl(redirectUri, { host });
  return await client.fetchAccessToken((await comeBack(request)).href, request);
}

describe('tenants that users choose (OpenID Connect)', () => {
  it('[X11] each log in with the keys and the issuer of their own', async () => {
    const client = clientOf();
    const [one, other] = [await loginAt(client, acme), await loginAt(client, umbrella)];
    expect([one.userinfo?.['iss'], other.userinfo?.['iss']]).toEqual([
      acme.issuer,
      umbrella.issuer,
    ]);
    expect(one.userinfo?.sub).toBe(other.userinfo?.sub);
    expect(client.identity(one)).not.toBe(client.identity(other));
    const claims = await client.parseIdToken(other);
    expect(claims.iss).toBe(umbrella.issuer);
  });

  it('[D8] do not take an id_token of another tenant', async () => {
    const client = clientOf();
    umbrella.idToken = (claims) => ({ ...claims, iss: acme.issuer });
    expect(await rejection(loginAt(client, umbrella))).toMatchObject({ code: 'invalid_id_token' });
  });

  it('[D8] identify no user of another tenant by an unsigned response', async () => {
    const client = clientOf({ scope: 'profile' });
    acme.quirks.userinfo = { iss: umbrella.issuer };
    const people = [];
    for (const provider of [acme, umbrella]) {
      const token = await loginAt(client, provider);
      const userinfo = await client.userinfo({ token });
      people.push({ sub: userinfo.sub, name: client.identity({ ...token, userinfo }) });
    }
    expect(people).toEqual(
      [acme, umbrella].map(({ issuer }) => ({
        sub: `${issuer}$user-1`,
        name: `corp$${issuer}$user-1`,
      })),
    );
  });

  it('[D8] name no other issuer beside the one of their id_token', async () => {
    const client = clientOf();
    acme.quirks.userinfo = { iss: umbrella.issuer };
    const token = await loginAt(client, acme);
    const userinfo = await client.userinfo({ token });
    expect(userinfo['iss']).toBe(acme.issuer);
    expect(client.identity({ ...token, userinfo })).toBe(client.identity(token));
  });

  it('[D8] do not finish a login that began at another one', async () => {
    const client = clientOf();
    const request = await client.createAuthorizationUrl(redirectUri, { host: acme.issuer });
    const back = await comeBack(request);
    back.searchParams.set('iss', umbrella.issuer);
    const mixed = client.fetchAccessToken(back.href, request);
    expect(await rejection(mixed)).toMatchObject({ code: 'mismatching_issuer' });
    expect(umbrella.count('token')).toBe(0);
  });

  it('[D8] may each have a client of their own', async () => {
    const { clientId, clientSecret } = acme.settings;
    const kept = new Map<string, ClientRegistration>([
      [acme.issuer, { client_id: clientId, client_secret: clientSecret }],
    ]);
    const clientRegistrations = { get: (issuer: string) => kept.get(issuer), put: () => undefined };
    const none = { clientId: undefined, clientSecret: undefined };
    const client = clientOf({ ...none, clientRegistrations });
    expect((await loginAt(client, acme)).userinfo?.sub).toBeDefined();
    const error = await rejection(loginAt(client, umbrella));
    expect(error).toMatchObject({ code: 'invalid_server' });
    expect(error.message).toContain('"clientRegistrations"');
    expect(umbrella.count('token')).toBe(0);
  });

  it('[D8] log users out at their own endpoint', async () => {
    acme.quirks.metadata = { end_session_endpoint: `${acme.base}/end_session` };
    const params = { host: acme.issuer, ui_locales: 'de' };
    const { url } = await clientOf().createLogoutUrl('https://app.example/', params);
    expect(url).toContain(`${acme.base}/end_session?`);
    expect(new URL(url).searchParams.get('ui_locales')).toBe('de');
    expect(new URL(url).searchParams.has('host')).toBe(false);
  });

  it.each(['token_endpoint', 'jwks_uri', 'userinfo_endpoint'])(
    '[D8] name no private %s in a public document',
    async (field) => {
      const asked: string[] = [];
      const endpoint = (name: string): string => `https://id.example/${name}`;
      const fetch = async (input: string | URL | Request): Promise<Response> => {
        asked.push(String(input));
        return Response.json({
          issuer: 'https://id.example',
          authorization_endpoint: endpoint('authorize'),
          token_endpoint: endpoint('token'),
          jwks_uri: endpoint('jwks'),
          [field]: 'https://169.254.169.254/latest/meta-data',
        });
      };
      const client = new OAuth({ config: {}, fetch }).register('corp', {
        urlVariables: { host: { ask: 'Your organization' } },
        issuer: 'https://{host}',
        clientId: 'app',
        scope: 'openid',
      }).corp;
      const login = client.createAuthorizationUrl(redirectUri, { host: 'id.example' });
      expect(await rejection(login)).toMatchObject({ code: 'unsafe_address' });
      expect(asked).toEqual(['https://id.example/.well-known/openid-configuration']);
    },
  );
});

describe('presets with tenants', () => {
  const secret = { clientId: 'id', clientSecret: 'secret' };
  /** Answers every metadata document with the issuer it belongs to. */
  const fetch = async (input: string | URL | Request): Promise<Response> => {
    const issuer = String(input).replace('/.well-known/openid-configuration', '');
    const jwks = `${issuer}/jwks`;
    const entra = 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0';
    return Response.json({
      issuer: issuer.includes('microsoft') ? entra : issuer.replace(/auth0\.com$/, 'auth0.com/'),
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: jwks,
    });
  };
  const register = (options: RegisterOptions) =>
    new OAuth({ config: {}, fetch }).register('corp', options).corp;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  /** A client whose addresses have a variable in them. */
  const part = (accessTokenUrl: string, more: RegisterOptions = {}): RegisterOptions => ({
    urlVariables: { domain: { ask: 'Your domain' } },
    authorizeUrl: 'https://id.example/authorize',
    accessTokenUrl,
    clientId: 'id',
    ...more,
  });

  it.each([
    [
      gitlab({ ...secret, servers: () => true }),
      { host: 'git.example' },
      'https://git.example/oauth/authorize',
    ],
    [gitlab({ ...secret, servers: ['git.example'] }), {}, undefined],
    [gitlab({ ...secret, servers: ['gitlab.com'] }), {}, 'https://gitlab.com/oauth/authorize'],
    [gitlab(secret), {}, 'https://gitlab.com/oauth/authorize'],
    [
      keycloak({ ...secret, host: 'id.example', servers: ['acme', 'umbrella'] }),
      { realm: 'acme' },
      'https://id.example/realms/acme/protocol/openid-connect/auth',
    ],
    [keycloak({ ...secret, host: 'id.example', servers: ['acme'] }), { realm: 'other' }, undefined],
    [
      keycloak({ ...secret, servers: ({ host }) => host === 'id.example/auth' }),
      { host: 'https://ID.example/auth/', realm: 'acme' },
      'https://id.example/auth/realms/acme/protocol/openid-connect/auth',
    ],
    [
      okta({ ...secret, servers: ['acme.okta.com'] }),
      { domain: 'https://acme.okta.com/' },
      'https://acme.okta.com/oauth2/default/v1/authorize',
    ],
    [
      auth0({ ...secret, servers: ['acme.eu.auth0.com'] }),
      { domain: 'acme.eu.auth0.com' },
      'https://acme.eu.auth0.com/authorize',
    ],
    [
      microsoft({ ...secret, servers: ['contoso.onmicrosoft.com'] }),
      { tenant: 'contoso.onmicrosoft.com' },
      'https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/authorize',
    ],
    [
      shopify(secret),
      { shop: 'some-shop' },
      'https://some-shop.myshopify.com/admin/oauth/authorize',
    ],
    [
      shopify(secret),
      { shop: 'https://some-shop.myshopify.com/admin' },
      'https://some-shop.myshopify.com/admin/oauth/authorize',
    ],
    [shopify(secret), { shop: 'evil.example' }, undefined],
    [shopify(secret), { shop: 'evil.example/.myshopify.com' }, undefined],
    [shopify(secret), { shop: 'evil.example#.myshopify.com' }, undefined],
    [shopify(secret), { shop: 'x.myshopify.com.evil.example' }, undefined],
    [shopify(secret), { shop: 'a.b.myshopify.com' }, undefined],
    [shopify(secret), { shop: '-a.myshopify.com' }, undefined],
  ])('[D8] lead to the one that is chosen: %#', async (options, params, expected) => {
    const login = register(options).createAuthorizationUrl(redirectUri, params);
    if (expected === undefined) {
      expect(await rejection(login)).toMatchObject({ code: 'invalid_server' });
      return;
    }
    const { origin, pathname, searchParams } = new URL((await login).url);
    expect(origin + pathname).toBe(expected);
    expect(Object.keys(params).filter((name) => searchParams.has(name))).toEqual([]);
  });

  it.each([
    [okta(secret), /"domain" has no value, so the "clientSecret" would be sent/],
    [auth0(secret), /"servers" \(a list or a function\)/],
    [keycloak(secret), /"host" has no value/],
    [mastodon(secret), /"instance" has no value/],
    [keycloak({ ...secret, servers: ['a'] }), /"servers" must be a function/],
    [part('https://api.{domain}/t', secret), /"domain" has no value, so the "clientSecret"/],
    [part('https://{domain}.id.example/t', secret), /"domain" has no value/],
    [
      {
        ...part('https://id.example/t', secret),
        longLivedToken: { url: 'https://{domain}/x', params: {} },
      },
      /"domain" has no value/,
    ],
    [
      part('https://{domain}/t', {
        clientId: 'id',
        clientSecretJwt: { key: pem, kid: 'k', issuer: 'i', audience: 'a' },
      }),
      /the "clientSecretJwt" would be sent/,
    ],
    [gitlab({ ...secret, host: 'git.example', servers: ['a'] }), /users have nothing to choose/],
    [okta({ ...secret, servers: [] }), /must be a list of servers/],
    [okta({ ...secret, domain: 'a b' }), /is malformed/],
  ])('[D8] send no secret to a host that any user can name: %#', (options, message) => {
    expect(() => register(options)).toThrow(message);
  });

  it.each([
    ['https://{domain}.id.example/t', 'evil.example:8443'],
    ['https://{domain}:8443/t', 'evil.example:80'],
  ])('[D8] ask again for a value that makes no valid URL of %s: %s', async (url, domain) => {
    const client = register({ ...part(url), authorizeUrl: url });
    const login = client.createAuthorizationUrl(redirectUri, { domain });
    expect(await rejection(login)).toMatchObject({ code: 'invalid_server' });
  });

  it('[D8] read their value from the configuration, as before', async () => {
    const config = { OKTA_DOMAIN: 'acme.okta.com', OKTA_CLIENT_ID: 'id', OKTA_CLIENT_SECRET: 's' };
    const client = new OAuth({ config, fetch }).register('okta').okta;
    const { url } = await client.createAuthorizationUrl(redirectUri);
    expect(new URL(url).host).toBe('acme.okta.com');
  });
});

describe('requests that Shopify signs', () => {
  // The example of Shopify's documentation.
  const secret = 'hush';
  const query =
    'code=0907a61c0c8d55e99db179b68161bc00&hmac=700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf' +
    '&shop=some-shop.myshopify.com&state=0.6784241404160823&timestamp=1337178173';

  it('[D8] pass as documented', async () => {
    expect(await isSignedByShopify(query, secret)).toBe(true);
    expect(await isSignedByShopify(new URLSearchParams(query), secret)).toBe(true);
  });

  it.each([
    query.replace('some-shop', 'evil-shop'),
    query.replace('hmac=7', 'hmac=8'),
    query.replace(/&hmac=\w+/, ''),
    query.replace(/&hmac=\w+/, '&hmac='),
    `${query}&extra=1`,
    `${query}&hmac=x`,
    `${query}&shop=evil-shop.myshopify.com`,
  ])('[D8] do not pass when changed: %#', async (changed) => {
    expect(await isSignedByShopify(changed, secret)).toBe(false);
  });

  it('[D8] do not pass with another secret, or none', async () => {
    expect(await isSignedByShopify(query, 'other')).toBe(false);
    expect(await isSignedByShopify(query, '')).toBe(false);
  });
});
