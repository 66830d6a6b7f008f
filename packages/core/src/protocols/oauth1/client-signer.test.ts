import { createPublicKey, type JsonWebKeyInput } from 'node:crypto';
import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { echo, login } from '../../../../../test/support/login.js';
import { testKey } from '../../../../../test/data/oauth1-vectors.js';
import { oauth1Client } from '../../../../../test/support/apps/express.js';
import { startProvider, type FakeProvider } from '../../../../../test/support/provider/index.js';

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(() => provider.reset());

const rsaKey = testKey('oauthlib-rsa');
const hmacMethods = ['HMAC-SHA1', 'HMAC-SHA256', 'HMAC-SHA512'];
const methods = [...hmacMethods, 'RSA-SHA1', 'RSA-SHA256', 'RSA-SHA512', 'PLAINTEXT'];
const placements = { HEADER: 'header', QUERY: 'uri', BODY: 'body' } as const;

/** Registers a client that signs as told, at a provider that accepts nothing else. */
function register(options: RegisterOptions, method = options.signatureMethod ?? 'HMAC-SHA1') {
  provider.settings.oauth1SignatureMethods = [method];
  provider.settings.oauth1PublicKey = createPublicKey({
    key: rsaKey,
    format: 'jwk',
  } as JsonWebKeyInput)
    .export({ type: 'spki', format: 'pem' })
    .toString();
  const isRsa = method.startsWith('RSA-');
  const given = oauth1Client(provider, isRsa ? { rsaKey, clientSecret: undefined } : {});
  const requestTokenUrl = provider.oauth1.request;
  return new OAuth({ config: {} }).register('one', { ...given, ...options, requestTokenUrl }).one;
}

describe('[A5] [A7] a login and calls, verified by the provider', () => {
  const cases = methods.flatMap((signatureMethod) =>
    (['HEADER', 'QUERY', 'BODY'] as const).map((type) => [signatureMethod, type] as const),
  );

  it.each(cases)('%s, in %s (RFC 5849 §3.4, §3.5)', async (signatureMethod, signatureType) => {
    const client = register({ signatureMethod, signatureType });
    const token = await login(client);
    const posted = await echo(client.post('things', { token, form: { a: ['1', '', 'é +&='] } }));
    expect(posted.placement).toBe(placements[signatureType]);
    expect(posted.body).toMatch(/^a=1&a=&a=%C3%A9\+%2B%26%3D(&oauth_|$)/);
    const got = await echo(client.get('things?b=%7E&b', { token }));
    expect(got.placement).toBe(signatureType === 'QUERY' ? 'uri' : 'header');
    const json = await echo(client.put('things', { token, json: { a: 1 } }));
    expect(json.body).toBe('{"a":1}');
  });
});

describe('[A7] how a client signs is an option of register()', () => {
  it.each(methods)('forceIncludeBody, for %s', async (signatureMethod) => {
    const client = register({ signatureMethod, forceIncludeBody: true });
    const token = await login(client);
    const sent = (await (await client.post('x', { token, json: { a: 1 } })).json()) as {
      oauth: Record<string, string>;
    };
    expect(sent.oauth).toHaveProperty('oauth_body_hash');
    const form = (await (await client.post('x', { token, form: { a: 1 } })).json()) as typeof sent;
    expect(form.oauth).not.toHaveProperty('oauth_body_hash');
  });

  it.each([true, false])('oauthVersion: %s', async (oauthVersion) => {
    const client = register({ oauthVersion });
    const token = await login(client);
    const sent = (await (await client.get('x', { token })).json()) as { oauth: object };
    expect('oauth_version' in sent.oauth).toBe(oauthVersion);
  });

  it('realm, in the header of every request', async () => {
    const client = register({ realm: 'Photos' });
    const token = await login(client);
    const { headers } = await echo(client.get('x', { token }));
    expect(headers['authorization']).toMatch(/^OAuth realm="Photos", /);
  });

  it('signatureMethods, in place of a built-in one too', async () => {
    const { createHmac } = await import('node:crypto');
    const encode = (text: string) =>
      encodeURIComponent(text).replace(
        /[!'()*]/g,
        (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
      );
    const mine = vi.fn((base: string, key: { clientSecret: string; tokenSecret: string }) =>
      createHmac('sha256', `${encode(key.clientSecret)}&${encode(key.tokenSecret)}`)
        .update(base)
        .digest('base64'),
    );
    const signatureMethods = { 'HMAC-SHA256': mine };
    const client = register({ signatureMethod: 'HMAC-SHA256', signatureMethods });
    const token = await login(client);
    await echo(client.get('x', { token }));
    expect(mine).toHaveBeenCalledTimes(3);
  });

  it('imports an RSA key once for all requests', async () => {
    const importing = vi.spyOn(crypto.subtle, 'importKey');
    const client = register({ signatureMethod: 'RSA-SHA256', rsaKey: { ...rsaKey } });
    const token = await login(client);
    await Promise.all([1, 2, 3].map(() => echo(client.get('x', { token }))));
    expect(importing.mock.calls.filter(([format]) => String(format) === 'jwk')).toHaveLength(1);
    importing.mockRestore();
  });
});

describe('[A7] register() refuses', () => {
  it.each<[RegisterOptions, string]>([
    [{ signatureMethod: 'HMAC-SHA1', clientSecret: undefined }, '"clientSecret" is missing'],
    [{ signatureMethod: 'PLAINTEXT', clientSecret: undefined }, '"clientSecret" is missing'],
    [{ signatureMethod: 'RSA-SHA1', rsaKey: undefined }, '"rsaKey" is missing'],
    [{ signatureMethod: 'MINE' }, '"signatureMethod" must be one of HMAC-SHA1'],
    [{ signatureMethods: { MINE: 'x' as never } }, '"signatureMethods" must be'],
    [{ forceIncludeBody: 1 as never }, '"forceIncludeBody" must be true or false'],
    [{ oauthVersion: '1.0' as never }, '"oauthVersion" must be true or false'],
    [{ realm: 'a"b' }, '"realm" must be visible ASCII'],
  ])('%j', (options, message) => {
    expect(() => register(options)).toThrow(message);
  });

  it('nothing that a method of one’s own does without', () => {
    const signatureMethods = { MINE: () => 's' };
    const options = { signatureMethod: 'MINE', signatureMethods, clientSecret: undefined };
    expect(register(options)).toBeDefined();
  });
});
