import { inspect } from 'node:util';
import {
  OAuth,
  type OAuthOptions,
  type RegisterOptions,
  type Token,
} from '@oauth-registry/express';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Browser } from '../support/browser.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import {
  oauth1Client,
  openidClient,
  plainClient,
  startExpress,
  type TestApp,
} from '../support/apps/express.js';
import {
  appSecrets,
  cookiesOf,
  leaks,
  listenToOutput,
  secretsOf,
  textsOf,
} from '../support/canaries.js';

let provider: FakeProvider;
let app: TestApp;
let browser: Browser;
let printed: () => string;

beforeAll(async () => {
  provider = await startProvider({ clientSecret: appSecrets.client });
  app = await startExpress({
    clients: {
      openid: openidClient(provider),
      plain: plainClient(provider),
      one: oauth1Client(provider),
    },
    oauth: { secret: appSecrets.cookie, stateStorage: 'cookie' },
    session: false,
  });
});
afterAll(async () => {
  await Promise.all([provider.close(), app.close()]);
});
beforeEach(() => {
  browser = new Browser();
  printed = listenToOutput();
});
afterEach(() => {
  vi.restoreAllMocks();
  provider.reset();
});

function expectSilence(texts: Record<string, string>, more: string[] = []): void {
  expect(leaks(texts, [...secretsOf(provider, browser, app.tokens), ...more])).toEqual([]);
}

