import { createHash } from 'node:crypto';
import { OAuth, registerDynamically, type RegisterOptions } from '@oauth-registry/core';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { logIn } from '../../../conformance/oidf/flows.js';
import {
  startProvider,
  type FakeProvider,
  type IdTokenHook,
} from '../../../support/provider/index.js';
import { login, redirectUri, rejection } from '../../../support/login.js';
import { skipPauses } from '../../../support/pauses.js';
import { clientKey } from '../../../support/provider/keys.js';

const { privateKey, publicKey } = clientKey();
const key = { key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), kid: 'c1' };
const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'c1' }] };

let p: FakeProvider;
let settings: FakeProvider['settings'];

beforeAll(async () => {
  p = await startProvider();
  settings = structuredClone({ ...p.settings, offers: ['register', 'par', 'backchannel'], jwks });
});
afterAll(() => p.close());
beforeEach(() => {
  p.settings = structuredClone(settings);
});
afterEach(() => p.reset());

function register(more: RegisterOptions = {}) {
  const { clientId, clientSecret } = p.settings;
  const options = { clientId, clientSecret, issuer: p.issuer, scope: 'openid email' };
  return new OAuth({ config: {} }).register('corp', { ...options, ...more }).corp;
}

const signing = {
  requestObjectSigningAlg: 'RS256',
  privateKey: key,
  tokenEndpointAuthMethod: 'client_secret_basic',
};
const claimsOf = (url: string) => decodeJwt(new URL(url).searchParams.get('request') ?? '');

describe('a request object of an OpenID Connect login', () => {
  it.each([
    ['RS256', signing],
    ['HS256', { requestObjectSigningAlg: 'HS256' }],
  ])(
    'has response_type and scope beside it, equal to those inside, and nothing else (Core §6.1): %s',
    async (_, more) => {
      const client = register(more);
      const { url } = await client.createAuthorizationUrl(redirectUri, { max_age: 60 });
      const { request: _request, ...beside } = Object.fromEntries(new URL(url).searchParams);
      const { response_type, scope, client_id } = claimsOf(url);
      expect(beside).toEqual({
        response_type: 'code',
        scope: 'openid email',
        client_id: p.settings.clientId,
      });
      expect({ response_type, scope, client_id }).toEqual(beside);
      expect((await login(client)).userinfo?.sub).toBe('user-1');
    },
  );

  it('has the response type of a hybrid login beside it (Core §6.1)', async () => {
    const client = register({
      ...signing,
      responseType: 'code id_token',
      responseMode: 'fragment',
    });
    const { url } = await client.createAuthorizationUrl(redirectUri);
    const { searchParams } = new URL(url);
    expect([...searchParams.keys()].toSorted()).toEqual([
      'client_id',
      'request',
      'response_type',
      'scope',
    ]);
    expect(searchParams.get('response_type')).toBe('code id_token');
  });

  it('stands alone with the client id when the scope has no openid (RFC 9101 §5)', async () => {
    const client = register({ ...signing, scope: 'email' });
    const { url } = await client.createAuthorizationUrl(redirectUri);
    expect([...new URL(url).searchParams.keys()].toSorted()).toEqual(['client_id', 'request']);
    expect(await login(client)).not.toHaveProperty('id_token');
  });

  it('is sent by itself when the metadata requires one, with the same parameters (RFC 9101 §10.5)', async () => {
    p.quirks.metadata = { require_signed_request_object: true };
    const client = register({ privateKey: key, tokenEndpointAuthMethod: 'client_secret_basic' });
    expect((await login(client)).userinfo?.sub).toBe('user-1');
    expect(p.last('authorize').params.get('scope')).toBe('openid email');
  });

  it('is pushed with nothing but the client id beside it (RFC 9126 §3)', async () => {
    p.settings.pushedOnly = true;
    const client = register({ ...signing, requirePushedAuthorizationRequests: true });
    expect((await login(client)).userinfo?.sub).toBe('user-1');
    expect([...p.last('par').form.keys()].toSorted()).toEqual(['client_id', 'request']);
    expect([...p.last('authorize').params.keys()].toSorted()).toEqual(['client_id', 'request_uri']);
  });
});

