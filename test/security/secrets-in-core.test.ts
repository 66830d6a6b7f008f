import { inspect } from 'node:util';
import { OAuth } from '@oauth-registry/core';
import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Browser } from '../support/browser.js';
import { openidClient } from '../support/apps/express.js';
import { appSecrets, leaks, listenToOutput, secretsOf, textsOf } from '../support/canaries.js';
import { contentOf, listen, startTracing, type Heard } from '../client/events/watch.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { endpointKinds, play, sentSecrets } from '../support/endpoints.js';
import { login, redirectUri, rejection } from '../support/login.js';

let provider: FakeProvider;
let heard: Heard[];
let tracing: ReturnType<typeof startTracing>;
let printed: () => string;
let stop: () => void;

beforeAll(async () => {
  provider = await startProvider({ clientSecret: appSecrets.client });
});
afterAll(() => provider.close());
beforeEach(() => {
  heard = [];
  stop = listen(heard);
  tracing = startTracing();
  printed = listenToOutput();
});
afterEach(() => {
  vi.restoreAllMocks();
  stop();
  tracing.stop();
  provider.reset();
});

/** The addresses that were asked; those that a browser visits carry what must travel. */
function addresses(): string {
  const asked = provider.requests.filter(({ endpoint }) => !endpoint.endsWith('authorize'));
  return asked.map(({ url }) => url).join('\n');
}

/** Everything that could be logged of some objects, and of what happened. */
function textsSoFar(made: unknown[]): Record<string, string> {
  return {
    objects: inspect(made, { depth: 10, showHidden: true }),
    getters: inspect(made, { depth: 10, getters: true }),
    json: JSON.stringify(made),
    strings: made.map(String).join(' '),
    events: inspect(heard, { depth: 10, showHidden: true, getters: true }),
    spans: inspect(tracing.spans().map(contentOf), { depth: 10 }),
    addresses: addresses(),
    printed: printed(),
  };
}

function expectSilence(texts: Record<string, string>, more: readonly string[] = []): void {
  const secrets = [...secretsOf(provider, new Browser(), []), ...Object.values(sentSecrets)];
  expect(leaks(texts, [...secrets, ...more])).toEqual([]);
}

describe('what clients, events, spans, URLs and the console show', () => {
  it.each(Object.entries(endpointKinds))('[X4] of: %s', async (_name, kind) => {
    const made: unknown[] = [];
    play(provider, kind);
    const ask = await kind.begin({ provider, http: {}, made });
    await ask();
    expectSilence(textsSoFar(made));
  });

  it.each(Object.entries(endpointKinds))('[X4] of a failure: %s', async (_name, kind) => {
    const made: unknown[] = [];
    const arm = play(provider, kind, 'text-400');
    const ask = await kind.begin({ provider, http: {}, made });
    arm();
    const error = await rejection(ask());
    expectSilence({ ...textsSoFar(made), ...textsOf(error) });
  });
});

type Jwk = { kty: string; d: string; p: string };

const pem = '-----BEGIN PRIVATE KEY-----\ncanary-pem\n-----END PRIVATE KEY-----';

describe('private keys', () => {
  it.each([
    ['client assertions', { tokenEndpointAuthMethod: 'private_key_jwt' }],
    ['request objects', { requestObjectSigningAlg: 'ES256' }],
    ['DPoP proofs', { dpop: true }],
  ])('[X4] of %s are shown nowhere, and never sent', async (_title, options) => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(privateKey)), kid: 'own' } as { kty: string; d: string };
    const keys = 'dpop' in options ? { dpopKey: jwk } : { privateKey: jwk };
    const oauth = new OAuth({ config: {} });
    const { corp } = oauth.register('corp', openidClient(provider, { ...options, ...keys }));
    const request = await corp.createAuthorizationUrl(redirectUri);
    const back = { code: 'a-code-nobody-issued', state: request.state, iss: provider.issuer };
    provider.quirks.fault.token = 'text-400';
    const error = await rejection(corp.fetchAccessToken(back, request));
    expect(error).toMatchObject({ code: 'provider_refused' });
    expectSilence({ ...textsSoFar([oauth, corp]), ...textsOf(error) }, [jwk.d]);
    const sent = provider.requests.map(({ url, headers, body }) => [url, inspect(headers), body]);
    expect([request.url, ...sent.flat()].join('\n')).not.toContain(jwk.d);
  });

  it.each([
    [
      'with a broken number',
      (jwk: Jwk) => ({
        privateKey: { ...jwk, n: 'AQAB' },
        tokenEndpointAuthMethod: 'private_key_jwt',
      }),
    ],
    ['with a broken text', () => ({ privateKey: pem })],
    ['of another kind', (jwk: Jwk) => ({ privateKey: jwk, tokenEndpointAuthSigningAlg: 'ES256' })],
    ['too weak for proofs', (jwk: Jwk) => ({ dpop: true, dpopKey: { ...jwk, kty: 'oct' } })],
    ['that is no list', () => ({ decryptionKeys: 'canary-pem' })],
  ])('[X4] %s are refused, and not quoted', async (_title, optionsOf) => {
    const { privateKey } = await generateKeyPair('PS256', { extractable: true });
    const jwk = (await exportJWK(privateKey)) as Jwk;
    const oauth = new OAuth({ config: {} });
    const run = async (): Promise<unknown> => {
      const options = openidClient(provider, optionsOf(jwk) as object);
      return await oauth.register('corp', options).corp.clientCredentialsToken();
    };
    const error = await rejection(run());
    expect(error).toMatchObject({ name: 'OAuthError' });
    expectSilence({ ...textsOf(error), ...textsSoFar([oauth]) }, [jwk.d, jwk.p, 'canary-pem']);
  });
});

describe('what a login stores', () => {
  it('[X4] is in the token alone: a DPoP key, and what a stored token is refreshed with', async () => {
    provider.on('token', async (request, respond) => {
      const answer = await respond();
      const type = request.headers['dpop'] === undefined ? 'Bearer' : 'DPoP';
      return { ...answer, body: { ...(answer.body as object), token_type: type } };
    });
    const oauth = new OAuth({ config: {} });
    const { corp } = oauth.register('corp', openidClient(provider, { dpop: true }));
    const token = await login(corp);
    const key = token['dpop_key'] as { d: string };
    expect(key.d).toMatch(/^[\w-]{43}$/);
    await corp.get('x', { token });
    await corp.userinfo({ token }).catch(() => undefined);
    await corp.refreshToken(token);
    expectSilence(textsSoFar([oauth, corp]), [key.d, token.access_token]);
  });
});
