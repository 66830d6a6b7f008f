import { generateKeyPairSync } from 'node:crypto';
import { OAuth, registerDynamically, type RegisterOptions } from '@oauth-registry/core';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startProvider, type FakeProvider } from '../provider/index.js';
import { login, redirectUri, rejection } from './script.js';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
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
      /two ways/,
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

  it('is handed over at an https address only (Core §6.2)', async () => {
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
    const { options } = await registerDynamically(p.issuer, metadata);
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

  it.each(['RS256', 'PS256'])(
    'has every parameter in the JWT, and none beside it: %s',
    async (name) => {
      p.settings.backchannelSigningAlg = name;
      const options = { backchannelAuthenticationRequestSigningAlg: name };
      const token = await client(options).backchannelToken({
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
    const token = await bank.backchannelToken({ login_hint: 'ada' });
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
    await bank.startBackchannelAuthentication({ login_hint: 'ada' });
    await bank.startBackchannelAuthentication({ login_hint: 'ada' });
    const ids = p.requests
      .filter(({ endpoint }) => endpoint === 'backchannel')
      .map(({ form }) => decodeJwt(form.get('request') ?? '').jti);
    expect(new Set(ids).size).toBe(2);
  });

  it('is not made for a client without a registered algorithm (CIBA Core §4)', async () => {
    const token = await client().backchannelToken({ login_hint: 'ada' });
    expect(token.userinfo?.sub).toBe('user-1');
    expect(p.last('backchannel').form.has('request')).toBe(false);
  });

  it('is made by itself when the provider registered an algorithm (CIBA Core §4)', async () => {
    const { options } = await registerDynamically(p.issuer, {
      grant_types: ['urn:openid:params:grant-type:ciba'],
      response_types: [],
      jwks,
      backchannel_authentication_request_signing_alg: 'PS256',
    });
    expect(options.backchannelAuthenticationRequestSigningAlg).toBe('PS256');
    const { corp } = new OAuth({ config: {} }).register('corp', {
      ...options,
      scope: 'openid',
      privateKey: key,
    });
    expect((await corp.backchannelToken({ login_hint: 'ada' })).userinfo?.sub).toBe('user-1');
  });

  it.each([
    ['a symmetric algorithm', { backchannelAuthenticationRequestSigningAlg: 'HS256' }],
    ['none', { backchannelAuthenticationRequestSigningAlg: 'none' }],
    ['no key', { ...alg, privateKey: undefined }],
  ])('is refused by register() with %s', (_, more) => {
    expect(() => client(more)).toThrow(/"backchannelAuthenticationRequestSigningAlg"/);
  });
});