describe('an unsigned request object', () => {
  const none = {
    requestObjectSigningAlg: 'none',
    publishRequestObject: () => 'https://app.example/request/1',
  };

  it('is refused by register() unless it is handed over by reference (Core §6.2)', () => {
    expect(() => register({ requestObjectSigningAlg: 'none' })).toThrow(/"publishRequestObject"/);
    expect(() => register({ ...none, requirePushedAuthorizationRequests: true })).toThrow(
      /exclude each other/,
    );
  });

  it.each([
    ['pushed', { require_pushed_authorization_requests: true }],
    ['signed', { require_signed_request_object: true }],
  ])('is refused when the metadata asks for %s requests', async (_, metadata) => {
    p.quirks.metadata = metadata;
    const error = await rejection(register(none).createAuthorizationUrl(redirectUri));
    expect(error).toMatchObject({ code: 'invalid_options', client: 'corp' });
    expect(p.count('par')).toBe(0);
  });

  it('is passed by an https URL only (Core §6.2)', async () => {
    const elsewhere = { ...none, publishRequestObject: () => 'http://app.example/request/1' };
    const error = await rejection(register(elsewhere).createAuthorizationUrl(redirectUri));
    expect(error.message).toMatch(/https/);
  });
});

describe('a registration with the algorithm none', () => {
  const answered = async (body: object, asked: object = {}) => {
    p.once('register', async (_request, respond) => {
      const made = await respond();
      return { ...made, body: { ...(made.body as object), ...body } };
    });
    const metadata = { redirect_uris: [redirectUri], jwks, ...asked };
    const { options } = await registerDynamically(p.issuer, metadata, {
      allowPrivateNetworks: true,
    });
    return new OAuth({ config: {} }).register('corp', { ...options, privateKey: key });
  };

  it.each([
    ['id_token_signed_response_alg', {}],
    ['userinfo_signed_response_alg', { userinfo_signed_response_alg: 'none' }],
    ['authorization_signed_response_alg', { authorization_signed_response_alg: 'none' }],
    ['introspection_signed_response_alg', { introspection_signed_response_alg: 'none' }],
  ])(
    'is explained in the words of the registration: %s (RFC 7591 §3.2.1)',
    async (field, asked) => {
      const error = await rejection(answered({ [field]: 'none' }, asked));
      expect(error).toMatchObject({ code: 'invalid_options' });
      expect(error.message).toMatch(/unsigned/);
      expect(error.message).toContain(`"${field}": "RS256"`);
    },
  );

  it.each(['userinfo_signed_response_alg', 'request_object_signing_alg'])(
    'is refused when another algorithm was asked for: %s (RFC 7591 §3.2.1)',
    async (field) => {
      const error = await rejection(answered({ [field]: 'none' }, { [field]: 'RS256' }));
      expect(error).toMatchObject({ code: 'invalid_response', phase: 'registration' });
      expect(error.message).toContain(`"${field}": "none"`);
    },
  );
});

