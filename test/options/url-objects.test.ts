import { generateKeyPairSync } from 'node:crypto';
import {
  checkReturnTo,
  clientDocument,
  discoverIssuer,
  OAuth,
  registerDynamically,
  type OAuthOptions,
  type RegisterOptions,
} from '@oauth-registry/core';
import type { OAuth2Client } from '@oauth-registry/core/types';
import { auth0, github, gitlab, keycloak, mastodon } from '@oauth-registry/core/providers';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { openidClient, plainClient, startExpress } from '../support/apps/express.js';
import { json } from '../support/provider/response.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { onExpress } from '../support/apps/routes.js';
import { login, redirectUri, rejection } from '../support/login.js';

/** What an application may give. */
type GivenOptions = NonNullable<Awaited<ReturnType<NonNullable<OAuthOptions['loadClient']>>>>;

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(() => {
  provider.reset();
  provider.settings.openid = true;
});

const at = (path: string): URL => new URL(path, provider.base);

describe('a URL object among the options of register()', () => {
  it('stands for its text in every option that is a URL', async () => {
    const { clientId, clientSecret } = provider.settings;
    const { corp } = new OAuth({ config: {} }).register('corp', {
      clientId,
      clientSecret,
      issuer: new URL(provider.issuer),
      authorizeUrl: at('/authorize'),
      accessTokenUrl: at('/token'),
      refreshTokenUrl: at('/token'),
      jwksUri: at('/jwks'),
      userinfoEndpoint: at('/userinfo'),
      revocationEndpoint: at('/revoke'),
      introspectionEndpoint: at('/introspect'),
      endSessionEndpoint: at('/end'),
      deviceAuthorizationEndpoint: at('/device'),
      backchannelAuthenticationEndpoint: at('/bc'),
      pushedAuthorizationRequestEndpoint: at('/par'),
      tokenCheckUrl: at('/check'),
      apiBaseUrl: at('/api'),
      scope: 'openid offline_access',
    });
    const token = await login(corp);
    expect((await corp.get('me', { token })).status).toBe(200);
    expect((await corp.userinfo({ token })).sub).toBe('user-1');
    await corp.refreshToken(token);
    await corp.revokeToken(token);
  });

  it.each<[string, () => GivenOptions]>([
    ['the issuer, whose document is looked for', () => ({ issuer: new URL(provider.issuer) })],
    ['one issuer of a list', () => ({ issuer: [new URL(provider.issuer), 'https://b.example'] })],
    ['the metadata', () => ({ serverMetadataUrl: new URL(provider.metadataUrl) })],
  ])('is compared with what the provider says of %s', async (_what, more) => {
    const { serverMetadataUrl: _, ...others } = openidClient(provider);
    const { corp } = new OAuth({ config: {} }).register('corp', { ...others, ...more() });
    expect((await login(corp)).userinfo?.sub).toBe('user-1');
  });

  it('stands for its text in options of options', async () => {
    provider.settings.openid = false;
    provider.on('unknown', ({ path, query }) =>
      json(path === '/swap' ? { access_token: 'long', from: query.get('at') } : { team: 'T' }),
    );
    const options: GivenOptions = {
      ...plainClient(provider),
      longLivedToken: { url: at('/swap'), params: { at: '{token.access_token}' } },
      userinfo: { extra: { team: { url: at('/team') } } },
      profile: { sub: '$.sub', team: 'team.team' },
      authorizeParams: { resource: new URL('https://r.example/') },
    };
    const { corp } = new OAuth({ config: {} }).register('corp', options);
    const { url } = await corp.createAuthorizationUrl(redirectUri);
    expect(new URL(url).searchParams.get('resource')).toBe('https://r.example/');
    const token = { access_token: 'at', token_type: 'Bearer' };
    provider.on('userinfo', () => json({ sub: 'u' }));
    expect(await corp.userinfo({ token })).toMatchObject({ sub: 'u', team: 'T' });
    provider.on('token', () => json(token));
    provider.on('userinfo', () => json({ sub: 'u' }));
    expect(await login(corp)).toMatchObject({ access_token: 'long', from: 'at' });
  });

  it('names a server that users may choose', async () => {
    const { corp } = new OAuth({ config: {} }).register('corp', {
      clientId: 'a',
      clientSecret: 'b',
      urlVariables: { host: { ask: 'Your server' } },
      authorizeUrl: 'https://{host}/authorize',
      accessTokenUrl: 'https://{host}/token',
      servers: [new URL('https://social.example'), 'other.example'],
    });
    for (const host of ['social.example', 'other.example']) {
      const { url } = await corp.createAuthorizationUrl(redirectUri, { host });
      expect(new URL(url).host).toBe(host);
    }
    const foreign = corp.createAuthorizationUrl(redirectUri, { host: 'evil.example' });
    expect(await rejection(foreign)).toMatchObject({ code: 'invalid_server' });
  });

  it('comes from loadClient as well', async () => {
    const oauth = new OAuth({
      allowPrivateNetworks: true,
      loadClient: () => {
        const { serverMetadataUrl: _, ...others } = openidClient(provider);
        return { ...others, issuer: new URL(provider.issuer) };
      },
    });
    const client = await oauth.loadClient('tenant');
    expect((await login(client as OAuth2Client)).userinfo?.sub).toBe('user-1');
  });
});

