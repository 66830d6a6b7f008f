import {
  OAuth,
  registerDynamically,
  type OAuthError,
  type RegisterOptions,
} from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { plainClient } from '../../../support/apps/express.js';
import {
  startProvider,
  type ProviderResponse,
  type FakeProvider,
} from '../../../support/provider/index.js';
import { login, rejection } from '../../../support/login.js';
import { clientKey } from '../../../support/provider/keys.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider({ openid: false });
});
afterAll(() => provider.close());
afterEach(() => provider.reset());

const token = {
  access_token: 'an-access-token',
  refresh_token: 'a-refresh-token',
  token_type: 'Bearer',
};

function client(more: RegisterOptions = {}) {
  const { base } = provider;
  return new OAuth({ config: {} }).register(
    'plain',
    plainClient(provider, {
      revocationEndpoint: `${base}/revoke`,
      introspectionEndpoint: `${base}/introspect`,
      deviceAuthorizationEndpoint: `${base}/api/device`,
      backchannelAuthenticationEndpoint: `${base}/api/ciba`,
      pushedAuthorizationRequestEndpoint: `${base}/api/par`,
      ...more,
    }),
  ).plain;
}

type Client = ReturnType<typeof client>;

/** Every endpoint that knows the client, and what asks it. */
const endpoints: [name: string, ask: (client: Client) => Promise<unknown>][] = [
  ['token endpoint', (plain) => plain.refreshToken(token)],
  ['token endpoint', (plain) => plain.clientCredentialsToken()],
  ['revocation endpoint', (plain) => plain.revokeToken(token)],
  ['introspection endpoint', (plain) => plain.introspectToken(token)],
  ['device authorization endpoint', (plain) => plain.grants.startDeviceAuthorization()],
  [
    'backchannel authentication endpoint',
    (plain) => plain.grants.startBackchannelAuthentication({ login_hint: 'a' }),
  ],
  [
    'pushed authorization request endpoint',
    async () =>
      client({ requirePushedAuthorizationRequests: true }).createAuthorizationUrl(
        'https://a.example/',
      ),
  ],
];

/** Lets every endpoint answer the same. */
function answering(answer: ProviderResponse): void {
  for (const endpoint of ['token', 'revoke', 'introspect', 'api'] as const) {
    provider.on(endpoint, () => answer);
  }
}

const challenge = (text: string): Record<string, string> => ({ 'www-authenticate': text });

describe.each(endpoints)('the error response of the %s', (name, ask) => {
  const refusal = async (): Promise<OAuthError> => (await rejection(ask(client()))) as OAuthError;

  it.each<[what: string, answer: ProviderResponse]>([
    ['a code of its own', { status: 401, body: { error: 'unauthorized' } }],
    ['a sentence', { status: 401, body: { message: 'Bad credentials' } }],
    ['HTML', { status: 401, headers: { 'content-type': 'text/html' }, body: '<h1>No</h1>' }],
    ['nothing', { status: 401 }],
    ['a plain challenge', { status: 401, headers: challenge('Basic realm="clients"') }],
    [
      'invalid_client in the challenge',
      { status: 401, headers: challenge('Basic realm="c", error="invalid_client"') },
    ],
    ['invalid_client', { status: 401, body: { error: 'invalid_client' } }],
    ['invalid_client and another status', { status: 400, body: { error: 'invalid_client' } }],
  ])(
    'means the client at a 401 with %s, and names what to check (RFC 6749 §5.2)',
    async (_, answer) => {
      answering(answer);
      const error = await refusal();
      expect(error).toMatchObject({ code: 'invalid_client', providerStatus: answer.status });
      expect(error.message).toContain(name);
      for (const option of ['clientId', 'clientSecret']) expect(error.message).toContain(option);
    },
  );

  it('is read from the body first, then from the challenge', async () => {
    const headers = challenge('Bearer error="invalid_scope", error_description="from the header"');
    answering({ status: 400, headers, body: { error: 'unauthorized_client' } });
    expect(await refusal()).toMatchObject({
      code: 'unauthorized_client',
      error: 'unauthorized_client',
    });
    answering({ status: 400, headers, body: { error: 'Bad Request', status: 400 } });
    expect(await refusal()).toMatchObject({ code: 'invalid_scope', error: 'Bad Request' });
    answering({ status: 400, headers, body: '<h1>No</h1>' });
    expect(await refusal()).toMatchObject({
      code: 'invalid_scope',
      error: 'invalid_scope',
      error_description: 'from the header',
    });
  });

  it('says that the provider is in trouble if it says so itself, with its words', async () => {
    for (const error of ['temporarily_unavailable', 'server_error', 'oops']) {
      answering({ status: 503, headers: { 'retry-after': '3' }, body: { error } });
      expect(await refusal()).toMatchObject({ code: 'provider_unavailable', retryAfter: 3, error });
    }
  });

  it('shows no secret that was sent, whatever the provider quotes', async () => {
    const { clientSecret } = provider.settings;
    const quoted = [clientSecret, token.refresh_token, token.access_token];
    const text = `You sent ${quoted.join(' and ')}, ${encodeURIComponent(clientSecret)}.`;
    const sent: RegisterOptions = { tokenEndpointAuthMethod: 'client_secret_post' };
    answering({ status: 400, body: { error: 'invalid_request', error_description: text } });
    const error = (await rejection(ask(client(sent)))) as OAuthError;
    const asked = provider.requests.at(-1)?.form;
    for (const secret of quoted.filter((one) => [...(asked?.values() ?? [])].includes(one))) {
      expect(error.error_description).not.toContain(secret);
      expect(error.error_description).not.toContain(encodeURIComponent(secret));
    }
    expect(error.error_description).toContain('You sent');
  });
});