describe('a signed backchannel authentication request (CIBA Core §7.1.1)', () => {
  const alg = { backchannelAuthenticationRequestSigningAlg: 'RS256' };
  const client = (more: RegisterOptions = {}) =>
    register({ privateKey: key, tokenEndpointAuthMethod: 'client_secret_basic', ...more });
  beforeEach(() => void skipPauses());

  it.each(['RS256', 'PS256'])(
    'has every parameter in the JWT, and none beside it: %s',
    async (name) => {
      p.settings.backchannelSigningAlg = name;
      const options = { backchannelAuthenticationRequestSigningAlg: name };
      const token = await client(options).grants.backchannelToken({
        login_hint: 'ada',
        binding_message: 'W4SCT',
        requested_expiry: 60,
      });
      expect(token.userinfo?.sub).toBe('user-1');
      const { form } = p.last('backchannel');
      expect([...form.keys()]).toEqual(['request']);
      const jwt = form.get('request') ?? '';
      expect(decodeProtectedHeader(jwt)).toMatchObject({ alg: name, kid: 'c1' });
      const { exp, iat, nbf, jti, ...claims } = decodeJwt(jwt);
      expect(claims).toEqual({
        iss: p.settings.clientId,
        aud: p.issuer,
        login_hint: 'ada',
        binding_message: 'W4SCT',
        requested_expiry: '60',
        scope: 'openid email',
      });
      expect(Number(exp) - Number(nbf)).toBeGreaterThan(0);
      expect([iat, jti]).toEqual([nbf, expect.any(String)]);
    },
  );

  it('stands beside the client assertion alone when the client proves itself with a key', async () => {
    p.settings.tokenEndpointAuthMethod = 'private_key_jwt';
    p.settings.backchannelSigningAlg = 'RS256';
    const bank = register({ ...alg, privateKey: key, clientSecret: undefined });
    const token = await bank.grants.backchannelToken({ login_hint: 'ada' });
    expect(token.userinfo?.sub).toBe('user-1');
    expect([...p.last('backchannel').form.keys()].toSorted()).toEqual([
      'client_assertion',
      'client_assertion_type',
      'client_id',
      'request',
    ]);
  });

  it('has a jti of its own each time', async () => {
    p.settings.backchannelSigningAlg = 'RS256';
    const bank = client(alg);
    await bank.grants.startBackchannelAuthentication({ login_hint: 'ada' });
    await bank.grants.startBackchannelAuthentication({ login_hint: 'ada' });
    const ids = p.requests
      .filter(({ endpoint }) => endpoint === 'backchannel')
      .map(({ form }) => decodeJwt(form.get('request') ?? '').jti);
    expect(new Set(ids).size).toBe(2);
  });

  it('is not made for a client without a registered algorithm (CIBA Core §4)', async () => {
    const token = await client().grants.backchannelToken({ login_hint: 'ada' });
    expect(token.userinfo?.sub).toBe('user-1');
    expect(p.last('backchannel').form.has('request')).toBe(false);
  });

  it('is made by itself when the provider registered an algorithm (CIBA Core §4)', async () => {
    const metadata = {
      grant_types: ['urn:openid:params:grant-type:ciba'],
      response_types: [],
      jwks,
      backchannel_authentication_request_signing_alg: 'PS256',
    };
    const { options } = await registerDynamically(p.issuer, metadata, {
      allowPrivateNetworks: true,
    });
    expect(options.backchannelAuthenticationRequestSigningAlg).toBe('PS256');
    const { corp } = new OAuth({ config: {} }).register('corp', {
      ...options,
      scope: 'openid',
      privateKey: key,
    });
    expect((await corp.grants.backchannelToken({ login_hint: 'ada' })).userinfo?.sub).toBe(
      'user-1',
    );
  });

  it.each([
    ['a symmetric algorithm', { backchannelAuthenticationRequestSigningAlg: 'HS256' }],
    ['none', { backchannelAuthenticationRequestSigningAlg: 'none' }],
    ['no key', { ...alg, privateKey: undefined }],
  ])('is refused by register() with %s', (_, more) => {
    expect(() => client(more)).toThrow(/"backchannelAuthenticationRequestSigningAlg"/);
  });
});

describe('a client assertion with members of its own', () => {
  const thumbprint = 'A'.repeat(43);
  const more = {
    clientAssertionHeader: { 'x5t#S256': thumbprint, typ: 'JWT' },
    clientAssertionClaims: { nbf: 1, purpose: 'payments' },
  };
  const sent = (): string => p.last('token').form.get('client_assertion') ?? '';

  it.each([
    ['private_key_jwt', { privateKey: key, clientSecret: undefined }],
    ['client_secret_jwt', {}],
  ] as const)(
    'carries them beside those of the library: %s (RFC 7515 §4.1)',
    async (method, own) => {
      p.settings.tokenEndpointAuthMethod = method;
      const options = { ...own, ...more, tokenEndpointAuthMethod: method };
      expect((await login(register(options))).userinfo?.sub).toBe('user-1');
      expect(decodeProtectedHeader(sent())).toMatchObject({ 'x5t#S256': thumbprint, typ: 'JWT' });
      expect(decodeJwt(sent())).toMatchObject({
        nbf: 1,
        purpose: 'payments',
        iss: p.settings.clientId,
        aud: p.issuer,
      });
    },
  );

  it.each(['PKCS #1', 'PKCS #8'])('is signed with a %s key', async (format) => {
    p.settings.tokenEndpointAuthMethod = 'private_key_jwt';
    const type = format === 'PKCS #1' ? 'pkcs1' : 'pkcs8';
    const text = privateKey.export({ format: 'pem', type }).toString();
    const client = register({ privateKey: { key: text, kid: 'c1' }, clientSecret: undefined });
    expect((await login(client)).userinfo?.sub).toBe('user-1');
  });

  it.each<[string, RegisterOptions]>([
    ['alg', { clientAssertionHeader: { alg: 'none' } }],
    ['kid', { clientAssertionHeader: { kid: 'other' } }],
    ['crit', { clientAssertionHeader: { crit: ['b64'], b64: false } }],
    ['aud', { clientAssertionClaims: { aud: 'https://evil.example' } }],
    ['sub', { clientAssertionClaims: { sub: 'other' } }],
    ['exp', { clientAssertionClaims: { exp: 9e9 } }],
    ['x5t', { clientAssertionHeader: { x5t: undefined } }],
  ])('leaves the library\'s own "%s" alone (RFC 7523 §3)', (name, options) => {
    const signed = { privateKey: key, tokenEndpointAuthMethod: 'private_key_jwt' };
    expect(() => register({ ...signed, ...options })).toThrow(`"${name}"`);
  });

  it('is refused by register() for a client without assertions', () => {
    expect(() => register(more)).toThrow(
      /"clientAssertionHeader" applies only to client_secret_jwt/,
    );
  });
});

