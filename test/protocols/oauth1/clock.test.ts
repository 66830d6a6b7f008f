import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OAuth1Token } from '@oauth-registry/core';
import type { OAuth1Client } from '@oauth-registry/core/types';
import { echo, login, redirectUri, rejection } from '../../support/login.js';
import {
  startProvider,
  type ProviderResponse,
  type FakeProvider,
  type ProviderRequest,
} from '../../support/provider/index.js';
import { param } from './judge.js';
import { oauth1Client } from './world.js';

let provider: FakeProvider;
let client: OAuth1Client;
let token: OAuth1Token;

beforeAll(async () => {
  provider = await startProvider();
  token = await login(oauth1Client(provider));
});
beforeEach(() => {
  provider.reset();
  client = oauth1Client(provider);
});
afterAll(() => provider.close());

/** Seconds by which the provider's clock goes wrong, to either side. */
const skews = [3600, -3600, 86_400 * 400];

const problem = 'oauth_problem=timestamp_refused&oauth_acceptable_timestamps=1-2';

const httpDate = (seconds: number): string => new Date(Date.now() + seconds * 1000).toUTCString();

/** Gives an endpoint another clock: it refuses timestamps that are more than a minute off. */
function skew(
  endpoint: 'oauth1_request' | 'oauth1_access' | 'oauth1_api',
  seconds: number,
  refusal: ProviderResponse = { status: 401, body: problem },
): void {
  provider.on(endpoint, (request): ProviderResponse | undefined => {
    const sent = Number(param(request, 'oauth_timestamp'));
    const there = Date.now() / 1000 + seconds;
    if (Math.abs(sent - there) < 60) return { body: credentials };
    return { ...refusal, headers: { date: httpDate(seconds), ...refusal.headers } };
  });
}

const credentials = 'oauth_token=t&oauth_token_secret=s&oauth_callback_confirmed=true';

const field = (name: string) => (request: ProviderRequest) => param(request, name);

describe('a clock that is off (RFC 5849 §3.3)', () => {
  it.each(skews)(
    'is corrected by the Date of an error response, and the request is sent once more: %i s',
    async (seconds) => {
      skew('oauth1_api', seconds);
      const answer = await client.post('x', { token, form: { a: 1 } });
      expect(answer.status).toBe(200);
      expect(provider.count()).toBe(2);
      expect(provider.requests.map(({ body }) => body)).toEqual(['a=1', 'a=1']);
      const [first, second] = provider.requests.map(field('oauth_nonce'));
      expect(first).not.toBe(second);
      const [ours, theirs] = provider.requests.map(field('oauth_timestamp')).map(Number);
      expect(Math.abs(Number(theirs) - Number(ours) - seconds)).toBeLessThanOrEqual(5);
    },
  );

  it('is remembered for the client, and for no other', async () => {
    skew('oauth1_api', 3600);
    await client.get('x', { token });
    await client.get('x', { token });
    skew('oauth1_request', 3600);
    await client.fetchRequestToken(redirectUri);
    expect([provider.count('oauth1_api'), provider.count('oauth1_request')]).toEqual([3, 1]);
    provider.reset();
    expect(await echo(oauth1Client(provider).get('x', { token }))).toBeTypeOf('object');
    expect(provider.count()).toBe(1);
  });

  it.each(['oauth1_request', 'oauth1_access'] as const)(
    '[A5] does not stop a login: %s',
    async (endpoint) => {
      skew(endpoint, -3600);
      const data = { state: 't', redirectUri, requestTokenSecret: 's' };
      const callback = { oauth_token: 't', oauth_verifier: 'v' };
      const got =
        endpoint === 'oauth1_request'
          ? await client.fetchRequestToken(redirectUri)
          : await client.fetchAccessToken(callback, data);
      expect(got).toMatchObject({ oauth_token: 't' });
      expect(provider.count()).toBe(2);
    },
  );

  it('is corrected for all who called at the same moment', async () => {
    skew('oauth1_api', 3600);
    const calls = Array.from({ length: 8 }, () => client.get('x', { token }));
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(Array(8).fill(200));
    const nonces = provider.requests.map(field('oauth_nonce'));
    expect(new Set(nonces).size).toBe(provider.count());
  });

  it.each([
    [
      'a challenge',
      { status: 401, headers: { 'www-authenticate': 'OAuth oauth_problem="timestamp_refused"' } },
    ],
    ['a status 400', { status: 400, body: problem }],
    ['a status 403', { status: 403, body: '{"error":"invalid_timestamp"}' }],
    [
      'JSON',
      { status: 401, body: '{"errors":[{"code":135,"message":"Timestamp out of bounds."}]}' },
    ],
    ['a sentence', { status: 401, body: 'Expired timestamp, yours 1, ours 2' }],
    ['a code', { status: 401, body: '{"code":"json_oauth1_expired_timestamp"}' }],
  ])('is recognised by %s', async (_how, refusal) => {
    skew('oauth1_api', 3600, refusal);
    expect((await client.get('x', { token })).status).toBe(200);
  });

  it.each<[string, ProviderResponse]>([
    [
      'another problem',
      { status: 401, body: 'oauth_problem=nonce_used', headers: { date: httpDate(9999) } },
    ],
    ['another status', { status: 500, body: problem, headers: { date: httpDate(9999) } }],
    ['a clock like ours', { status: 401, body: problem }],
    ['no readable date', { status: 401, body: problem, headers: { date: 'yesterday' } }],
    [
      'a date before 1970',
      { status: 401, body: problem, headers: { date: 'Wed, 01 Jan 1930 00:00:00 GMT' } },
    ],
  ])('is not suspected because of %s: nothing is sent again', async (_why, answer) => {
    provider.on('oauth1_api', () => answer);
    const response = await client.get('x', { token });
    expect(response.status).toBe(answer.status);
    expect(await response.text()).toBe(answer.body);
    expect(provider.count()).toBe(1);
  });

  it('is corrected once a call, however often the provider refuses', async () => {
    let hours = 0;
    provider.on('oauth1_api', () => {
      hours += 1;
      return { status: 401, body: problem, headers: { date: httpDate(hours * 3600) } };
    });
    const response = await client.get('x', { token });
    expect(await response.text()).toBe(problem);
    expect(provider.count()).toBe(2);
  });

  it('does not send a stream twice, and remembers for the next call', async () => {
    skew('oauth1_api', 3600);
    const body = new Blob(['x']).stream();
    expect((await client.post('x', { token, body })).status).toBe(401);
    expect(provider.count()).toBe(1);
    expect((await client.get('x', { token })).status).toBe(200);
    expect(provider.count()).toBe(2);
  });

  it('leaves an error response complete, however long it is', async () => {
    const body = async function* () {
      yield 'no '.repeat(20_000);
      yield 'at all';
    };
    const headers = { date: httpDate(3600) };
    provider.on('oauth1_api', () => ({ status: 401, headers, body: body() }));
    const text = await (await client.get('x', { token })).text();
    expect(text).toBe(`${'no '.repeat(20_000)}at all`);
    expect(provider.count()).toBe(1);
  });

  it('is named in the error of a token request if no date helps', async () => {
    provider.on('oauth1_request', () => ({ status: 401, body: problem }));
    const error = await rejection(client.fetchRequestToken(redirectUri));
    expect(error).toMatchObject({ code: 'provider_refused', error: 'timestamp_refused' });
    expect(error.message).toContain('clock');
  });
});