describe('what a refused client is told to check', () => {
  const privateKey = clientKey().privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  beforeEach(() => answering({ status: 401, body: { error: 'invalid_client' } }));

  it.each<[method: string, options: RegisterOptions, names: string[], not: RegExp]>([
    [
      'private_key_jwt',
      { clientSecret: undefined, privateKey },
      ['privateKey', 'tokenEndpointAuthSigningAlg'],
      /clientSecret|client_secret/,
    ],
    [
      'client_secret_jwt',
      {},
      ['clientSecret', 'tokenEndpointAuthSigningAlg'],
      /client_secret_(basic|post)/,
    ],
    ['client_secret_post', {}, ['clientSecret', 'tokenEndpointAuthMethod'], /privateKey/],
    [
      'none',
      { clientSecret: undefined },
      ['clientId', 'clientSecret'],
      /client_secret_(basic|post)|privateKey/,
    ],
    [
      'tls_client_auth',
      { clientSecret: undefined },
      ['clientId', 'certificate'],
      /clientSecret|privateKey/,
    ],
    [
      'mine',
      { clientAuthMethods: { mine: () => undefined } },
      ['clientAuthMethods', 'mine'],
      /clientSecret|privateKey/,
    ],
  ])('follows its method: %s', async (tokenEndpointAuthMethod, options, names, not) => {
    const { message } = await rejection(
      client({ tokenEndpointAuthMethod, ...options }).refreshToken(token),
    );
    for (const name of names) expect(message).toContain(name);
    expect(message).not.toMatch(not);
  });
});

describe('the status for the browser', () => {
  it('is 401 if a login is over, and 502 if the provider or the configuration is wrong', async () => {
    const statusOf = async (answer: ProviderResponse): Promise<unknown> => {
      answering(answer);
      const { status, statusCode } = (await rejection(client().refreshToken(token))) as OAuthError;
      expect(statusCode).toBe(status);
      return status;
    };
    expect(await statusOf({ status: 400, body: { error: 'invalid_grant' } })).toBe(401);
    expect(await statusOf({ status: 401, body: { error: 'invalid_token' } })).toBe(401);
    expect(await statusOf({ status: 401, body: { error: 'invalid_client' } })).toBe(502);
    expect(await statusOf({ status: 503 })).toBe(502);
    const expired = { ...token, expires_at: 1 };
    expect(await rejection(client().get('me', { token: expired }))).toMatchObject({ status: 401 });
  });

  it('tells of a refresh token that it is one', async () => {
    answering({ status: 400, body: { error: 'invalid_grant' } });
    expect((await rejection(client().refreshToken(token))).message).toContain('The refresh token');
    expect((await rejection(login(client()))).message).toContain('The code was used before');
  });
});

describe('the error response of a registration (RFC 7591 §3)', () => {
  const register = async (
    answer: ProviderResponse,
    initialAccessToken?: string,
  ): Promise<OAuthError> => {
    provider.quirks.metadata = { registration_endpoint: `${provider.base}/api/register` };
    provider.on('api', () => answer);
    return (await rejection(
      registerDynamically(provider.issuer, {}, { initialAccessToken, allowPrivateNetworks: true }),
    )) as OAuthError;
  };

  it.each<[what: string, answer: ProviderResponse]>([
    [
      'the challenge',
      {
        status: 401,
        headers: challenge('Bearer error="invalid_token", error_description="expired"'),
      },
    ],
    ['the status', { status: 401 }],
    ['the body', { status: 401, body: { error: 'invalid_token' } }],
  ])('names "initialAccessToken" by %s', async (_, answer) => {
    const error = await register(answer, 'a-secret-token');
    expect(error).toMatchObject({ code: 'invalid_token', phase: 'registration' });
    expect(error.message).toContain('rejected the "initialAccessToken"');
    expect((await register(answer)).message).toContain('Set "initialAccessToken"');
  });

  it('has the words of the challenge, without the token that they quote', async () => {
    const text = 'Bearer error="invalid_token", error_description="no a-secret-token here"';
    const error = await register({ status: 401, headers: challenge(text) }, 'a-secret-token');
    expect([error.error, error.error_description]).toEqual(['invalid_token', 'no […] here']);
  });
});

describe('the error response of the userinfo endpoint', () => {
  it('has the words of the body, else of the challenge, without the token', async () => {
    const text = `Bearer error="invalid_token", error_description="not ${token.access_token}"`;
    provider.on('userinfo', () => ({ status: 401, headers: challenge(text) }));
    expect(await rejection(client().userinfo({ token }))).toMatchObject({
      code: 'invalid_token',
      error: 'invalid_token',
      error_description: 'not […]',
    });
    const body = { error: 'expired', error_description: `${token.access_token} is over` };
    provider.on('userinfo', () => ({ status: 401, headers: challenge(text), body }));
    expect(await rejection(client().userinfo({ token }))).toMatchObject({
      code: 'invalid_token',
      error: 'expired',
      error_description: '[…] is over',
    });
  });
});