describe('a token that is bound to a key', () => {
  const bound = async (more: RegisterOptions = {}) => {
    p.settings.dpop = true;
    p.settings.dpopNonce = 'n-1';
    const client = register({ dpop: true, ...more });
    return { client, token: await login(client) };
  };

  it('is revoked with a proof of the key, refresh token and access token (RFC 9449 §4)', async () => {
    const { client, token } = await bound();
    await client.revokeToken(token);
    const seen = p.requests.filter(({ endpoint }) => endpoint === 'revoke');
    expect(seen.every(({ headers }) => headers['dpop'] !== undefined)).toBe(true);
    expect(p.accessTokens.has(token.access_token)).toBe(false);
    expect(p.refreshTokens.has(token.refresh_token ?? '')).toBe(false);
  });

  it('is introspected with a proof of the key, which the provider confirms (RFC 9449 §6.2)', async () => {
    const { client, token } = await bound();
    const { active, cnf } = await client.introspectToken(token);
    expect([active, cnf]).toEqual([true, { jkt: expect.any(String) as string }]);
  });

  it('is named by its text with the one key of the client', async () => {
    const { client, token } = await bound({ dpopKey: key });
    expect((await client.introspectToken(token.access_token)).active).toBe(true);
    await client.revokeToken(token.access_token);
    expect(p.accessTokens.has(token.access_token)).toBe(false);
  });

  it('is revoked without a proof when its key was not stored and none is demanded', async () => {
    const { client, token } = await bound();
    p.settings.dpop = false;
    p.on('revoke', () => ({}));
    const { dpop_key: _, ...rest } = token;
    await client.revokeToken(rest as typeof token);
    expect(p.last('revoke').headers['dpop']).toBeUndefined();
  });

  it('needs no proof when it is a bearer token', async () => {
    const client = register();
    await client.revokeToken(await login(client));
    expect(p.last('revoke').headers['dpop']).toBeUndefined();
  });
});

