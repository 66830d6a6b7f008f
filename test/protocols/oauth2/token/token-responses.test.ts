import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../support/browser.js';
import {
  startProvider,
  type FakeProvider,
  type Fault,
  type TokenQuirk,
} from '../../../support/provider/index.js';
import {
  openidClient,
  plainClient,
  startExpress,
  type TestApp,
  type TestAppOptions,
} from '../../../support/apps/express.js';

let provider: FakeProvider;
let app: TestApp;
/** The same clients, which do not wait for long. */
let hasty: TestApp;

beforeAll(async () => {
  provider = await startProvider({ openid: false });
  const options: TestAppOptions = {
    clients: {
      plain: plainClient(provider),
      mended: plainClient(provider, {
        complianceFix: {
          accessTokenResponse: (body) =>
            (body['authed_user'] as Record<string, unknown> | undefined) ?? {
              ...body,
              token_type: 'Bearer',
            },
        },
      }),
      openid: openidClient(provider),
    },
  };
  app = await startExpress(options);
  hasty = await startExpress({ ...options, oauth: { timeout: 300 } });
});
afterAll(async () => {
  await Promise.all([provider.close(), app.close(), hasty.close()]);
});
afterEach(() => {
  provider.reset();
  provider.settings.openid = false;
});

async function login(client = 'plain', at = app): Promise<Record<string, unknown>> {
  const visit = await new Browser().follow(`${at.url}/login/${client}`);
  return visit.json() as Record<string, unknown>;
}

describe('a token response is understood', () => {
  it.each([
    ['form', { token_type: expect.stringMatching(/^bearer$/i) as string, expires_in: 3600 }],
    ['form-as-text', { expires_in: 3600 }],
    ['json-as-text', { expires_in: 3600 }],
    ['status-201', { expires_in: 3600 }],
    ['no-token-type', { token_type: 'Bearer' }],
    ['null-token-type', { token_type: 'Bearer' }],
    ['mixed-case-token-type', { token_type: 'bEARER' }],
    ['scope-array', { scope: 'read' }],
    ['scope-narrower', { scope: 'openid' }],
    ['expires-in-string', { expires_in: 3600 }],
    ['expires-in-zero', { expires_in: 0 }],
    ['extra-fields', { team: { id: 'T1' }, open_id: 'o-1' }],
  ] as [TokenQuirk, object][])('[F3] %s', async (quirk, expected) => {
    provider.quirks.tokenResponse = quirk;
    expect(await login()).toMatchObject({
      access_token: expect.any(String) as string,
      ...expected,
    });
  });

  it.each([
    ['scope-null', 'scope'],
    ['scope-absent', 'scope'],
    ['null-refresh-token', 'refresh_token'],
    ['empty-refresh-token', 'refresh_token'],
    ['null-id-token', 'id_token'],
    ['no-expires-in', 'expires_at'],
    ['expires-in-null', 'expires_in'],
    ['expires-in-empty', 'expires_at'],
    ['expires-in-garbage', 'expires_at'],
    ['expires-in-infinite', 'expires_at'],
  ] as [TokenQuirk, string][])('[F3] %s leaves %s out', async (quirk, field) => {
    provider.quirks.tokenResponse = quirk;
    const token = await login();
    expect(token['access_token']).toBeTypeOf('string');
    expect(token).not.toHaveProperty(field);
  });

  it('[A18] after a hook has mended it: a foreign token_type, a nested token', async () => {
    for (const quirk of ['odd-token-type', 'nested-authed-user'] as const) {
      provider.quirks.tokenResponse = quirk;
      expect(await login('mended')).toHaveProperty('access_token');
    }
  });

  it('without taking "userinfo" from it: only what was verified stands there', async () => {
    provider.quirks.tokenResponse = (body) => ({ body: { ...body, userinfo: { sub: 'admin' } } });
    const token = await login();
    expect(token).toHaveProperty('access_token');
    expect(token).not.toHaveProperty('userinfo');
  });

  it('without polluting a prototype', async () => {
    provider.quirks.tokenResponse = 'proto-keys';
    const [token] = [await login(), app.tokens.at(-1)];
    expect(token).toHaveProperty('access_token');
    expect(Object.hasOwn(app.tokens.at(-1) ?? {}, '__proto__')).toBe(false);
    expect(Object.assign({}, app.tokens.at(-1))).not.toHaveProperty('isAdmin');
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
  });
});

