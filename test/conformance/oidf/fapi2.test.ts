import type { RegisterOptions } from '@oauth-registry/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { redirectUri, rejection } from '../../support/login.js';
import { rsaKey, signJws } from '../../support/provider/index.js';
import { loginAt, visit } from '../real-providers/oidc-provider.js';
import { startFapiProvider, type FapiProvider, type Variant } from './fapi-provider.js';

type Json = Record<string, unknown>;

let p: FapiProvider;
let noNonces: FapiProvider;
beforeAll(async () => {
  [p, noNonces] = [await startFapiProvider(), await startFapiProvider({ nonces: false })];
});
beforeEach(() => {
  for (const provider of [p, noNonces]) {
    provider.faults = {};
    provider.requests.length = 0;
  }
});
afterAll(() => Promise.all([p.close(), noNonces.close()]));

/** Leaves one member out. */
const without =
  (name: string) =>
  (right: Json): Json =>
    Object.fromEntries(Object.entries(right).filter(([one]) => one !== name));

const count = (path: string): number => p.requests.filter((one) => one.path === path).length;
const module = (name: string): string => `fapi2-security-profile-final-client-${name}`;
const variants: [string, Variant][] = (['private_key_jwt', 'mtls'] as const).flatMap((clientAuth) =>
  (['dpop', 'mtls'] as const).map((senderConstrain): [string, Variant] => [
    `${clientAuth} + ${senderConstrain}`,
    { clientAuth, senderConstrain },
  ]),
);

