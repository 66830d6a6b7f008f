import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OAuth1Token } from '@oauth-registry/core';
import type { OAuth1Client } from '@oauth-registry/core/types';
import { echo, login } from '../../support/login.js';
import {
  startProvider,
  type ProviderResponse,
  type FakeProvider,
} from '../../support/provider/index.js';
import { judge, param } from './judge.js';
import { oauth1Client } from './world.js';

let provider: FakeProvider;
let evil: FakeProvider;
let client: OAuth1Client;
let token: OAuth1Token;

beforeAll(async () => {
  [provider, evil] = await Promise.all([startProvider(), startProvider()]);
  client = oauth1Client(provider);
  token = await login(client);
});
beforeEach(() => {
  provider.reset();
  evil.reset();
});
afterAll(() => Promise.all([provider.close(), evil.close()]));

/** Redirects the API's first answers to these addresses, one after the other. */
function redirectTo(status: number, ...locations: string[]): void {
  provider.on('oauth1_api', (): ProviderResponse | undefined => {
    const location = locations.shift();
    return location === undefined ? undefined : { status, headers: { location } };
  });
}

describe('a redirected API call', () => {
  it.each([301, 302, 303, 307, 308])(
    '[R8] is signed anew on the same origin, with a fresh nonce (RFC 5849 §3.3): %i',
    async (status) => {
      const judged = judge(provider);
      redirectTo(status, `${provider.oauth1.api}/there?a=%C3%BC+1#part`);
      const seen = await echo(client.get('here', { token, headers: { 'x-version': '2' } }));
      expect(seen).toMatchObject({ method: 'GET', search: 'a=%C3%BC+1' });
      expect(seen.headers['x-version']).toBe('2');
      const nonces = provider.requests.map((request) => param(request, 'oauth_nonce'));
      expect(new Set(nonces).size).toBe(2);
      expect(judged.at(-1)?.path).toContain('/there');
    },
  );

  it.each([301, 302, 303])(
    '[R8] goes on as a GET after a POST: %i (RFC 9110 §15.4)',
    async (status) => {
      judge(provider);
      redirectTo(status, 'there');
      const seen = await echo(client.post('here', { token, form: { a: 'b' } }));
      expect(seen).toMatchObject({ method: 'GET', body: '' });
      expect(seen.headers).not.toHaveProperty('content-type');
    },
  );

  it.each([307, 308])('[R8] preserves method and body: %i (RFC 9110 §15.4.8)', async (status) => {
    judge(provider);
    redirectTo(status, 'there');
    const seen = await echo(client.put('here', { token, form: { a: 'b c' } }));
    expect(seen).toMatchObject({ method: 'PUT', body: 'a=b+c' });
  });

  it('[R8] is handed back if its body is a stream, which can be sent once', async () => {
    redirectTo(307, 'there');
    const body = new Blob(['x']).stream();
    const answer = await client.post('here', { token, body });
    expect([answer.status, provider.count()]).toEqual([307, 1]);
  });

  it('[R8] is followed if the redirect repeats the protocol parameters of a signed query', async () => {
    const judged = judge(provider);
    provider.once('oauth1_api', ({ search }) => ({
      status: 301,
      headers: { location: `${provider.oauth1.api}/here/?${search}` },
    }));
    const query = oauth1Client(provider, { signatureType: 'QUERY' });
    const seen = await echo(query.get('here', { token, query: { a: 'b c' } }));
    expect(seen.query[0]).toEqual(['a', 'b c']);
    expect(judged).toHaveLength(1);
  });

  it.each([301, 302, 303, 307, 308])(
    '[R8] is never followed to another origin, nor to plain http: %i is handed back',
    async (status) => {
      const { port } = new URL(provider.origin);
      const targets = [
        `${evil.origin}/x`,
        `//${new URL(evil.origin).host}/x`,
        `https://127.0.0.1:${port}/x`,
        `http://localhost:${port}/oauth1/api/x`,
        `http://user:secret@127.0.0.1:${port}/oauth1/api/x`,
        'javascript:alert(1)',
        'http://[',
      ];
      for (const location of targets) {
        provider.reset();
        redirectTo(status, location);
        const answer = await client.get('here', { token });
        expect(answer.status).toBe(status);
        expect(answer.headers.get('location')).toBe(location);
        expect(provider.count()).toBe(1);
      }
      expect(evil.count()).toBe(0);
    },
  );

  it('[R8] stops at another origin in the middle of the way', async () => {
    redirectTo(302, 'there', `${evil.origin}/x`);
    const answer = await client.get('here', { token });
    expect(answer.headers.get('location')).toBe(`${evil.origin}/x`);
    expect([provider.count(), evil.count()]).toEqual([2, 0]);
  });

  it('[R8] is handed back after five hops, and without a location', async () => {
    provider.on('oauth1_api', () => ({ status: 302, headers: { location: 'again' } }));
    expect((await client.get('here', { token })).status).toBe(302);
    expect(provider.count()).toBe(6);
    provider.reset();
    provider.on('oauth1_api', () => ({ status: 302 }));
    expect((await client.get('here', { token })).status).toBe(302);
    expect(provider.count()).toBe(1);
  });

  it('[R8] is handed back if the token is withheld', async () => {
    redirectTo(302, 'there');
    expect((await client.get('here', { withholdToken: true })).status).toBe(302);
    expect(provider.count()).toBe(1);
  });
});

describe('a redirected token request', () => {
  it.each(['oauth1_request', 'oauth1_access'] as const)(
    '[R8] is refused, on the same origin too: %s',
    async (endpoint) => {
      for (const origin of [evil.origin, provider.origin]) {
        provider.reset();
        provider.on(endpoint, () => ({ status: 307, headers: { location: `${origin}/x` } }));
        await expect(login(client)).rejects.toMatchObject({
          code: 'invalid_response',
          providerStatus: 307,
        });
        expect(provider.count('unknown')).toBe(0);
      }
      expect(evil.count()).toBe(0);
    },
  );
});
