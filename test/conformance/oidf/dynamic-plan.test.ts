import {
  OAuth,
  discoverIssuer,
  registerDynamically,
  type RegisterOptions,
} from '@oauth-registry/core';
import type { ClientMetadata, OAuth2Client } from '@oauth-registry/core/types';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { badSignature, plusOne } from '../../contract/oidf-modules.js';
import { login, redirectUri, rejection } from '../../support/login.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';
import { clientKey } from '../../support/provider/keys.js';

const { privateKey, publicKey } = clientKey();
const signingKey = {
  key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  kid: 'c1',
};
const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'c1' }] };

let p: FakeProvider;
/** What the client publishes, by URL. */
const published = new Map<string, string>();
let host: FakeProvider;
let settings: FakeProvider['settings'];

beforeAll(async () => {
  [p, host] = await Promise.all([startProvider(), startProvider()]);
  settings = structuredClone({ ...p.settings, offers: ['register'] });
});
afterAll(() => Promise.all([p.close(), host.close()]));
beforeEach(() => {
  p.reset();
  p.settings = structuredClone(settings);
  host.reset();
  published.clear();
  host.on('unknown', ({ url }) => {
    const body = published.get(url);
    return body === undefined ? undefined : { body };
  });
});

/** Registers a client, as the plan has it do before every module. */
async function register(
  metadata: ClientMetadata = {},
  more: RegisterOptions = {},
): Promise<OAuth2Client> {
  const { options } = await registerDynamically(
    p.issuer,
    { redirect_uris: [redirectUri], response_types: ['code'], ...metadata },
    { allowPrivateNetworks: true },
  );
  const scope = 'openid email';
  return new OAuth({ config: {} }).register('suite', { ...options, scope, ...more }).suite;
}

const named = (name: string, title: string): string =>
  `[X12] oidcc-client-test-${name}: ${title} (OpenID Foundation, RP dynamic plan)`;