describe('a URL object given to a preset', () => {
  const host = new URL('https://git.corp.example');

  it.each<[string, (host: string | URL) => RegisterOptions]>([
    ['gitlab', (own) => gitlab({ host: own, scope: 'read_user' })],
    ['github', (own) => github({ host: own })],
    ['github', (own) => github({ urlVariables: { host: { value: own } } })],
    ['mastodon', (own) => mastodon({ instance: own })],
    ['by name', (own) => ({ preset: 'gitlab', host: own, scope: 'read_user' }) as RegisterOptions],
  ])('is the host that a text would be: %s', async (_preset, optionsOf) => {
    const urls = ['git.corp.example', 'https://git.corp.example/', host].map(async (given) => {
      const own = { clientId: 'a', clientSecret: 'b', idToken: 'ignore' as const };
      const { corp } = new OAuth({ config: {} }).register('corp', { ...optionsOf(given), ...own });
      const { url } = await corp.createAuthorizationUrl(redirectUri);
      return new URL(url).origin;
    });
    expect(await Promise.all(urls)).toEqual(urls.map(() => 'https://git.corp.example'));
  });

  it('is the host of the API, too', () => {
    const { apiBaseUrl } = github({ host });
    expect(apiBaseUrl).toBe('https://git.corp.example/api/v3/');
  });

  it('is the issuer that a text would be, as the provider writes it', () => {
    const realm = 'https://id.corp.example/realms/staff';
    expect(keycloak({ issuer: new URL(realm) })).toEqual(keycloak({ issuer: realm }));
    const tenant = 'https://corp.eu.auth0.com/';
    expect(auth0({ issuer: new URL(tenant) })).toEqual(auth0({ issuer: tenant }));
  });
});

describe('a URL object given to a registry', () => {
  it.each(['https://app.example', 'https://app.example/', 'https://app.example/shop'])(
    'is its "baseUrl": %s',
    async (text) => {
      const requests = [text, new URL(text)].map(async (baseUrl) => {
        const { corp } = new OAuth({ config: {}, baseUrl }).register('corp', plainClient(provider));
        const { url } = await corp.createAuthorizationUrl();
        return new URL(url).searchParams.get('redirect_uri');
      });
      const [expected, found] = await Promise.all(requests);
      expect(found).toBe(expected);
      expect(found).toMatch(/^https:\/\/app\.example\/(?:shop\/)?callback\/corp$/);
    },
  );
});

describe('a URL object given to a verb', () => {
  it('is a redirect URI, a callback, a resource, and the URL a logout returns to', async () => {
    const { corp } = new OAuth({ config: {} }).register(
      'corp',
      openidClient(provider, { endSessionEndpoint: `${provider.base}/end` }),
    );
    const request = await corp.createAuthorizationUrl(new URL(redirectUri));
    expect(request.redirectUri).toBe(redirectUri);
    const back = await fetch(request.url, { redirect: 'manual' });
    const token = await corp.fetchAccessToken(new URL(back.headers.get('location') ?? ''), request);
    for (const verb of ['get', 'post', 'put', 'patch', 'delete', 'head'] as const) {
      expect((await corp[verb](at('/api/me'), { token })).status).toBe(200);
    }
    expect((await corp.request('GET', at('/api/me'), { token })).status).toBe(200);
    const { url } = await corp.createLogoutUrl(new URL('https://app.example/bye'));
    expect(new URL(url).searchParams.get('post_logout_redirect_uri')).toBe(
      'https://app.example/bye',
    );
  });

  it('is the URL users go to from logoutRedirect(), and back to from authorizeRedirect()', async () => {
    const app = await startExpress({
      clients: { corp: openidClient(provider, { endSessionEndpoint: `${provider.base}/end` }) },
      before: [
        (req, res, next) => {
          const client = app.oauth.createClient('corp');
          if (req.path === '/out')
            client.logoutRedirect(req, res, new URL('https://app.example/bye')).catch(next);
          else if (req.path === '/in')
            client.authorizeRedirect(req, res, new URL('https://app.example/back')).catch(next);
          else next();
        },
      ],
    });
    try {
      const out = await new Browser().get(`${app.url}/out`);
      expect(out.location?.searchParams.get('post_logout_redirect_uri')).toBe(
        'https://app.example/bye',
      );
      const into = await new Browser().get(`${app.url}/in`);
      expect(into.location?.searchParams.get('redirect_uri')).toBe('https://app.example/back');
    } finally {
      await app.close();
    }
  });

  it('is the audience of an assertion', async () => {
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const { corp } = new OAuth({ config: {} }).register('corp', plainClient(provider));
    const audience = new URL('https://id.example/token');
    const privateKey = key.export({ format: 'pem', type: 'pkcs8' }).toString();
    await rejection(corp.grants.jwtBearerToken({ key: privateKey, audience }));
    const { form } = provider.last('token');
    expect(decodeJwt(form.get('assertion') ?? '').aud).toBe('https://id.example/token');
  });

  it('is what "userinfoComplianceFix" asks for more', async () => {
    const { corp } = new OAuth({ config: {} }).register('corp', {
      ...openidClient(provider),
      userinfoComplianceFix: async (_profile, { get }) => {
        const { status } = await get(at('/api/me'));
        return { sub: 'user-1', status };
      },
    });
    const token = await login(corp);
    expect(await corp.userinfo({ token })).toMatchObject({ status: 200 });
  });
});

