import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../support/browser.js';
import {
  oauth1Client,
  openid2Client,
  openidClient,
  plainClient,
  startExpress,
} from '../../../support/apps/express.js';
import { startProvider, type FakeProvider } from '../../../support/provider/index.js';
import { redirectUri, rejection } from '../../../support/login.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());

/** What must never pass through a browser, one of each kind. */
const names = [
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'code',
  'code_verifier',
  'grant_type',
  'refresh_token',
  'access_token',
  'assertion',
  'password',
  'subject_token',
  'device_code',
  'oauth_token_secret',
  'oauth_signature',
  'clientSecret',
];

const protocols: [string, () => RegisterOptions][] = [
  ['OpenID Connect', () => openidClient(provider, { endSessionEndpoint: `${provider.base}/end` })],
  ['OAuth 2', () => plainClient(provider)],
  ['OAuth 1', () => oauth1Client(provider)],
  ['OpenID 2.0', () => openid2Client(provider)],
];

function clientOf(options: RegisterOptions) {
  return new OAuth({ config: {}, baseUrl: 'https://app.example' })
    .register('corp', options as object)
    .createClient('corp');
}

const refusal = { code: 'invalid_options' };

describe.each(protocols)('an authorization request of %s', (_protocol, optionsOf) => {
  it.each(names)('is refused with "%s", whose value no message shows', async (name) => {
    const client = clientOf(optionsOf());
    const error = await rejection(
      client.createAuthorizationUrl(redirectUri, { [name]: 'S-3cr3t' }),
    );
    expect(error).toMatchObject(refusal);
    expect(error.message).toContain(`"${name}"`);
    expect(JSON.stringify(error) + error.message).not.toContain('S-3cr3t');
  });

  it.each(names)('is refused with "%s" in the option "authorizeParams", at register()', (name) => {
    const options = { ...optionsOf(), authorizeParams: { [name]: 'S' } };
    expect(() => clientOf(options)).toThrow(expect.objectContaining(refusal));
  });

  it('is refused in a browser as well', async () => {
    const app = await startExpress({
      clients: { corp: optionsOf() },
      params: { client_secret: 'S-3cr3t' },
    });
    try {
      const page = await new Browser().get(`${app.url}/login/corp`);
      expect([page.status, page.location]).toEqual([500, undefined]);
      expect(app.errors).toMatchObject([refusal]);
    } finally {
      await app.close();
    }
  });
});

describe('a request under the names of the provider', () => {
  const paramNames = { client_id: 'app', client_secret: 'app_key', code_verifier: 'proof' };

  it.each(['app', 'app_key', 'proof'])('is refused with "%s"', async (name) => {
    const client = clientOf(plainClient(provider, { paramNames }));
    const request = client.createAuthorizationUrl(redirectUri, { [name]: 'S' });
    expect(await rejection(request)).toMatchObject(refusal);
  });
});

describe('a logout at the provider', () => {
  const register = () =>
    new OAuth({ config: {}, baseUrl: 'https://app.example' }).register(
      'corp',
      openidClient(provider, { endSessionEndpoint: `${provider.base}/end` }),
    ).corp;

  it.each(names)('is refused with "%s"', async (name) => {
    const logout = register().createLogoutUrl('https://app.example/', { [name]: 'S' });
    expect(await rejection(logout)).toMatchObject(refusal);
  });

  it('goes on with what belongs there (RP-Initiated Logout §2)', async () => {
    const params = { id_token_hint: 'a.b.c', logout_hint: 'me', ui_locales: 'de' };
    const { url } = await register().createLogoutUrl('https://app.example/', params);
    expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject(params);
  });
});

describe('an implicit request', () => {
  it('is refused with a client secret, for it is a URL like any other', async () => {
    const { corp } = new OAuth({ config: {} }).register(
      'corp',
      plainClient(provider, { allowLegacyGrants: ['implicit'] }),
    );
    const request = corp.grants.createImplicitUrl(redirectUri, { client_secret: 'S' });
    expect(await rejection(request)).toMatchObject(refusal);
  });
});
