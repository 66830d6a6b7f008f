import { describe, expect } from 'vitest';
import { openidClient, plainClient } from '../../../support/apps/express.js';
import { it } from '../../../support/fixtures.js';

describe('client authentication', () => {
  it.for(['client_secret_basic', 'client_secret_post', 'none'] as const)(
    '[A10] with %s (RFC 6749 §2.3)',
    async (method, { provider, startApp, browser }) => {
      provider.settings.tokenEndpointAuthMethod = method;
      const clients = { plain: plainClient(provider, { tokenEndpointAuthMethod: method }) };
      provider.settings.openid = false;
      const app = await startApp({ clients });
      expect((await browser.follow(`${app.url}/login/plain`)).status).toBe(200);
      const { headers, form } = provider.last('token');
      expect(headers['authorization'] !== undefined).toBe(method === 'client_secret_basic');
      expect(form.has('client_secret')).toBe(method === 'client_secret_post');
    },
  );

  it('[A10] in the body if the metadata offers nothing else (RFC 8414 §2)', async ({
    provider,
    app,
    browser,
  }) => {
    provider.settings.tokenEndpointAuthMethod = 'client_secret_post';
    provider.quirks.metadata = { token_endpoint_auth_methods_supported: ['client_secret_post'] };
    expect((await browser.follow(`${app.url}/login/openid`)).status).toBe(200);
  });

  it('[A10] leaves plain characters alone, for servers that forget to decode Basic', async ({
    provider,
    startApp,
  }) => {
    provider.settings.openid = false;
    const clients = {
      plain: plainClient(provider, { clientId: 'Az09-._*', clientSecret: 'a-b_c.d*e' }),
    };
    const app = await startApp({ clients });
    await app
      .client('plain')
      .fetchAccessToken(
        { state: 's', code: 'c' },
        { state: 's', redirectUri: 'https://a.example', codeVerifier: 'v' },
      )
      .catch(() => undefined);
    const basic = provider.last('token').headers['authorization']?.slice('Basic '.length);
    expect(atob(basic ?? '')).toBe('Az09-._*:a-b_c.d*e');
  });

  it('[A11] with a method of the application’s own', async ({ provider, startApp, browser }) => {
    provider.settings.openid = false;
    provider.settings.tokenEndpointAuthMethod = 'client_secret_post';
    const clients = {
      plain: plainClient(provider, {
        tokenEndpointAuthMethod: 'mine',
        clientAuthMethods: {
          mine: ({ body, headers }, { clientId, clientSecret }) => {
            headers.set('x-mine', 'yes');
            body.set('client_id', clientId);
            body.set('client_secret', clientSecret ?? '');
          },
        },
      }),
    };
    const app = await startApp({ clients });
    expect((await browser.follow(`${app.url}/login/plain`)).status).toBe(200);
    expect(provider.last('token').headers['x-mine']).toBe('yes');
  });

  it('[A10] refused by the provider says what to check', async ({
    provider,
    startApp,
    browser,
  }) => {
    provider.settings.tokenEndpointAuthMethod = 'client_secret_post';
    const app = await startApp({
      clients: {
        openid: openidClient(provider, { tokenEndpointAuthMethod: 'client_secret_basic' }),
      },
    });
    const visit = await browser.follow(`${app.url}/login/openid`);
    expect(visit.json()).toMatchObject({
      code: 'invalid_client',
      providerStatus: 401,
      message: expect.stringContaining('tokenEndpointAuthMethod') as string,
    });
  });
});