describe('a URL object given to a function', () => {
  it('is a URL to return to, if it is one of the application', () => {
    const base = new URL('https://app.example');
    expect(checkReturnTo(new URL('https://app.example/cart?a=1#b'), base)).toBe('/cart?a=1#b');
    expect(checkReturnTo(new URL('https://evil.example/cart'), base)).toBeUndefined();
    expect(checkReturnTo('/cart', base)).toBe('/cart');
  });

  it('is an issuer, and the redirect URI of a client that registers dynamically', async () => {
    const client = {
      redirect_uris: [new URL(redirectUri)],
      client_uri: new URL('https://a.example'),
    };
    const options = { allowPrivateNetworks: true };
    const text = { redirect_uris: [redirectUri], client_uri: 'https://a.example/' };
    provider.quirks.metadata = { registration_endpoint: `${provider.base}/clients` };
    provider.on('unknown', () => json({ client_id: 'new' }, 201));
    await registerDynamically(new URL(provider.issuer), client, options);
    expect(JSON.parse(provider.last('unknown').body)).toMatchObject(text);
  });

  it('is a redirect URI in the document of a client', async () => {
    const { corp } = new OAuth({ config: {} }).register(
      'corp',
      plainClient(provider, {
        clientId: 'https://app.example/client.json',
        clientSecret: undefined,
      }),
    );
    const document = await clientDocument(corp, {
      redirect_uris: [new URL('https://app.example/cb')],
    });
    expect(document.redirect_uris).toEqual(['https://app.example/cb']);
  });

  it('is the identifier of a user', async () => {
    const where = new URL(`${provider.base}/ada`);
    const found = discoverIssuer(where, { allowPrivateNetworks: true });
    // The provider knows nobody; it was asked.
    expect(await rejection(found)).toMatchObject({ code: expect.any(String) });
    expect(provider.requests.map(({ path }) => path)).toContain('/.well-known/webfinger');
  });
});

describe('a URL object given to the drop-in routes', () => {
  it('is the URL users go to by default, and the one onLogin sends them to', async () => {
    for (const chosen of [undefined, new URL('https://app.example/welcome')]) {
      const app = await onExpress({
        clients: { corp: openidClient(provider) },
        routes: { returnTo: new URL('https://app.example/home') },
        ...(chosen ? { onLogin: () => chosen } : {}),
      } as never);
      try {
        const visit = await new Browser().follow(`${app.url}/auth/login/corp`, {
          until: (url: URL) => url.host === 'app.example',
        });
        expect(visit.pending?.url.href ?? visit.location?.href).toBe(
          chosen?.href ?? 'https://app.example/home',
        );
      } finally {
        await app.close();
      }
    }
  });

  it('is the URL a login button returns to, if it is one of the application', () => {
    const oauth = new OAuth({ config: {}, baseUrl: 'https://app.example' }).register(
      'corp',
      plainClient(provider),
    );
    const button = (returnTo: string | URL) => oauth.loginButton('corp', { returnTo });
    expect(button(new URL('https://app.example/cart'))).toBe(button('/cart'));
    expect(button(new URL('https://evil.example/cart'))).not.toContain('cart');
    expect(oauth.loginPage({ returnTo: new URL('https://app.example/cart') })).toContain('%2Fcart');
  });
});
