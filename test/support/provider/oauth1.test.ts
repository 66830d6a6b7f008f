import { randomBytes } from 'node:crypto';
import oauthSignature from 'oauth-signature';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startProvider, type FakeProvider } from './index.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

interface Credentials {
  token?: string;
  secret?: string;
}

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!*'()]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);

/** Sends a request signed by a package that has nothing to do with this project. */
function sendSigned(
  method: string,
  address: string,
  { token, secret }: Credentials = {},
  changes: Record<string, string> = {},
): Promise<Response> {
  const { clientId, clientSecret } = provider.settings;
  const oauth: Record<string, string> = {
    oauth_consumer_key: clientId,
    oauth_nonce: randomBytes(16).toString('hex'),
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: String(Math.floor(Date.now() / 1000)),
    ...(token === undefined ? {} : { oauth_token: token }),
    ...changes,
  };
  const url = new URL(address);
  const params = { ...oauth, ...Object.fromEntries(url.searchParams) };
  const bare = url.origin + url.pathname;
  const options = { encodeSignature: false };
  const signature = oauthSignature.generate(method, bare, params, clientSecret, secret, options);
  const parts = Object.entries({ oauth_signature: signature, ...oauth });
  const header = parts.map(([name, value]) => `${name}="${encode(value)}"`).join(', ');
  return fetch(address, { method, headers: { authorization: `OAuth ${header}` } });
}

const readForm = async (answer: Response) => new URLSearchParams(await answer.text());

async function requestToken(): Promise<Credentials> {
  const answer = await sendSigned('POST', provider.oauth1.request, {}, callback);
  const fields = await readForm(answer);
  expect(fields.get('oauth_callback_confirmed')).toBe('true');
  return { token: fields.get('oauth_token') ?? '', secret: fields.get('oauth_token_secret') ?? '' };
}

const callback = { oauth_callback: 'http://127.0.0.1:9/callback?a=1' };

async function authorize({ token = '' }: Credentials): Promise<URLSearchParams> {
  const address = `${provider.oauth1.authorize}?${new URLSearchParams({ oauth_token: token })}`;
  const answer = await fetch(address, { redirect: 'manual' });
  return new URL(answer.headers.get('location') ?? '').searchParams;
}

describe('[X9] OAuth 1.0a, signed by another implementation', () => {
  test.each([false, true])('goes from request token to API call (odd tokens: %s)', async (odd) => {
    provider.quirks.oauth1OddTokens = odd;
    const temporary = await requestToken();
    const back = await authorize(temporary);
    expect(back.get('oauth_token')).toBe(temporary.token);
    const verifier = { oauth_verifier: back.get('oauth_verifier') ?? '' };
    const answer = await sendSigned('POST', provider.oauth1.access, temporary, verifier);
    const fields = await readForm(answer);
    const credentials = {
      token: fields.get('oauth_token') ?? '',
      secret: fields.get('oauth_token_secret') ?? '',
    };
    const called = await sendSigned('GET', `${provider.oauth1.api}/me?b=2&a=%C3%BC`, credentials);
    expect(await called.json()).toMatchObject({ placement: 'header', user: { sub: 'user-1' } });
    const again = await sendSigned('POST', provider.oauth1.access, temporary, verifier);
    expect((await readForm(again)).get('oauth_problem')).toBe('token_rejected');
  });

  test.each([
    ['no callback', {}, 'parameter_absent'],
    ['an old timestamp', { ...callback, oauth_timestamp: '1000000000' }, 'timestamp_refused'],
    ['another client', { ...callback, oauth_consumer_key: 'other' }, 'consumer_key_unknown'],
    [
      'PLAINTEXT',
      { ...callback, oauth_signature_method: 'PLAINTEXT' },
      'signature_method_rejected',
    ],
    ['a wrong signature', { ...callback, oauth_signature: 'AAAA' }, 'signature_invalid'],
  ])('refuses %s', async (_title, changes, problem) => {
    const answer = await sendSigned('POST', provider.oauth1.request, {}, changes);
    expect(answer.status).toBe(401);
    expect((await readForm(answer)).get('oauth_problem')).toBe(problem);
  });

  test('refuses a nonce that was used', async () => {
    const oauth_timestamp = String(Math.floor(Date.now() / 1000));
    const same = { ...callback, oauth_nonce: 'once', oauth_timestamp };
    expect((await sendSigned('POST', provider.oauth1.request, {}, same)).status).toBe(200);
    const second = await sendSigned('POST', provider.oauth1.request, {}, same);
    expect((await readForm(second)).get('oauth_problem')).toBe('nonce_used');
  });

  test('refuses a missing and a wrong verifier, and spends the request token', async () => {
    for (const changes of [{}, { oauth_verifier: 'wrong' }] as Record<string, string>[]) {
      const temporary = await requestToken();
      await authorize(temporary);
      const answer = await sendSigned('POST', provider.oauth1.access, temporary, changes);
      expect(answer.status).toBe(401);
    }
  });

  test('misbehaves as told', async () => {
    provider.quirks.oauth1Request = 'callback-confirmed-upper-case';
    const answer = await sendSigned('POST', provider.oauth1.request, {}, callback);
    expect((await readForm(answer)).get('oauth_callback_confirmed')).toBe('TRUE');
    provider.quirks.oauth1Request = undefined;
    provider.quirks.oauth1Callback = 'denied';
    const temporary = await requestToken();
    const back = await authorize(temporary);
    expect(back.get('denied')).toBe(temporary.token);
    expect(back.has('oauth_token')).toBe(false);
  });
});
