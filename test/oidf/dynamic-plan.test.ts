import { generateKeyPairSync } from 'node:crypto';
import {
  OAuth,
  discoverIssuer,
  registerDynamically,
  type ClientMetadata,
  type OAuth2Client,
  type RegisterOptions,
} from '@oauth-registry/core';
import { importJWK, jwtVerify, type JWK } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { badSignature, plusOne } from '../contract/oidf-modules.js';
import { login, redirectUri, rejection } from '../core/script.js';
import { rsaKey, signJws, startProvider, type FakeProvider } from '../provider/index.js';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const clientKey = {
  key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  kid: 'c1',
};
const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'c1' }] };

let p: FakeProvider;
let registered: ClientMetadata[];
/** What the client publishes, by address. */
const published = new Map<string, string>();
let host: FakeProvider;

beforeAll(async () => {
  [p, host] = await Promise.all([startProvider(), startProvider()]);
});
afterAll(() => Promise.all([p.close(), host.close()]));
beforeEach(() => {
  p.reset();
  host.reset();
  registered = [];
  published.clear();
  p.quirks.metadata = { registration_endpoint: `${p.base}/api/register` };
  p.on('api', ({ path, body }) => {
    if (!path.endsWith('/api/register')) return undefined;
    const asked = JSON.parse(body) as ClientMetadata;
    registered.push(asked);
    const { clientId: client_id, clientSecret: client_secret } = p.settings;
    return { status: 201, body: { ...asked, client_id, client_secret } };
  });
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
  const { options } = await registerDynamically(p.issuer, {
    redirect_uris: [redirectUri],
    response_types: ['code'],
    ...metadata,
  });
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
    named('discovery-webfinger-%s', 'finds the issuer, registers there, and logs in'),
    async (_, identifierAt) => {
      const identifier = identifierAt(new URL(p.origin).host);
      const rel = 'http://openid.net/specs/connect/1.0/issuer';
      p.on('unknown', ({ path, query }) =>
        path === '/.well-known/webfinger' && query.get('resource') === identifier
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

  it(named('discovery-openid-config', 'reads every address in the metadata'), async () => {
    const metadata = await (await register()).loadServerMetadata();
    expect(metadata).toMatchObject({ issuer: p.issuer, jwks_uri: `${p.base}/jwks` });
  });

  it(
    named('discovery-jwks-uri-keys', 'reads the keys where the metadata says they are'),
    async () => {
      p.keys = host.keys;
      const registration_endpoint = `${p.base}/api/register`;
      p.quirks.metadata = { registration_endpoint, jwks_uri: `${host.base}/jwks` };
      expect((await login(await register())).userinfo?.sub).toBe('user-1');
      expect([p.count('jwks'), host.count('jwks')]).toEqual([0, 1]);
    },
  );

  it(named('discovery-issuer-mismatch', 'stops before it registers'), async () => {
    p.quirks.metadata = 'issuer-with-suffix';
    expect((await rejection(register())).code).toBe('mismatching_issuer');
    expect(registered).toEqual([]);
  });

  it(named('dynamic-registration', 'registers, logs in, and reads the profile'), async () => {
    const client = await register({ client_name: 'Us' });
    expect(registered).toEqual([
      { client_name: 'Us', redirect_uris: [redirectUri], response_types: ['code'] },
    ]);
    const token = await login(client);
    expect((await client.userinfo({ token })).email).toBe('ada@example.com');
    expect(p.last('token').headers['authorization']).toMatch(/^Basic /);
  });

  /** The provider fetches the request, and goes by what stands in it. */
  function takeRequestByReference(): void {
    p.on('authorize', async ({ params }) => {
      const address = params.get('request_uri');
      if (address === null) return { status: 400, body: 'No request_uri.' };
      expect([...params.keys()].toSorted()).toEqual(['client_id', 'request_uri']);
      const request = await (await fetch(address)).text();
      const key = await importJWK(jwks.keys[0] as JWK, 'RS256');
      const { payload, protectedHeader } = await jwtVerify(request, key, {
        issuer: p.settings.clientId,
        audience: p.issuer,
      });
      expect(protectedHeader.alg).toBe('RS256');
      params.delete('request_uri');
      for (const [name, value] of Object.entries(payload)) {
        if (!['iss', 'aud', 'iat', 'nbf', 'exp', 'jti'].includes(name))
          params.set(name, String(value));
      }
      return undefined;
    });
  }

  const publishRequestObject = async (request: string): Promise<string> => {
    const address = `${host.origin}/request/${published.size + 1}`;
    published.set(address, request);
    return address;
  };

  it(named('request-uri-signed-rs256', 'hands the request over by reference, signed'), async () => {
    takeRequestByReference();
    const client = await register(
      { jwks, request_object_signing_alg: 'RS256', request_uris: [`${host.origin}/request/1`] },
      {
        privateKey: clientKey,
        tokenEndpointAuthMethod: 'client_secret_basic',
        publishRequestObject,
      },
    );
    expect((await login(client)).userinfo?.sub).toBe('user-1');
    expect(published.size).toBe(1);
  });

  it(named('request-uri-signed-none', 'refuses to send a request that nobody signed'), async () => {
    const asking = register({ request_object_signing_alg: 'none' }, { publishRequestObject });
    await expect(asking).rejects.toThrow(/"requestObjectSigningAlg" must be one of RS256/);
    expect(p.count('authorize')).toBe(0);
  });

  it.each<[string, unknown, RegExp]>([
    ['plain http', 'http://app.example/request/1', /https/],
    ['a person in it', 'https://ada:secret@app.example/request/1', /https/],
    ['more than 512 characters', `https://app.example/${'x'.repeat(500)}`, /512/],
    ['no text', undefined, /512/],
  ])('[X12] an address with %s is not handed over (RFC 9101 §5.2)', async (_, address, message) => {
    const client = await register(
      { jwks, request_object_signing_alg: 'RS256' },
      { privateKey: clientKey, publishRequestObject: () => address as string },
    );
    await expect(client.createAuthorizationUrl(redirectUri)).rejects.toThrow(message);
  });

  it('[X12] a request by reference is signed by what the metadata lists, and never pushed', async () => {
    takeRequestByReference();
    const options = { privateKey: clientKey, publishRequestObject };
    const basic = { ...options, tokenEndpointAuthMethod: 'client_secret_basic' };
    expect((await login(await register({ jwks }, basic))).userinfo?.sub).toBe('user-1');
    const twice = register({ jwks }, { ...options, requirePushedAuthorizationRequests: true });
    await expect(twice).rejects.toThrow(/two ways/);
  });

  it(named('idtoken-sig-none', 'refuses an unsigned id_token'), async () => {
    p.idToken = ({ claims: right, sign }) =>
      `${sign(right, { alg: 'none' }).split('.').slice(0, 2).join('.')}.`;
    expect((await rejection(login(await register()))).code).toBe('invalid_id_token');
  });

  it(named('signing-key-rotation', 'finds the new keys at the second login'), async () => {
    const client = await register();
    await login(client);
    p.rotateKeys();
    expect((await login(client)).userinfo?.sub).toBe('user-1');
  });

  it(
    named('signing-key-rotation-just-before-signing', 'finds keys that changed under way'),
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

  it(named('userinfo-signed', 'verifies the profile, and takes no plain one'), async () => {
    const client = await register({ userinfo_signed_response_alg: 'RS256' });
    const token = await login(client);
    expect((await rejection(client.userinfo({ token }))).code).toBe('invalid_userinfo');
    const claims = { ...p.settings.user, iss: p.issuer, aud: p.settings.clientId };
    const body = signJws(claims, { alg: 'RS256', kid: rsaKey().kid }, rsaKey());
    p.on('userinfo', () => ({ headers: { 'content-type': 'application/jwt' }, body }));
    expect((await client.userinfo({ token })).email).toBe('ada@example.com');
  });

  it('[X12] what the provider answers by itself pins nothing (RFC 7591 §3.2.1)', async () => {
    p.once('api', () => ({
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