describe('the dynamic plan', () => {
  it.each([
    ['acct', (at: string) => `acct:us.oidcc-client-test-discovery-webfinger-acct@${at}`],
    ['url', (at: string) => `https://${at}/us/oidcc-client-test-discovery-webfinger-url`],
  ] as const)(
    named('discovery-webfinger-%s', 'discovers the issuer, registers there, and logs in'),
    async (_, identifierAt) => {
      const identifier = identifierAt(new URL(p.origin).host);
      const rel = 'http://openid.net/specs/connect/1.0/issuer';
      p.on('unknown', ({ path, query }) =>
        path === '/.well-known/webfinger' &&
        query.get('resource') === identifier &&
        query.get('rel') === rel
          ? { body: { subject: identifier, links: [{ rel, href: p.issuer }] } }
          : undefined,
      );
      const issuer = await discoverIssuer(identifier, {
        allowInsecureRequests: true,
        // The provider of the test has no certificate.
        fetch: (url, init) => fetch(String(url).replace(/^https:/, 'http:'), init),
      });
      expect(issuer).toBe(p.issuer);
      expect((await login(await register())).userinfo?.sub).toBe('user-1');
    },
  );

  it(named('discovery-openid-config', 'reads every endpoint in the metadata'), async () => {
    const metadata = await (await register()).loadServerMetadata();
    expect(metadata).toMatchObject({ issuer: p.issuer, jwks_uri: `${p.base}/jwks` });
  });

  it(
    named('discovery-jwks-uri-keys', 'reads the keys from the jwks_uri of the metadata'),
    async () => {
      p.keys = host.keys;
      p.quirks.metadata = { jwks_uri: `${host.base}/jwks` };
      expect((await login(await register())).userinfo?.sub).toBe('user-1');
      expect([p.count('jwks'), host.count('jwks')]).toEqual([0, 1]);
    },
  );

  it(named('discovery-issuer-mismatch', 'stops before it registers'), async () => {
    p.quirks.metadata = 'issuer-with-suffix';
    expect((await rejection(register())).code).toBe('mismatching_issuer');
    expect(p.count('register')).toBe(0);
  });

  it(named('dynamic-registration', 'registers, logs in, and reads the profile'), async () => {
    const client = await register({ client_name: 'Us' });
    expect(JSON.parse(p.last('register').body)).toEqual({
      application_type: 'native',
      client_name: 'Us',
      redirect_uris: [redirectUri],
      response_types: ['code'],
    });
    const token = await login(client);
    expect((await client.userinfo({ token })).email).toBe('ada@example.com');
    expect(p.last('token').headers['authorization']).toMatch(/^Basic /);
  });

  const publishRequestObject = async (request: string): Promise<string> => {
    const address = `${host.origin}/request/${published.size + 1}`;
    published.set(address, request);
    return address;
  };
  const request_uris = (): string[] => [1, 2].map((number) => `${host.origin}/request/${number}`);

  it(named('request-uri-signed-rs256', 'passes the request by reference, signed'), async () => {
    const client = await register(
      { jwks, request_object_signing_alg: 'RS256', request_uris: request_uris() },
      {
        privateKey: signingKey,
        tokenEndpointAuthMethod: 'client_secret_basic',
        publishRequestObject,
      },
    );
    expect((await login(client)).userinfo?.sub).toBe('user-1');
    expect(published.size).toBe(1);
    const { params } = p.last('authorize');
    expect(Object.fromEntries(params)).toEqual({
      client_id: p.settings.clientId,
      response_type: 'code',
      scope: 'openid email',
      request_uri: `${host.origin}/request/1`,
    });
  });

  it(
    named('request-uri-signed-none', 'passes an unsigned request, by reference only'),
    async () => {
      const metadata = { request_object_signing_alg: 'none', request_uris: request_uris() };
      const client = await register(metadata, { publishRequestObject });
      expect((await login(client)).userinfo?.sub).toBe('user-1');
      expect([...published.values()].map((request) => request.split('.')[2])).toEqual(['']);
      const byValue = register(metadata);
      await expect(byValue).rejects.toThrow(/"requestObjectSigningAlg" is none.*§6\.2/);
    },
  );

  it.each<[string, unknown, RegExp]>([
    ['plain http', 'http://app.example/request/1', /https/],
    ['a person in it', 'https://ada:secret@app.example/request/1', /https/],
    ['more than 512 characters', `https://app.example/${'x'.repeat(500)}`, /512/],
    ['no text', undefined, /512/],
  ])('[X12] an address with %s is not handed over (RFC 9101 §5.2)', async (_, address, message) => {
    const client = await register(
      { jwks, request_object_signing_alg: 'RS256', request_uris: request_uris() },
      { privateKey: signingKey, publishRequestObject: () => address as string },
    );
    await expect(client.createAuthorizationUrl(redirectUri)).rejects.toThrow(message);
  });

  it('[X12] a request by reference is signed by what the metadata lists, and never pushed', async () => {
    const metadata = { jwks, request_uris: request_uris() };
    const options = { privateKey: signingKey, publishRequestObject };
    const basic = { ...options, tokenEndpointAuthMethod: 'client_secret_basic' };
    expect((await login(await register(metadata, basic))).userinfo?.sub).toBe('user-1');
    const twice = register(metadata, { ...options, requirePushedAuthorizationRequests: true });
    await expect(twice).rejects.toThrow(/exclude each other/);
  });

  it(named('idtoken-sig-none', 'rejects an unsigned id_token'), async () => {
    p.quirks.metadata = 'none-alg';
    p.idToken = ({ claims: right, sign }) =>
      `${sign(right, { alg: 'none' }).split('.').slice(0, 2).join('.')}.`;
    expect((await rejection(login(await register()))).code).toBe('invalid_id_token');
  });

  it(named('signing-key-rotation', 'fetches the new keys at the second login'), async () => {
    const client = await register();
    await login(client);
    p.rotateKeys();
    expect((await login(client)).userinfo?.sub).toBe('user-1');
  });

  it(
    named(
      'signing-key-rotation-just-before-signing',
      'refetches keys that changed during the login',
    ),
    async () => {
      const client = await register();
      await login(client);
      p.idToken = ({ claims: right, sign }) => {
        p.rotateKeys();
        const { rsa } = p.keys;
        return sign(right, { alg: 'RS256', kid: rsa.kid }, rsa);
      };
      expect((await login(client)).userinfo?.sub).toBe('user-1');
    },
  );

  it(named('userinfo-signed', 'verifies the user info, and rejects an unsigned one'), async () => {
    const client = await register({ userinfo_signed_response_alg: 'RS256' });
    const token = await login(client);
    expect((await client.userinfo({ token })).email).toBe('ada@example.com');
    p.on('userinfo', () => ({ body: p.settings.user }));
    expect((await rejection(client.userinfo({ token }))).code).toBe('invalid_userinfo');
  });

  it('[X12] what the provider answers by itself pins nothing (RFC 7591 §3.2.1)', async () => {
    p.once('register', () => ({
      status: 201,
      body: {
        client_id: p.settings.clientId,
        client_secret: p.settings.clientSecret,
        userinfo_signed_response_alg: 'ES256',
        request_object_signing_alg: null,
      },
    }));
    const client = await register({ request_object_signing_alg: 'RS256', jwks });
    const token = await login(client);
    expect((await client.userinfo({ token })).email).toBe('ada@example.com');
  });

  it('[X12] a dynamic client is as strict as any: signature and audience', async () => {
    const client = await register();
    for (const hook of [badSignature, plusOne('aud')]) {
      p.idToken = hook;
      expect((await rejection(login(client))).code).toBe('invalid_id_token');
    }
  });
});