describe('a token response is refused', () => {
  it.each([
    ['error-200', 'provider_refused', 200, 'bad_verification_code'],
    ['error-200-form', 'provider_refused', 200, 'bad_verification_code'],
    ['error-400', 'invalid_grant', 400, 'invalid_grant'],
    ['error-401', 'invalid_client', 401, 'invalid_client'],
    ['error-object', 'provider_refused', 400, 'OAuthException'],
  ] as [TokenQuirk, string, number, string][])(
    '%s is %s, in the provider’s own words',
    async (quirk, code, status, error) => {
      provider.quirks.tokenResponse = quirk;
      const answer = await login();
      expect(answer).toMatchObject({
        code,
        providerStatus: status,
        client: 'plain',
        phase: 'exchange',
      });
      expect(JSON.stringify(answer)).not.toMatch(/incorrect|expired\.|Invalid verification/);
      expect(app.errors.at(-1)).toMatchObject({
        error,
        error_description: expect.any(String) as string,
      });
    },
  );

  it.each([
    ['odd-token-type', 'unsupported_token_type'],
    ['mac-token-type', 'unsupported_token_type'],
    ['no-access-token', 'invalid_response'],
    ['empty-access-token', 'invalid_response'],
    ['numeric-access-token', 'invalid_response'],
    ['crlf-token', 'invalid_response'],
    ['unicode-token', 'invalid_response'],
    ['nested-authed-user', 'invalid_response'],
  ] as [TokenQuirk, string][])('%s is %s', async (quirk, code) => {
    provider.quirks.tokenResponse = quirk;
    const answer = await login();
    expect(answer).toMatchObject({ code });
    expect(JSON.stringify(answer)).not.toContain('SECRET-TOKEN');
  });

  it.each([
    ['hang', 'timeout'],
    ['headers-then-hang', 'timeout'],
    ['drip', 'timeout'],
    ['reset', 'provider_unavailable'],
    ['cut', 'provider_unavailable'],
    ['length-lies', 'timeout'],
    ['huge', 'response_too_large'],
    ['endless', 'response_too_large'],
    ['gzip-bomb', 'response_too_large'],
    ['redirect-302', 'invalid_response'],
    ['redirect-307', 'invalid_response'],
    ['html-500', 'provider_unavailable'],
    ['unavailable-503', 'provider_unavailable'],
    ['rate-limited', 'provider_unavailable'],
    ['text-400', 'provider_refused'],
    ['missing-404', 'provider_refused'],
    ['html-200', 'invalid_response'],
    ['empty', 'invalid_response'],
    ['array', 'invalid_response'],
    ['null', 'invalid_response'],
    ['string', 'invalid_response'],
    ['broken-json', 'invalid_response'],
    ['deep-json', 'invalid_response'],
  ] as [Fault, string][])('%s is %s, and nothing is left half done', async (fault, code) => {
    provider.quirks.fault.token = fault;
    const finished = app.tokens.length;
    expect(await login('plain', code === 'timeout' ? hasty : app)).toMatchObject({ code });
    expect(app.tokens).toHaveLength(finished);
    expect(hasty.tokens).toEqual([]);
    provider.quirks.fault = {};
    expect(await login()).toHaveProperty('access_token');
  });

  it('with the time to wait, if the provider says it (RFC 9110 §10.2.3)', async () => {
    provider.quirks.fault.token = 'rate-limited';
    expect(await login()).toMatchObject({
      providerStatus: 429,
      retryAfter: expect.any(Number) as number,
    });
  });

  it('without the id_token that openid asked for (OpenID Connect Core §3.1.3.3)', async () => {
    provider.settings.openid = true;
    provider.quirks.tokenResponse = 'no-id-token';
    expect(await login('openid')).toMatchObject({ code: 'invalid_id_token', phase: 'id_token' });
  });
});
