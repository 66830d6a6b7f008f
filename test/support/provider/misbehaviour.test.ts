import type { JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { faults, startProvider, tokenQuirks, type FakeProvider } from './index.js';
import { authorizeByHand, redeemByHand } from './login.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

type Body = Record<string, unknown>;
const read = async (answer: Response | Promise<Response>) => (await (await answer).json()) as Body;
const login = async (changes?: Record<string, string>) =>
  read(redeemByHand(provider, await authorizeByHand(provider, changes)));
const withToken = (path: string, token: unknown) =>
  fetch(provider.base + path, { headers: { authorization: `Bearer ${String(token)}` } });

describe('[X9] misbehaviour', () => {
  test('is known by name: token responses', async () => {
    for (const name of Object.keys(tokenQuirks) as (keyof typeof tokenQuirks)[]) {
      provider.quirks.tokenResponse = name;
      const started = await authorizeByHand(provider);
      const answer = await redeemByHand(provider, started);
      expect(await answer.text(), name).not.toBe('');
    }
  });

  test('token responses differ as they say', async () => {
    provider.quirks.tokenResponse = 'form';
    const answer = await redeemByHand(provider, await authorizeByHand(provider));
    expect(new URLSearchParams(await answer.text()).get('token_type')).toBe('Bearer');
    provider.quirks.tokenResponse = 'proto-keys';
    expect(Object.keys(await login())).toContain('__proto__');
    provider.quirks.tokenResponse = 'expires-in-infinite';
    expect(await login()).toMatchObject({ expires_in: Infinity });
  });

  test.each(Object.keys(faults) as (keyof typeof faults)[])(
    'has the fault %s',
    async (name) => {
      provider.quirks.fault.metadata = name;
      const endless = outcomes[name] === 'TimeoutError';
      const signal = AbortSignal.timeout(endless ? 400 : 20_000);
      const got = fetch(provider.metadataUrl, { signal, redirect: 'manual' }).then(
        async (answer) => {
          let size = 0;
          for await (const chunk of answer.body ?? []) {
            size += (chunk as Uint8Array).length;
            if (size > 8_000_000) return 'big';
          }
          return `${answer.status}`;
        },
      );
      const outcome = await got.catch((error: Error) => error.name);
      expect(outcome).toBe(outcomes[name] ?? '200');
    },
    30_000,
  );

  const outcomes: Partial<Record<keyof typeof faults, string>> = {
    hang: 'TimeoutError',
    'headers-then-hang': 'TimeoutError',
    'length-lies': 'TimeoutError',
    drip: 'TimeoutError',
    reset: 'TypeError',
    cut: 'TypeError',
    huge: 'big',
    endless: 'big',
    'gzip-bomb': 'big',
    'brotli-bomb': 'big',
    'big-headers': 'TypeError',
    'redirect-302': '302',
    'redirect-307': '307',
    'html-500': '500',
    'json-500': '500',
    'unavailable-503': '503',
    'rate-limited': '429',
    'text-400': '400',
    'missing-404': '404',
    'no-content': '204',
  };

  test('spoils metadata, keys, callback and userinfo', async () => {
    provider.quirks.metadata = 'wrong-issuer';
    expect(await read(fetch(provider.metadataUrl))).toMatchObject({
      issuer: 'https://evil.example',
    });
    provider.quirks.jwks = 'not-array';
    const { keys } = await read(fetch(`${provider.base}/jwks`));
    expect(Array.isArray(keys)).toBe(false);
    provider.quirks.callback = 'iss-duplicated';
    expect((await authorizeByHand(provider)).callback.getAll('iss')).toHaveLength(2);
    provider.quirks.callback = undefined;
    provider.quirks.userinfo = 'wrong-sub';
    const { access_token: token } = await login();
    expect(await read(withToken('/userinfo', token))).toMatchObject({ sub: 'user-11' });
  });

  test('rotates its keys', async () => {
    const kids = async () => {
      const set = (await read(fetch(`${provider.base}/jwks`))) as unknown as JSONWebKeySet;
      return set.keys.map(({ kid }) => kid);
    };
    expect(await kids()).toEqual(['k1', 'e1', 'enc1']);
    provider.rotateKeys();
    expect(await kids()).toEqual(['k2', 'e2', 'enc1']);
    provider.reset();
    expect(await kids()).toEqual(['k1', 'e1', 'enc1']);
  });

  test('takes overrides, the newest first, and once only if told', async () => {
    const off = provider.on('metadata', async (_request, respond) => {
      const made = await respond();
      return { ...made, headers: { ...made.headers, 'x-seen': 'yes' } };
    });
    provider.once('metadata', () => ({ status: 418, body: 'teapot' }));
    expect((await fetch(provider.metadataUrl)).status).toBe(418);
    expect((await fetch(provider.metadataUrl)).headers.get('x-seen')).toBe('yes');
    off();
    expect((await fetch(provider.metadataUrl)).headers.get('x-seen')).toBeNull();
  });

  test('forges id_tokens through the hook', async () => {
    provider.idToken = ({ claims, sign }) => sign({ ...claims, sub: 'mallory' }, { alg: 'none' });
    const [, payload = ''] = String((await login())['id_token']).split('.');
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
      sub: 'mallory',
    });
    provider.idToken = () => undefined;
    expect(await login()).not.toHaveProperty('id_token');
  });
});