/** What a step throws, at once or later. */
async function thrown(step: () => unknown): Promise<unknown> {
  try {
    await step();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown.');
}

describe('the registry', () => {
  it.each(['openid', 'one'])('[X4] shows no secret after a login of %s', async (client) => {
    const visit = await browser.follow(`${app.url}/login/${client}`);
    expect(visit.status).toBe(200);
    for (const shown of [app.oauth, app.client(client), app.client(client).get]) {
      expectSilence({
        inspected: inspect(shown, { depth: 10, showHidden: true }),
        getters: inspect(shown, { depth: 10, showHidden: true, getters: true }),
        json: JSON.stringify(shown) ?? '',
        string: String(shown),
        printed: printed(),
      });
    }
  });

  it.each([
    [{ clientSecret: 'canary', clientSecert: 'canary' }],
    [{ clientSecret: { canary: true } }],
    [{ clientSecret: ['canary'] }],
    [{ authorizeUrl: 'https://user:canary@provider.example/' }],
    [{ accessTokenUrl: 'http://provider.example/?canary' }],
    [{ apiBaseUrl: 'canary' }],
    [{ jwks: 'canary' }],
    [{ idTokenSignedResponseAlg: 'canary' }],
    [{ tokenEndpointAuthMethod: 'canary' }],
    [{ authorizeParams: { state: 'canary' } }],
    [{ authorizeParams: { prompt: { canary: 1 } } }],
    [{ scope: { canary: 1 } }],
    [{ leeway: 'canary' }],
    [{ complianceFix: { accessTokenResponse: 'canary' } }],
    [{ requestTokenUrl: 'https://one.example/', realm: 'canary"' }],
    [{ signatureMethod: 'canary' }],
  ])('[X4] does not quote the values it refuses: %j', async (options) => {
    const oauth = new OAuth({ config: { X_CLIENT_SECRET: 'canary' } });
    const all = { clientId: 'a', clientSecret: 'b', ...options } as RegisterOptions;
    const error = await thrown(() => oauth.register('x', all));
    expect(error).toMatchObject({ name: 'OAuthError' });
    expectSilence(textsOf(error));
  });

  it.each([
    [{ secret: 'canary' }],
    [{ secret: [appSecrets.cookie, 'canary'] }],
    [{ baseUrl: 'canary' }],
    [{ stateStorage: 'canary' }],
    [{ timeout: 'canary' }],
    [{ fetch: 'canary' }],
    [{ limits: { stateTtl: 'canary' } }],
    [{ config: 'canary' }],
  ])('[X4] does not quote its own options: %j', async (options) => {
    const error = await thrown(() => new OAuth(options as unknown as OAuthOptions));
    expectSilence(textsOf(error));
  });

  it('[X4] does not quote configuration that it refuses', async () => {
    const config = { X_CLIENT_ID: 'a', X_CLIENT_SECRET: 'canary', X_AUTHORIZE_URL: 'canary' };
    const error = await thrown(() => new OAuth({ config }).register('x'));
    expect(error).toMatchObject({ code: 'invalid_options' });
    expectSilence(textsOf(error));
  });

  it('[X4] does not quote the name of a client that is not registered', async () => {
    expectSilence(textsOf(await thrown(() => app.oauth.createClient('canary<script>'))));
  });
});

describe('the redirect to the provider', () => {
  it.each([
    [
      'openid',
      'client_id code_challenge code_challenge_method nonce redirect_uri response_type scope state',
    ],
    [
      'plain',
      'client_id code_challenge code_challenge_method redirect_uri response_type scope state',
    ],
    ['one', 'oauth_token'],
  ])('[A17] of %s carries what must travel, and nothing else', async (client, names) => {
    const visit = await browser.get(`${app.url}/login/${client}`);
    const params = visit.location?.searchParams ?? new URLSearchParams();
    expect([...params.keys()].toSorted().join(' ')).toBe(names);
    await browser.continue(visit);
    const allowed = ['state', 'nonce', 'oauth_token'].flatMap((name) => params.getAll(name));
    const secrets = secretsOf(provider, browser, app.tokens).filter(
      (one) => !allowed.includes(one),
    );
    const cookies = cookiesOf(visit).map(({ cookie }) => cookie);
    expect(leaks({ location: String(visit.location) }, [...secrets, ...cookies])).toEqual([]);
    expect(visit.text()).toBe('');
  });

  it('[A17] leaves a cookie in which nothing can be read', async () => {
    for (const client of ['openid', 'one']) {
      const visit = await browser.get(`${app.url}/login/${client}`);
      const params = visit.location?.searchParams ?? new URLSearchParams();
      await browser.clone().continue(visit);
      const cookies = visit.setCookies.join('\n');
      const decoded = Buffer.from(cookies, 'base64url').toString('latin1');
      const state = params.get('state') ?? params.get('oauth_token') ?? '';
      const verifier = provider.requests.at(-1)?.form.get('code_verifier') ?? state;
      for (const text of [cookies, decoded]) {
        for (const secret of [state, verifier, ...Object.values(appSecrets)]) {
          expect(text).not.toContain(secret);
        }
      }
    }
  });
});

describe('a resource call', () => {
  it.each([
    [
      'an expired token',
      'plain',
      'me',
      { access_token: 'canary', token_type: 'Bearer', expires_at: 1 },
    ],
    ['a token of another type', 'plain', 'me', { access_token: 'canary', token_type: 'canary' }],
    [
      'a token with a line break',
      'plain',
      'me',
      { access_token: 'canary\r\n', token_type: 'Bearer' },
    ],
    ['a foreign URL', 'plain', 'https://canary.example/', { access_token: 'canary' }],
    ['a URL with a password', 'plain', 'PASSWORD', { access_token: 'canary' }],
    [
      'the wrong kind of token',
      'plain',
      'me',
      { oauth_token: 'canary', oauth_token_secret: 'canary' },
    ],
    ['the wrong kind of token', 'one', 'me', { access_token: 'canary', token_type: 'Bearer' }],
    ['half a token', 'one', 'me', { oauth_token: 'canary' }],
    ['the text of a token', 'one', 'me', 'canary'],
    ['the text of a token', 'plain', 'me', 'canary'],
  ])('[R8] with %s says nothing of it, at %s', async (_title, client, path, token) => {
    const url = path.replace('PASSWORD', provider.base.replace('//', '//user:canary@'));
    const options = { token: token as Token };
    expectSilence(textsOf(await thrown(() => app.client(client).get(url, options))));
    expectSilence({ printed: printed() });
  });

  it.each(['plain', 'one'])(
    '[R8] that cannot be sent says nothing of it, at %s',
    async (client) => {
      const token = client === 'one' ? { oauth_token: 'canary', oauth_token_secret: 'canary' } : {};
      provider.quirks.fault = { api: 'reset', oauth1_api: 'reset' };
      const options = {
        token: { access_token: 'canary', token_type: 'Bearer', ...token } as Token,
        headers: { 'x-key': 'canary' },
        json: { canary: true },
      };
      const error = await thrown(() => app.client(client).post('canary', options));
      expect(error).toMatchObject({ code: 'provider_unavailable' });
      expectSilence(textsOf(error));
    },
  );
});
