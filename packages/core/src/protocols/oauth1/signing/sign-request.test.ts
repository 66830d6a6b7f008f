import { describe, expect, it } from 'vitest';
import { signRequest, type SignedRequest, type SignOptions } from '@oauth-registry/core/oauth1';
import { vectors } from '../../../../../../test/data/oauth1-vectors.js';
import { signatureBaseString } from '../../../../../../test/support/oauth1-base-string.js';
import { readHeader } from '../../../../../../test/support/oauth1-header.js';
import type { SignatureMethod } from '../../../options/register-options.js';
import { authorizationHeader } from './placement.js';
import { encodePair, formDecode, type Pair } from './base-string.js';

interface FullVector {
  method: string;
  url: string;
  body?: string;
  content_type?: string;
  body_params?: Pair[];
  oauth_params: Pair[];
  client_secret: string;
  token_secret: string;
  signature: string;
  signature_type?: string;
  expected_body?: string;
  base_string: string;
  realm?: string;
}

const form = 'application/x-www-form-urlencoded';

/** Signs what a vector describes. PLAINTEXT goes over https, where it is allowed. */
function signVector(vector: FullVector, change: SignOptions = {}): Promise<SignedRequest> {
  const given = Object.fromEntries(vector.oauth_params);
  const url = new URL(vector.url);
  if (given['oauth_signature_method'] === 'PLAINTEXT') url.protocol = 'https:';
  // A hash of a body the vector does not show; in the query it is signed just the same.
  const hash = given['oauth_body_hash'];
  if (hash !== undefined) url.searchParams.set('oauth_body_hash', hash);
  const params = new URLSearchParams(vector.body_params?.map(([name, value]) => [name, value]));
  const body = vector.body ?? (vector.body_params ? params : null);
  const headers = vector.content_type ? { 'content-type': vector.content_type } : {};
  const credentials = {
    clientId: given['oauth_consumer_key'] ?? '',
    clientSecret: vector.client_secret,
    token: given['oauth_token'],
    tokenSecret: vector.token_secret,
  };
  return signRequest({ method: vector.method, url, headers, body }, credentials, {
    signatureMethod: given['oauth_signature_method'] as SignatureMethod,
    nonce: given['oauth_nonce'],
    timestamp: given['oauth_timestamp'],
    oauthVersion: 'oauth_version' in given,
    callback: given['oauth_callback'],
    verifier: given['oauth_verifier'],
    realm: vector.realm,
    ...change,
  });
}

const full = vectors<FullVector>('full');

describe('[R1] signRequest', () => {
  it.each(full)('signs %s in the Authorization header (RFC 5849 §3.5.1)', async (_, vector) => {
    const signed = await signVector(vector);
    const { realm, oauth_signature: signature, ...rest } = readHeader(signed);
    expect(signature).toBe(vector.signature);
    expect(realm).toBe(vector.realm);
    const sent = vector.oauth_params.filter(([name]) => name !== 'oauth_body_hash');
    expect(rest).toEqual(Object.fromEntries(sent));
  });

  it.each(full)('signs %s in the query (RFC 5849 §3.5.3)', async (_, vector) => {
    const { url, headers } = await signVector(vector, { signatureType: 'QUERY' });
    expect(new URL(url).searchParams.get('oauth_signature')).toBe(vector.signature);
    expect(headers).not.toHaveProperty('Authorization');
  });

  const withForm = full.filter(([, v]) => v.body_params);
  it.each(withForm)('signs %s in the form body (RFC 5849 §3.5.2)', async (_, vector) => {
    const { body, headers } = await signVector(vector, { signatureType: 'BODY' });
    expect(new URLSearchParams(String(body)).get('oauth_signature')).toBe(vector.signature);
    if (vector.expected_body) expect(body).toBe(vector.expected_body);
    expect(headers).not.toHaveProperty('Authorization');
  });

  it.each(full)('covers with the signature of %s the base string', (_, vector) => {
    const params = [
      ...formDecode(new URL(vector.url).search.slice(1)),
      ...(vector.body_params ?? []),
      ...vector.oauth_params,
    ];
    const { method, url } = vector;
    expect(signatureBaseString({ method, url, params })).toBe(vector.base_string);
  });

  it("signs another path differently: X's documented request, under /1.1/", async () => {
    const [, vector] = full.find(([id]) => id === 'full-155') ?? [];
    if (!vector) throw new Error('full-155 is gone');
    const signed = await signVector({ ...vector, url: vector.url.replace('/1/', '/1.1/') });
    expect(readHeader(signed)['oauth_signature']).toBe('hCtSmYh+iHYCEqBWrE7C7hYmtUk=');
  });
});