describe('PKCE in the device flow', () => {
  const pending = {
    device_code: 'd',
    user_code: 'u',
    verification_uri: 'https://p.example/d',
    expires_in: 60,
    interval: 1,
  };
  const device = (more: RegisterOptions = {}) => {
    p.on('api', () => ({ body: pending }));
    p.on('token', () => ({ body: { access_token: 'at', token_type: 'Bearer' } }));
    return register({
      deviceAuthorizationEndpoint: `${p.base}/api/device`,
      scope: 'email',
      ...more,
    });
  };
  const challengeOf = (verifier: string) =>
    createHash('sha256').update(verifier).digest('base64url');

  it.each<[string, RegisterOptions, object]>([
    ['the metadata lists S256', {}, {}],
    [
      'codeChallengeMethod',
      { codeChallengeMethod: 'S256' },
      { code_challenge_methods_supported: undefined },
    ],
    ['pkce', { pkce: 'S256' }, { code_challenge_methods_supported: undefined }],
  ])(
    'sends a challenge first and its verifier with the poll: %s (RFC 7636 §4.5)',
    async (_, more, metadata) => {
      p.quirks.metadata = metadata as Record<string, unknown>;
      const client = device(more);
      const started = await client.grants.startDeviceAuthorization();
      const { form } = p.last('api');
      expect(form.get('code_challenge_method')).toBe('S256');
      expect(form.get('code_challenge')).toBe(challengeOf(started.code_verifier ?? ''));
      const stored = JSON.parse(JSON.stringify(started)) as typeof started;
      await client.grants.pollDeviceAuthorization(stored);
      expect(p.last('token').form.get('code_verifier')).toBe(started.code_verifier);
    },
  );

  it('goes through deviceToken() as well', async () => {
    const client = device();
    skipPauses();
    await client.grants.deviceToken(() => undefined);
    const verifier = p.last('token').form.get('code_verifier') ?? '';
    expect(p.last('api').form.get('code_challenge')).toBe(challengeOf(verifier));
  });

  it.each<[string, RegisterOptions, object]>([
    ['pkce is off', { pkce: 'off' }, {}],
    ['the metadata has none', {}, { code_challenge_methods_supported: undefined }],
    ['the metadata has plain alone', {}, { code_challenge_methods_supported: ['plain'] }],
  ])('is left out when %s', async (_, more, metadata) => {
    p.quirks.metadata = metadata as Record<string, unknown>;
    const client = device(more);
    await client.grants.pollDeviceAuthorization(await client.grants.startDeviceAuthorization());
    expect(p.last('api').form.has('code_challenge')).toBe(false);
    expect(p.last('token').form.has('code_verifier')).toBe(false);
  });

  it('leaves a challenge of the call as it is', async () => {
    const client = device();
    const started = await client.grants.startDeviceAuthorization({ code_challenge: 'mine' });
    expect(p.last('api').form.get('code_challenge')).toBe('mine');
    expect(started.code_verifier).toBeUndefined();
    await client.grants.pollDeviceAuthorization({ ...started, code_verifier: 'own' });
    expect(p.last('token').form.get('code_verifier')).toBe('own');
  });
});

describe('a detached signature (FAPI 1.0 Advanced §5.2.2.1)', () => {
  const hybrid = { responseType: 'code id_token', responseMode: 'fragment' } as const;
  const strict = { ...hybrid, enableDetachedSignatureResponseChecks: true };
  const change =
    (changes: object): IdTokenHook =>
    ({ claims, sign, grantType }) =>
      grantType === 'implicit' ? sign({ ...claims, ...changes }) : sign();

  it('accepts a callback whose id_token has the hashes of code and state', async () => {
    expect((await logIn(register(strict))).userinfo?.sub).toBe('user-1');
  });

  it.each<[string, object]>([
    ['no s_hash', { s_hash: undefined }],
    ['null as s_hash', { s_hash: null }],
    ['another s_hash', { s_hash: 'A'.repeat(22) }],
    ['no c_hash', { c_hash: undefined }],
    ['another c_hash', { c_hash: 'A'.repeat(22) }],
  ])('refuses a callback whose id_token has %s, and sends the code nowhere', async (_, changes) => {
    p.idToken = change(changes);
    expect(await rejection(logIn(register(strict)))).toMatchObject({ code: 'invalid_id_token' });
    expect(p.count('token')).toBe(0);
  });

  it('accepts a missing s_hash without the option, and never a wrong one (Core §3.3.2.11)', async () => {
    p.idToken = change({ s_hash: undefined });
    expect((await logIn(register(hybrid))).userinfo?.sub).toBe('user-1');
    p.idToken = change({ s_hash: 'A'.repeat(22) });
    expect(await rejection(logIn(register(hybrid)))).toMatchObject({ code: 'invalid_id_token' });
  });

  it('demands that parseIdToken() is given code and state', async () => {
    const client = register(strict);
    const token = await logIn(client);
    for (const authorizationResponse of [{}, { code: 'c' }]) {
      const error = await rejection(client.parseIdToken(token, { authorizationResponse }));
      expect(error).toMatchObject({ code: 'invalid_id_token' });
    }
  });

  it.each([undefined, 'code', 'code token', 'id_token'] as const)(
    'is refused by register() with the response type %s',
    (responseType) => {
      const options = { enableDetachedSignatureResponseChecks: true, responseType };
      expect(() => register(options)).toThrow(/"enableDetachedSignatureResponseChecks"/);
    },
  );
});