describe('the FAPI 2.0 Security Profile', () => {
  const named = (name: string, title: string, variant?: string): string =>
    `[X12] ${module(name)}: ${title} (OpenID Foundation, FAPI 2.0 Security Profile plan${variant ? `, ${variant}` : ''})`;

  it.each(variants)(
    named(
      'test-happy-path',
      'uses PAR, logs in, and uses a bound token; the browser sees two parameters',
      '%s',
    ),
    async (_, variant) => {
      const client = p.client(variant);
      const request = await client.createAuthorizationUrl(redirectUri);
      const { searchParams } = new URL(request.url);
      expect([...searchParams.keys()].toSorted()).toEqual(['client_id', 'request_uri']);
      const token = await client.fetchAccessToken(await visit(request), request);
      expect(token.userinfo?.sub).toBe('user-1');
      expect(token.token_type).toBe(variant.senderConstrain === 'dpop' ? 'DPoP' : 'Bearer');
      expect((await client.get('/me', { token })).status).toBe(200);
      const overTls = p.requests.filter(({ tls }) => tls).map(({ path }) => path);
      const mtls = Object.values(variant).includes('mtls');
      expect(overTls.includes('/token')).toBe(mtls);
      expect(overTls.includes('/request')).toBe(mtls);
    },
  );

  it.each(variants)(
    named('test-happy-path', 'logs in without OpenID Connect', '%s, plain OAuth'),
    async (_, variant) => {
      const client = p.client(variant, { scope: 'email', authorizeParams: {} });
      const token = await loginAt(client);
      expect(token).not.toHaveProperty('id_token');
      const { cnf, active } = await client.introspectToken(token);
      expect(active).toBe(true);
      expect(cnf).toHaveProperty(variant.senderConstrain === 'dpop' ? 'jkt' : 'x5t#S256');
    },
  );

  it.each(variants)(
    named('test-happy-path', 'gets a bound token for the client itself', '%s, client credentials'),
    async (_, variant) => {
      const client = p.client(variant, { scope: undefined, authorizeParams: {} });
      const token = await client.clientCredentialsToken();
      const { cnf } = await client.introspectToken(token);
      expect(cnf).toHaveProperty(variant.senderConstrain === 'dpop' ? 'jkt' : 'x5t#S256');
    },
  );

  it(named('test-happy-path-no-dpop-nonce', 'sends no nonces if none are required'), async () => {
    const client = noNonces.client();
    const token = await loginAt(client);
    expect((await client.get('/me', { token })).status).toBe(200);
    const paths = noNonces.requests.map(({ path }) => path);
    expect(paths.filter((path) => path === '/token')).toHaveLength(1);
    expect(paths.filter((path) => path === '/request')).toHaveLength(1);
  });

  it(
    named('test-happy-path-no-mtls-endpoint-aliases', 'uses the endpoints of its options'),
    async () => {
      let aliases: Record<string, string> = {};
      p.faults.metadata = ({ mtls_endpoint_aliases: found, ...right }) => {
        aliases = found as typeof aliases;
        return right;
      };
      await p.client().loadServerMetadata();
      const client = p.client(
        { clientAuth: 'mtls', senderConstrain: 'mtls' },
        {
          accessTokenUrl: aliases['token_endpoint'],
          pushedAuthorizationRequestEndpoint: aliases['pushed_authorization_request_endpoint'],
          userinfoEndpoint: aliases['userinfo_endpoint'],
        },
      );
      const token = await loginAt(client);
      expect(await client.userinfo({ token })).toMatchObject({ sub: 'user-1' });
    },
  );

  it(named('test-discovery-issuer-mismatch', 'stops before anything is pushed'), async () => {
    p.faults.metadata = (right) => ({ ...right, issuer: `${p.issuer}INVALID` });
    const error = await rejection(p.client().createAuthorizationUrl(redirectUri));
    expect(error.code).toBe('mismatching_issuer');
    expect(count('/request')).toBe(0);
  });

  const now = (): number => Math.floor(Date.now() / 1000);
  const unsigned = (claims: Json): string => {
    const [, payload = ''] = signJws(claims, { alg: 'none' }, 'x').split('.');
    return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
  };
  const refusedIdTokens: [string, (claims: Json) => Json | string][] = [
    ['invalid-iss', (claims) => ({ ...claims, iss: `${String(claims['iss'])}1` })],
    ['invalid-aud', (claims) => ({ ...claims, aud: `${String(claims['aud'])}1` })],
    ['invalid-secondary-aud', ({ aud, ...claims }) => ({ ...claims, aud: [aud, 'other'] })],
    ['invalid-nonce', (claims) => ({ ...claims, nonce: `${String(claims['nonce'])}1` })],
    ['invalid-missing-nonce', without('nonce')],
    ['invalid-missing-iss', without('iss')],
    ['invalid-missing-aud', without('aud')],
    ['invalid-missing-exp', without('exp')],
    ['invalid-expired-exp', (claims) => ({ ...claims, exp: now() - 301 })],
    ['invalid-null-alg', unsigned],
    [
      'invalid-alternate-alg',
      (claims) => signJws(claims, { alg: 'RS256', kid: 'other' }, rsaKey(4)),
    ],
  ];
  it.each(refusedIdTokens)(
    named('test-%s', 'rejects the id_token, and uses no token'),
    async (_, idToken) => {
      p.faults = { idToken };
      expect((await rejection(loginAt(p.client()))).code).toBe('invalid_id_token');
      expect(count('/me')).toBe(0);
    },
  );

  it(named('test-valid-aud-as-array', 'accepts a list of one'), async () => {
    p.faults = { idToken: ({ aud, ...claims }) => ({ ...claims, aud: [aud] }) };
    expect((await loginAt(p.client())).userinfo?.sub).toBe('user-1');
  });

  const refusedResponses: [string, string, (params: URLSearchParams) => void][] = [
    [
      'invalid-authorization-response-iss',
      'mismatching_issuer',
      (q) => q.set('iss', `${p.issuer}1`),
    ],
    ['remove-authorization-response-iss', 'mismatching_issuer', (q) => q.delete('iss')],
    [
      'ensure-authorization-response-with-invalid-state-fails',
      'mismatching_state',
      (q) => q.set('state', `${q.get('state')}1`),
    ],
    [
      'ensure-authorization-response-with-invalid-missing-state-fails',
      'mismatching_state',
      (q) => q.delete('state'),
    ],
  ];
  it.each(refusedResponses)(
    named('test-%s', 'stops with %s, before the token request'),
    async (_, code, callback) => {
      p.faults = { callback };
      expect((await rejection(loginAt(p.client()))).code).toBe(code);
      expect(count('/token')).toBe(0);
    },
  );

  it(named('test-token-type-case-insensitivity', 'accepts dpOp, and calls with DPoP'), async () => {
    p.faults.token = (right) => ({ ...right, token_type: 'dpOp' });
    const client = p.client();
    const token = await loginAt(client);
    expect((await client.get('/me', { token })).status).toBe(200);
  });

  it.each(['dpop', 'DPOP', 'dPoP'])(
    named('test-rs-dpop-auth-scheme-case-insensitivity', 'repeats the call with the nonce for %s'),
    async (scheme) => {
      const client = p.client();
      const token = await loginAt(client);
      const { headers } = await client.get('/me', { token });
      const nonce = headers.get('dpop-nonce') ?? nonceOf(p);
      p.faults.resource = () => {
        p.faults.resource = undefined;
        const challenge = { 'www-authenticate': `${scheme} error="use_dpop_nonce"` };
        return { status: 401, headers: { ...challenge, 'dpop-nonce': nonce } };
      };
      const before = count('/me');
      expect((await client.get('/me', { token })).status).toBe(200);
      expect(count('/me')).toBe(before + 2);
    },
  );

  it(
    named(
      'test-token-endpoint-response-without-expires_in',
      'logs in; the token has no expiry time',
    ),
    async () => {
      p.faults.token = without('expires_in');
      const token = await loginAt(p.client());
      expect(token.userinfo?.sub).toBe('user-1');
      expect(token.expires_at).toBeUndefined();
    },
  );

  it.each(variants)(
    named('refresh-token-test', 'refreshes twice, each time with the newest refresh token', '%s'),
    async (_, variant) => {
      const client = p.client(variant);
      let token = await loginAt(client);
      for (let round = 0; round < 2; round++) {
        p.faults.resource = () => ({
          status: 401,
          headers: { 'www-authenticate': 'DPoP error="invalid_token"' },
        });
        expect((await client.get('/me', { token })).status).toBe(401);
        p.faults = {};
        const fresh = await client.refreshToken(token);
        expect(fresh.refresh_token).not.toBe(token.refresh_token);
        expect((await client.get('/me', { token: fresh })).status).toBe(200);
        token = fresh;
      }
    },
  );
});