const credentials = { clientId: 'ck', clientSecret: 'cs', token: 'tk', tokenSecret: 'ts' };
const get = { method: 'GET', url: 'https://api.example/x' };
const post = { method: 'POST', url: 'https://api.example/x' };

describe('what is sent is what was signed (RFC 5849 §3.4.1)', () => {
  it.each([
    ['HTTPS://API.Example:443/a b/ü?q=ä ö&x=[1]#top', undefined],
    ["https://api.example/a/../b?q='x'", undefined],
    ['https://api.example/x?', 'QUERY'],
    ['https://api.example/x?a=1+2&b=%7E#top', 'QUERY'],
  ] as const)('returns the URL in the form fetch sends: %s', async (url, signatureType) => {
    const options = { nonce: 'n', timestamp: '1', signatureType };
    const signed = await signRequest({ ...get, url }, credentials, options);
    expect(new URL(signed.url).href).toBe(signed.url);
    const again = new URL(signed.url);
    const params = [
      ...formDecode(again.search.slice(1)),
      ...Object.entries(readHeader(signed)).map(([name, value]): Pair => [name, value]),
    ];
    const signature = params.find(([name]) => name === 'oauth_signature')?.[1];
    const { createHmac } = await import('node:crypto');
    const base = signatureBaseString({ method: 'GET', url: signed.url, params });
    expect(createHmac('sha1', 'cs&ts').update(base).digest('base64')).toBe(signature);
  });

  it('preserves the text of an existing query, and puts its own before the fragment', async () => {
    const request = { ...get, url: 'https://api.example/x?a=1+2&b=%7e#top' };
    const { url } = await signRequest(request, credentials, { signatureType: 'QUERY' });
    expect(url).toMatch(
      /^https:\/\/api\.example\/x\?a=1\+2&b=%7e&oauth_nonce=\w+&.*&oauth_signature=[\w%]+#top$/,
    );
  });

  it('writes the method in upper case, because fetch does not for every one', async () => {
    const { method } = await signRequest({ ...post, method: 'patch' }, credentials);
    expect(method).toBe('PATCH');
  });

  it("preserves the caller's header names, and replaces an older Authorization header", async () => {
    const headers = { 'x-CUSTOM': '1', authorization: 'Basic eDp5' };
    const signed = await signRequest({ ...get, headers }, credentials);
    expect(Object.keys(signed.headers)).toEqual(['x-CUSTOM', 'Authorization']);
    expect(signed.headers['Authorization']).toMatch(/^OAuth oauth_nonce="/);
    expect(headers).toEqual({ 'x-CUSTOM': '1', authorization: 'Basic eDp5' });
  });

  it.each([[new Headers({ 'X-A': '1' })], [[['X-A', '1']] as [string, string][]]])(
    'takes headers in every shape fetch does',
    async (headers) => {
      const signed = await signRequest({ ...get, headers }, credentials);
      expect(new Headers(signed.headers).get('x-a')).toBe('1');
    },
  );
});

describe('which bodies are signed (RFC 5849 §3.4.1.3.1)', () => {
  const fixed = { nonce: 'n', timestamp: '1' };
  const signatureOf = async (body: BodyInit | null, type?: string): Promise<string | undefined> => {
    const headers = type === undefined ? {} : { 'Content-Type': type };
    const signed = await signRequest({ ...post, headers, body }, credentials, fixed);
    return readHeader(signed)['oauth_signature'];
  };

  it.each([
    ['text', 'a=1', form],
    ['text with a charset', 'a=1', `${form}; charset=ISO-8859-1`],
    ['text in another case', 'a=1', 'Application/X-WWW-Form-URLencoded'],
    ['bytes', new TextEncoder().encode('a=1'), form],
    ['a Blob', new Blob(['a=1'], { type: form }), undefined],
    ['URLSearchParams', new URLSearchParams('a=1'), undefined],
  ])('signs a form given as %s', async (_, body, type) => {
    expect(await signatureOf(body, type)).toBe(await signatureOf('a=1', form));
    expect(await signatureOf(body, type)).not.toBe(await signatureOf(null));
  });

  it.each([
    ['JSON', '{"a":1}', 'application/json'],
    ['text', 'a=1', undefined],
    ['a type that only begins alike', 'a=1', `${form}-v2`],
    ['multipart', new FormData(), undefined],
    ['a stream', new ReadableStream(), undefined],
  ])('does not sign or touch %s', async (_, body, type) => {
    expect(await signatureOf(body, type)).toBe(await signatureOf(null));
    const headers = type === undefined ? {} : { 'Content-Type': type };
    const signed = await signRequest({ ...post, headers, body }, credentials);
    expect(signed.body).toBe(body);
    expect(signed.headers['Content-Type']).toBe(type);
    if (body instanceof ReadableStream) expect(body.locked).toBe(false);
  });

  it('takes no body for an empty form', async () => {
    expect(await signatureOf(null, form)).toBe(await signatureOf(null));
  });

  it('names the content type of URLSearchParams, unless the caller did', async () => {
    const body = new URLSearchParams('a=1');
    const signed = await signRequest({ ...post, body }, credentials);
    expect(signed.headers['Content-Type']).toBe(`${form};charset=UTF-8`);
    expect(signed.body).toBe(body);
    const headers = { 'content-type': form };
    const named = await signRequest({ ...post, headers, body }, credentials);
    expect(named.headers).toMatchObject({ 'content-type': form });
    expect(named.headers).not.toHaveProperty('Content-Type');
  });

  it('refuses a stream that claims to be a form', async () => {
    const request = { ...post, headers: { 'content-type': form }, body: new ReadableStream() };
    await expect(signRequest(request, credentials)).rejects.toMatchObject({
      code: 'invalid_options',
    });
  });

  it.each([
    ['HMAC-SHA1', 'L7j0ARXdHmlcviPU+Xzlsftpfu4='],
    ['HMAC-SHA256', 'O6iQfnolIydIjfOQ7VF8Rblt6tAzYAIZvcpxB9HT+Io='],
  ] as const)('hashes other bodies with forceIncludeBody: %s', async (signatureMethod, hash) => {
    const request = { ...post, headers: { 'content-type': 'text/plain' }, body: 'foo=bar' };
    const options = { signatureMethod, forceIncludeBody: true };
    const fields = readHeader(await signRequest(request, credentials, options));
    expect(fields['oauth_body_hash']).toBe(hash);
  });

  it('does not hash forms, which are signed anyway', async () => {
    const options = { forceIncludeBody: true };
    const request = { ...post, body: new URLSearchParams('a=1') };
    const inHeader = readHeader(await signRequest(request, credentials, options));
    expect(inHeader).not.toHaveProperty('oauth_body_hash');
    const inBody = await signRequest(post, credentials, { ...options, signatureType: 'BODY' });
    expect(String(inBody.body)).not.toContain('oauth_body_hash');
  });
});

describe('the place of the parameters (RFC 5849 §3.5)', () => {
  it('starts a form when BODY has none to add to', async () => {
    const signed = await signRequest(post, credentials, { signatureType: 'BODY' });
    expect(signed.body).toMatch(/^oauth_nonce=\w+&oauth_timestamp=\d+&oauth_version=1\.0&/);
    expect(signed.headers['Content-Type']).toBe(`${form};charset=UTF-8`);
  });

  it.each([
    ['a GET request', get],
    ['a JSON body', { ...post, headers: { 'content-type': 'application/json' }, body: '{}' }],
  ])('refuses BODY for %s', async (_, request) => {
    const signing = signRequest(request, credentials, { signatureType: 'BODY' });
    await expect(signing).rejects.toThrow('Use "HEADER" for this request.');
  });

  it.each(['header', 'URI', 'toString'])('refuses the unknown place "%s"', async (place) => {
    const options = { signatureType: place } as unknown as SignOptions;
    await expect(signRequest(get, credentials, options)).rejects.toThrow(
      '"signatureType" must be one of HEADER, QUERY, BODY.',
    );
  });

  it.each([
    ['query', { ...get, url: 'https://api.example/x?oauth_nonce=1' }],
    ['query', { ...get, url: 'https://api.example/x?oauth_signature=1' }],
    ['query', { ...get, url: 'https://api.example/x?oauth%5Ftoken=1' }],
    ['body', { ...post, body: new URLSearchParams({ oauth_version: '1.0' }) }],
  ])('refuses a parameter that signing adds and the %s already has (§3.1)', async (_, request) => {
    await expect(signRequest(request, credentials)).rejects.toMatchObject({
      code: 'invalid_options',
    });
  });

  it.each(vectors<{ params: Pair[]; realm?: string; expected: string }>('authorization_header'))(
    'writes the header of %s',
    (_, { params, realm, expected }) => {
      const write = (): string => authorizationHeader(params.map(encodePair), realm);
      if (expected === 'throw') expect(write).toThrow('"realm" must be visible ASCII');
      else expect(write()).toBe(expected);
    },
  );

  it.each(['a"b', 'a\\b', 'a\r\nb', 'a\0b', 'ä'])('refuses the realm %j', async (realm) => {
    await expect(signRequest(get, credentials, { realm })).rejects.toMatchObject({
      code: 'invalid_options',
    });
  });

  it('signs a query parameter called realm; only the header one is left out', async () => {
    const fixed = { nonce: 'n', timestamp: '1' };
    const url = 'https://api.example/x?realm=1';
    const [plain, realm, query] = await Promise.all([
      signRequest(get, credentials, fixed),
      signRequest(get, credentials, { ...fixed, realm: 'R' }),
      signRequest({ ...get, url }, credentials, fixed),
    ]);
    expect(readHeader(realm)['oauth_signature']).toBe(readHeader(plain)['oauth_signature']);
    expect(readHeader(query)['oauth_signature']).not.toBe(readHeader(plain)['oauth_signature']);
  });
});

describe('nonce and timestamp (RFC 5849 §3.3)', () => {
  it('draws a fresh nonce of 128 bits or more for each of 100000 requests', async () => {
    const nonces = new Set<string>();
    for (let round = 0; round < 100; round++) {
      const signing = Array.from({ length: 1000 }, () =>
        signRequest(get, credentials, { signatureMethod: 'PLAINTEXT' }),
      );
      for (const signed of await Promise.all(signing)) {
        nonces.add(readHeader(signed)['oauth_nonce'] ?? '');
      }
    }
    expect(nonces.size).toBe(100_000);
    expect([...nonces].every((nonce) => /^[A-Za-z0-9]{24}$/.test(nonce))).toBe(true);
  }, 30_000);

  it('writes the timestamp as whole seconds', async () => {
    const { oauth_timestamp: timestamp = '' } = readHeader(await signRequest(get, credentials));
    expect(timestamp).toMatch(/^[1-9]\d{9}$/);
    expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(5);
  });
});

describe('what is refused', () => {
  it.each(['http://api.example/x', 'http://127.0.0.1.example/'])(
    'PLAINTEXT over plain http: %s (RFC 5849 §3.4.4)',
    async (url) => {
      const signing = signRequest({ ...get, url }, credentials, { signatureMethod: 'PLAINTEXT' });
      await expect(signing).rejects.toMatchObject({ code: 'insecure_transport' });
    },
  );

  it.each(['http://127.0.0.1:3000/x', 'http://localhost/x', 'http://[::1]/x'])(
    'but PLAINTEXT on loopback is allowed: %s',
    async (url) => {
      const options = { signatureMethod: 'PLAINTEXT' } as const;
      const signed = await signRequest({ ...get, url }, credentials, options);
      expect(readHeader(signed)['oauth_signature']).toBe('cs&ts');
    },
  );

  it('a request without a client identifier', async () => {
    await expect(signRequest(get, { clientId: '' })).rejects.toThrow('"clientId" must be');
  });

  it('a URL with user information', async () => {
    const url = 'https://user:hunter2@api.example/';
    const refused = signRequest({ ...get, url }, credentials);
    await expect(refused).rejects.toThrow('has user information (name:password@)');
    await expect(refused).rejects.not.toThrow('hunter2');
  });

  it('never shows a secret in its errors', async () => {
    const secrets = {
      clientId: 'ck',
      clientSecret: 'hush\ud800',
      token: 'tk',
      tokenSecret: 'psst',
    };
    const error: unknown = await signRequest(get, secrets).catch((thrown: unknown) => thrown);
    const { inspect } = await import('node:util');
    expect(error).toMatchObject({ code: 'invalid_options' });
    expect(inspect(error, { depth: 9 })).not.toMatch(/hush|psst/);
  });
});

describe('odd values', () => {
  it('encodes line breaks in tokens and verifiers, which therefore add no header', async () => {
    const odd = { ...credentials, token: 'a\r\nX-Evil: 1' };
    const { headers } = await signRequest(get, odd, { verifier: 'v\r\n' });
    expect(headers['Authorization']).toContain('oauth_token="a%0D%0AX-Evil%3A%201"');
    expect(new Headers(headers).get('x-evil')).toBeNull();
  });

  it('leaves out what was not given, and oauth_version on request', async () => {
    const signed = await signRequest(get, { clientId: 'ck' }, { oauthVersion: false });
    expect(Object.keys(readHeader(signed)).toSorted()).toEqual([
      'oauth_consumer_key',
      'oauth_nonce',
      'oauth_signature',
      'oauth_signature_method',
      'oauth_timestamp',
    ]);
  });
});
