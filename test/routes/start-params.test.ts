import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RoutesOptions } from '@oauth-registry/core/types';
import { Browser } from '../support/browser.js';
import { oauth1Client, openidClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { frameworks, onExpress, type Open, type RoutesApp } from '../support/apps/routes.js';

let provider: FakeProvider;
let app: RoutesApp | undefined;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(async () => {
  await app?.close();
  app = undefined;
  provider.reset();
});

async function start(open: Open, routes: Omit<RoutesOptions, 'onLogin'>): Promise<RoutesApp> {
  app = await open({
    clients: {
      corp: openidClient(provider, { authorizeParams: { prompt: 'login', display: 'page' } }),
      other: openidClient(provider),
      one: oauth1Client(provider),
    },
    routes,
  });
  return app;
}

/** The query of the authorization request that a start leads to. */
async function asked(query: string, client = 'corp'): Promise<URLSearchParams> {
  const { location } = await new Browser().get(`${app?.url}/auth/login/${client}?${query}`);
  return location?.searchParams ?? new URLSearchParams();
}

describe.each(Object.entries(frameworks))('the parameters of one start on %s', (_name, open) => {
  it('are those of `params`, over the client’s own, and of the query those that are named', async () => {
    await start(open, {
      params: async ({ client, request }) =>
        request && client === 'corp' ? { prompt: 'select_account', ui_locales: ['de', 'en'] } : {},
      allowParams: { corp: ['login_hint', 'prompt'] },
    });
    const params = await asked('login_hint=jane%40a.b&prompt=none&acr_values=x&display=popup');
    expect(Object.fromEntries(params)).toMatchObject({
      login_hint: 'jane@a.b',
      prompt: 'select_account',
      ui_locales: 'de en',
      display: 'page',
      scope: 'openid email',
    });
    expect(params.has('acr_values')).toBe(false);
    const other = await asked('login_hint=jane', 'other');
    expect([other.has('login_hint'), other.has('prompt')]).toEqual([false, false]);
  });
});

describe('the parameters of one start', () => {
  it('come from the form of a start that is posted', async () => {
    await start(onExpress, { start: 'post', allowParams: { corp: ['login_hint'] } });
    const browser = new Browser();
    const page = await browser.get(`${app?.url}/auth/login/corp?login_hint=jane%22&acr_values=x`);
    expect(page.text()).toContain('name="login_hint" value="jane&quot;"');
    expect(page.text()).not.toContain('acr_values');
    const posted = await browser.post(`${app?.url}/auth/login/corp`, { login_hint: 'jane"' });
    expect(posted.location?.searchParams.get('login_hint')).toBe('jane"');
  });

  it('leave out what is given twice, and what is too long', async () => {
    await start(onExpress, { allowParams: { corp: ['login_hint', 'acr_values'] } });
    const params = await asked(`login_hint=a&login_hint=b&acr_values=${'x'.repeat(2049)}`);
    expect([params.has('login_hint'), params.has('acr_values')]).toEqual([false, false]);
    expect((await asked(`login_hint=${'x'.repeat(2048)}`)).get('login_hint')).toHaveLength(2048);
  });

  it('add scopes that `scopes` allows to the scope that `params` asks for', async () => {
    await start(onExpress, { params: () => ({ scope: 'openid' }), scopes: { corp: ['files'] } });
    expect((await asked('')).get('scope')).toBe('openid');
    expect((await asked('scope=files')).get('scope')).toBe('openid files');
  });

  it('reach the authorization URL and the request token request of OAuth 1.0a (RFC 5849 §2.1)', async () => {
    await start(onExpress, {
      params: () => ({ requestTokenParams: { x_auth_access_type: 'read' } }),
      allowParams: { one: ['perms'] },
    });
    const params = await asked('perms=write', 'one');
    expect(params.get('perms')).toBe('write');
    const request = provider.requests.find(({ endpoint }) => endpoint === 'oauth1_request');
    expect(request?.params.get('x_auth_access_type')).toBe('read');
    expect(params.has('x_auth_access_type')).toBe(false);
  });

  it.each(['state', 'redirect_uri', 'nonce', 'client_id', 'request_uri', 'code_challenge'])(
    'cannot be "%s", which is the library’s own',
    async (name) => {
      await expect(start(onExpress, { allowParams: { corp: [name] } })).rejects.toMatchObject({
        code: 'invalid_options',
        message: expect.stringContaining(`"allowParams" cannot contain "${name}"`),
      });
    },
  );

  it.each([
    'client_secret',
    'refresh_token',
    'code_verifier',
    'oauth_token_secret',
    'openid.realm',
  ])('cannot be "%s", which is not for a browser to say or see', async (name) => {
    await expect(start(onExpress, { allowParams: { corp: [name] } })).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining(`"allowParams" cannot contain "${name}"`),
    });
  });

  it.each(['scope', 'returnTo', 'link', 'popup', 'response_mode', 'oauth_token'])(
    'cannot be "%s", which means something else',
    async (name) => {
      await expect(start(onExpress, { allowParams: { corp: [name] } })).rejects.toMatchObject({
        code: 'invalid_options',
      });
    },
  );

  it.each([{ corp: 'login_hint' }, ['login_hint'], { corp: [7] }, 'login_hint'])(
    'are named by lists: %j is refused',
    async (given) => {
      await expect(start(onExpress, { allowParams: given as never })).rejects.toMatchObject({
        code: 'invalid_options',
      });
    },
  );

  it.each([
    ['the library’s own', { state: 'mine' }],
    ['parameters of the token request', { client_secret: 'S' }],
  ])('end as a failed login if they are %s', async (_what, params) => {
    await start(onExpress, { params: () => params });
    const page = await new Browser().get(`${app?.url}/auth/login/corp`);
    expect(page.status).toBe(500);
    expect(app?.failures).toMatchObject([{ error: { code: 'invalid_options' } }]);
  });
});
