import { describe, expect, it } from 'vitest';
import { Browser } from '../../../support/browser.js';
import { openidClient, plainClient } from '../../../support/apps/express.js';
import { app, provider, shareProvider, start } from '../../../support/apps/one-provider.js';

shareProvider();

describe('client authentication', () => {
  it.each(['client_secret_basic', 'client_secret_post', 'none'] as const)(
    '[A10] with %s (RFC 6749 §2.3)',
    async (method) => {
      provider.settings.tokenEndpointAuthMethod = method;
      const clients = { plain: plainClient(provider, { tokenEndpointAuthMethod: method }) };
      provider.settings.openid = false;
      await start({ clients });
      expect((await new Browser().follow(`${app.url}/login/plain`)).status).toBe(200);
      const { headers, form } = provider.last('token');
      expect(headers['authorization'] !== undefined).toBe(method === 'client_secret_basic');
      expect(form.has('client_secret')).toBe(method === 'client_secret_post');
    },
  );

  it('[A10] in the body if the metadata offers nothing else (RFC 8414 §2)', async () => {
    provider.settings.tokenEndpointAuthMethod = 'client_secret_post';
    provider.quirks.metadata = { token_endpoint_auth_methods_supported: ['client_secret_post'] };
    await start();
    expect((await new Browser().follow(`${app.url}/login/openid`)).status).toBe(200);
  });

  it('[A10] leaves plain characters alone, for servers that forget to decode Basic', async () => {
    provider.settings.openid = false;
    const clients = {
      plain: plainClient(provider, { clientId: 'Az09-._*', clientSecret: 'a-b_c.d*e' }),
    };
    await start({ clients });
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

  it('[A11] with a method of the application’s own', async () => {
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
    await start({ clients });
    expect((await new Browser().follow(`${app.url}/login/plain`)).status).toBe(200);
    expect(provider.last('token').headers['x-mine']).toBe('yes');
  });

  it('[A10] refused by the provider says what to check', async () => {
    provider.settings.tokenEndpointAuthMethod = 'client_secret_post';
    await start({
      clients: {
        openid: openidClient(provider, { tokenEndpointAuthMethod: 'client_secret_basic' }),
      },
    });
    const visit = await new Browser().follow(`${app.url}/login/openid`);
    expect(visit.json()).toMatchObject({
      code: 'invalid_client',
      providerStatus: 401,
      message: expect.stringContaining('tokenEndpointAuthMethod') as string,
    });
  });
});
