import { generateKeyPairSync } from 'node:crypto';
import { OAuth, type OAuth2Token, type RegisterOptions } from '@oauth-registry/core';
import { decodeJwt } from 'jose';
import { describe, expect } from 'vitest';
import { plainClient } from '../../../support/apps/express.js';
import { json } from '../../../support/provider/response.js';
import type { FakeProvider } from '../../../support/provider/index.js';
import { login, rejection } from '../../../support/login.js';
import { itWith } from '../../../support/fixtures.js';

const it = itWith({ openid: false });

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = { kty: 'EC', ...ec.privateKey.export({ format: 'jwk' }) };

const register = (provider: FakeProvider, more: RegisterOptions = {}) =>
  new OAuth({ config: {} }).register('corp', plainClient(provider, { dpop: true, ...more })).corp;

const bound: OAuth2Token = { access_token: 'at', token_type: 'DPoP', dpop_key: jwk };

const ask =
  (challenge: string, nonce = 'n-1') =>
  () => ({
    ...json({}, 401),
    headers: { 'www-authenticate': challenge, ...(nonce ? { 'dpop-nonce': nonce } : {}) },
  });

describe('a token that should be bound to a key (RFC 9449 §5)', () => {
  it('[X12] is refused when the provider responds with a bearer token', async ({ provider }) => {
    const error = await rejection(login(register(provider)));
    expect(error).toMatchObject({ code: 'unsupported_token_type', client: 'corp' });
  });

  it('[X12] is given up when the provider wants yet another nonce (§8)', async ({ provider }) => {
    const headers = { 'dpop-nonce': 'n-1' };
    provider.on('token', () => ({ ...json({ error: 'use_dpop_nonce' }, 400), headers }));
    expect(await rejection(login(register(provider)))).toMatchObject({ code: 'use_dpop_nonce' });
    expect(provider.count('token')).toBe(2);
  });

  it.for(['DPoP', 'dpop', 'DPOP'])(
    '[X12] is one whatever the case of its type: %s (RFC 6749 §5.1)',
    async (type, { provider }) => {
      provider.quirks.tokenResponse = (body) => json({ ...body, token_type: type });
      const token = await login(register(provider));
      expect(token).toMatchObject({ token_type: 'DPoP', dpop_key: { kty: 'EC' } });
    },
  );

  it('[X12] is refused by a client that does not know of keys', async ({ provider }) => {
    const error = await rejection(register(provider, { dpop: false }).get('me', { token: bound }));
    expect(error).toMatchObject({ code: 'unsupported_token_type' });
    expect(provider.count('api')).toBe(0);
  });

  it.for([undefined, null, {}, 'x', { kty: 'oct', k: 'eA' }])(
    '[X12] is not sent without its key: %j',
    async (key, { provider }) => {
      const token = { ...bound, dpop_key: key } as OAuth2Token;
      const error = await rejection(register(provider).get('me', { token }));
      expect(error).toMatchObject({ code: 'invalid_token', client: 'corp', phase: 'resource' });
      expect(provider.count('api')).toBe(0);
    },
  );
});

describe('proofs at a resource (RFC 9449 §7)', () => {
  const sent = (provider: FakeProvider) =>
    provider.requests.filter(({ endpoint }) => endpoint === 'api');

  it('[X12] name the method and the URL without query, and hash the token', async ({
    provider,
  }) => {
    provider.on('api', () => json({}));
    await register(provider).post('me?x=1', { token: bound, json: { a: 1 } });
    const { headers } = provider.last('api');
    expect(headers['authorization']).toBe('DPoP at');
    expect(decodeJwt(headers['dpop'] ?? '')).toMatchObject({
      htm: 'POST',
      htu: `${provider.base}/api/me`,
      ath: expect.any(String) as string,
    });
  });

  it.for([
    'DPoP error="use_dpop_nonce"',
    'dpop error=use_dpop_nonce',
    'Bearer, DPOP error="use_dpop_nonce"',
  ])(
    '[X12] are repeated with the nonce, whatever the case of the scheme: %s (RFC 9110 §11.1)',
    async (challenge, { provider }) => {
      provider.on('api', () => json({}));
      provider.once('api', ask(challenge));
      expect((await register(provider).post('me', { token: bound, form: { a: 1 } })).status).toBe(
        200,
      );
      expect(sent(provider).map(({ body }) => body)).toEqual(['a=1', 'a=1']);
      expect(
        sent(provider).map(({ headers }) => decodeJwt(headers['dpop'] ?? '')['nonce']),
      ).toEqual([undefined, 'n-1']);
    },
  );

  it('[X12] are repeated once and no more (§9)', async ({ provider }) => {
    provider.on('api', ask('DPoP error="use_dpop_nonce"'));
    expect((await register(provider).get('me', { token: bound })).status).toBe(401);
    expect(provider.count('api')).toBe(2);
  });

  it.for<[string, ReturnType<typeof ask>]>([
    ['another error', ask('DPoP error="invalid_token"')],
    ['no nonce', ask('DPoP error="use_dpop_nonce"', '')],
    ['a nonce that HTTP cannot carry back', ask('DPoP error="use_dpop_nonce"', 'a"b')],
  ])('[X12] are not repeated for %s', async ([, answer], { provider }) => {
    provider.on('api', answer);
    expect((await register(provider).get('me', { token: bound })).status).toBe(401);
    expect(provider.count('api')).toBe(1);
  });

  it('[X12] discard the response that asks for a nonce', async ({ provider }) => {
    const cancelled: string[] = [];
    const headers = { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': 'n-1' };
    const asking = (): Response => {
      const cancel = (): void => void cancelled.push('the first');
      return new Response(new ReadableStream({ cancel }), { status: 401, headers });
    };
    const answers = [asking(), new Response('{}')];
    const client = register(provider, { fetch: async () => answers.shift() ?? new Response() });
    expect((await client.get('me', { token: bound })).status).toBe(200);
    expect(cancelled).toEqual(['the first']);
  });

  it('[X12] are not repeated with a body that is a stream', async ({ provider }) => {
    provider.on('api', ask('DPoP error="use_dpop_nonce"'));
    const body = new Blob(['a']).stream();
    expect((await register(provider).post('me', { token: bound, body })).status).toBe(401);
    expect(provider.count('api')).toBe(1);
  });

  it('[X12] use the nonce of the response to a repeated request (§8.2)', async ({ provider }) => {
    provider.on('api', () => ({ ...json({}), headers: { 'dpop-nonce': 'n-2' } }));
    provider.once('api', ask('DPoP error="use_dpop_nonce"'));
    const client = register(provider);
    for (let i = 0; i < 2; i++) await client.get('me', { token: bound });
    expect(sent(provider).map(({ headers }) => decodeJwt(headers['dpop'] ?? '')['nonce'])).toEqual([
      undefined,
      'n-1',
      'n-2',
    ]);
  });

  it('[X12] use the newest nonce of each server (§8.2)', async ({ provider }) => {
    const nonces = ['one', 'two', 'three'];
    provider.on('api', () => ({ ...json({}), headers: { 'dpop-nonce': nonces.shift() ?? '' } }));
    const client = register(provider);
    for (let i = 0; i < 3; i++) await client.get('me', { token: bound });
    expect(sent(provider).map(({ headers }) => decodeJwt(headers['dpop'] ?? '')['nonce'])).toEqual([
      undefined,
      'one',
      'two',
    ]);
  });
});