describe('FAPI 2.0 Message Signing', () => {
  const named = (name: string, title: string, variant?: string): string =>
    `[X12] ${module(name)}: ${title} (OpenID Foundation, FAPI 2.0 Message Signing plan${variant ? `, ${variant}` : ''})`;
  const signed: RegisterOptions = {
    requestObjectSigningAlg: 'ES256',
    responseMode: 'jwt',
    authorizationSignedResponseAlg: 'PS256',
    introspectionSignedResponseAlg: 'PS256',
  };

  it.each(variants)(
    named('test-happy-path', 'signs the request, accepts only signed responses', '%s'),
    async (_, variant) => {
      const client = p.client(variant, signed);
      const request = await client.createAuthorizationUrl(redirectUri);
      const callback = await visit(request);
      expect([...callback.keys()]).toEqual(['response']);
      const token = await client.fetchAccessToken(callback, request);
      expect((await client.get('/me', { token })).status).toBe(200);
      expect(await client.introspectToken(token)).toMatchObject({ active: true, sub: 'user-1' });
    },
  );

  const refused: [string, (claims: Json) => Json | string][] = [
    [
      'signature-is-not-none',
      (claims) =>
        `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`,
    ],
    [
      'with-invalid-sig-fails',
      (claims) => {
        const [header, payload, signature = ''] = p.sign(claims).split('.');
        const bytes = Buffer.from(signature, 'base64url').map((byte) => byte ^ 0x5a);
        return [header, payload, Buffer.from(bytes).toString('base64url')].join('.');
      },
    ],
    ['with-invalid-iss-fails', (claims) => ({ ...claims, iss: `${p.issuer}1` })],
    ['with-invalid-aud-fails', (claims) => ({ ...claims, aud: `${String(claims['aud'])}1` })],
    [
      'with-expired-exp-fails',
      (claims) => ({ ...claims, exp: Math.floor(Date.now() / 1000) - 301 }),
    ],
    ['without-iss-fails', without('iss')],
    ['without-aud-fails', without('aud')],
    ['without-exp-fails', without('exp')],
  ];
  it.each(refused)(
    named('test-ensure-jarm-%s', 'rejects the response, before the token request'),
    async (_, jarm) => {
      p.faults = { jarm };
      expect((await rejection(loginAt(p.client({}, signed)))).code).toBe('invalid_callback');
      expect(count('/token')).toBe(0);
    },
  );
});

/** The last nonce that the provider would take. */
function nonceOf({ requests }: FapiProvider): string {
  const proof = requests.findLast(({ headers }) => headers['dpop'] !== undefined)?.headers['dpop'];
  const payload = Buffer.from(String(proof).split('.')[1] ?? '', 'base64url').toString();
  return (JSON.parse(payload) as { nonce: string }).nonce;
}
