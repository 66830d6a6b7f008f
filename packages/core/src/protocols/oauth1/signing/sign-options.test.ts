import { createHmac } from 'node:crypto';
import { signRequest, type SigningKey, type SignOptions } from '@oauth-registry/core/oauth1';
import { describe, expect, it } from 'vitest';
import { testKey } from '../../../../../../test/data/oauth1-vectors.js';
import { readHeader } from '../../../../../../test/support/oauth1-header.js';

const credentials = { clientId: 'ck', clientSecret: 'cs', token: 'tk', tokenSecret: 'ts' };
const fixed = { nonce: 'n', timestamp: '1' };
const get = { method: 'GET', url: 'https://api.example/x' };
const post = { method: 'POST', url: 'https://api.example/x' };
const form = 'application/x-www-form-urlencoded';
const placements = ['HEADER', 'QUERY', 'BODY'] as const;

/** The signature that the RFC asks for, of a base string written by hand. */
const hmacOf = (base: string): string => createHmac('sha1', 'cs&ts').update(base).digest('base64');

describe('[A7] [R1] a signature method of one’s own', () => {
  it('gets the base string and the secrets, and its name goes over the wire', async () => {
    const seen: [string, SigningKey][] = [];
    const signatureMethods = {
      'MY-METHOD': async (baseString: string, key: SigningKey) => {
        seen.push([baseString, key]);
        return 'a signature=';
      },
    };
    const options = { ...fixed, signatureMethod: 'MY-METHOD', signatureMethods };
    const signed = await signRequest(get, { ...credentials, rsaKey: 'my key' }, options);
    const fields = readHeader(signed);
    expect(fields['oauth_signature_method']).toBe('MY-METHOD');
    expect(fields['oauth_signature']).toBe('a signature=');
    expect(seen).toEqual([
      [
        'GET&https%3A%2F%2Fapi.example%2Fx&oauth_consumer_key%3Dck%26oauth_nonce%3Dn%26' +
          'oauth_signature_method%3DMY-METHOD%26oauth_timestamp%3D1%26oauth_token%3Dtk%26' +
          'oauth_version%3D1.0',
        { clientSecret: 'cs', tokenSecret: 'ts', rsaKey: 'my key' },
      ],
    ]);
  });

  it('replaces a built-in one of its name, and may return its result synchronously', async () => {
    const signatureMethods = { 'RSA-SHA256': () => 'from the hardware' };
    const options = { signatureMethod: 'RSA-SHA256', signatureMethods };
    const signed = await signRequest(get, { clientId: 'ck' }, options);
    expect(readHeader(signed)['oauth_signature']).toBe('from the hardware');
  });

  it.each([undefined, null, 5, '', {}])('must return a string, not %j', async (value) => {
    const signatureMethods = { MINE: () => value as string };
    const signing = signRequest(get, credentials, { signatureMethod: 'MINE', signatureMethods });
    await expect(signing).rejects.toMatchObject({ code: 'invalid_options' });
  });

  it('is found by its own name only', async () => {
    const options = { signatureMethod: 'toString', signatureMethods: {} };
    await expect(signRequest(get, credentials, options)).rejects.toThrow('"signatureMethod" must');
  });
});

describe('[A7] [R1] RSA (RFC 5849 §3.4.3)', () => {
  const rsaKey = testKey('oauthlib-rsa');

  it('needs no secret', async () => {
    const options = { signatureMethod: 'RSA-SHA1', ...fixed } as const;
    const signed = await signRequest(get, { clientId: 'ck', rsaKey }, options);
    expect(readHeader(signed)['oauth_signature']).toMatch(/^[A-Za-z0-9+/]{171}=$/);
  });

  it('needs a key', async () => {
    const signing = signRequest(get, credentials, { signatureMethod: 'RSA-SHA1' });
    await expect(signing).rejects.toThrow('"rsaKey" is missing');
  });
});

describe('a request is signed in one place (RFC 5849 §3.5)', () => {
  it.each(placements)('refuses %s beside an Authorization header of OAuth', async (place) => {
    for (const name of ['Authorization', 'authorization']) {
      for (const value of ['OAuth oauth_token="x"', 'oauth realm="r"', 'OAuth']) {
        const request = { ...post, headers: { [name]: value } };
        const signing = signRequest(request, credentials, { signatureType: place });
        await expect(signing).rejects.toMatchObject({ code: 'invalid_options' });
        await expect(signing).rejects.toThrow('already has an "Authorization: OAuth" header');
      }
    }
  });

  it.each(['QUERY', 'BODY'] as const)(
    'lets %s travel beside an Authorization of another scheme',
    async (signatureType) => {
      const headers = { Authorization: 'Basic eDp5' };
      const signed = await signRequest({ ...post, headers }, credentials, { signatureType });
      expect(signed.headers['Authorization']).toBe('Basic eDp5');
    },
  );
});

describe('further protocol parameters', () => {
  it.each(placements)('travel and are signed in %s', async (signatureType) => {
    const protocolParams = { oauth_session_handle: 'a=&b' };
    const options = { ...fixed, signatureType, protocolParams };
    const { url, headers, body } = await signRequest(post, credentials, options);
    const base =
      'POST&https%3A%2F%2Fapi.example%2Fx&oauth_consumer_key%3Dck%26oauth_nonce%3Dn%26' +
      'oauth_session_handle%3Da%253D%2526b%26oauth_signature_method%3DHMAC-SHA1%26' +
      'oauth_timestamp%3D1%26oauth_token%3Dtk%26oauth_version%3D1.0';
    const sent = new URLSearchParams(
      { HEADER: '', QUERY: new URL(url).search, BODY: String(body) }[signatureType],
    );
    const fields = signatureType === 'HEADER' ? readHeader({ headers }) : Object.fromEntries(sent);
    expect(fields['oauth_session_handle']).toBe('a=&b');
    expect(fields['oauth_signature']).toBe(hmacOf(base));
  });

  it.each(['x_auth_mode', 'oauth_', 'oauth_"', 'oauth_nonce', 'oauth_signature', 'realm'])(
    'are not called %s',
    async (name) => {
      const signing = signRequest(get, credentials, { protocolParams: { [name]: 'x' } });
      await expect(signing).rejects.toThrow('Names in "protocolParams" must');
    },
  );
});

describe('escapes are signed as the bytes they stand for (RFC 5849 §3.6)', () => {
  const start = 'GET&https%3A%2F%2Fapi.example%2Fx&';
  const end =
    'oauth_consumer_key%3Dck%26oauth_nonce%3Dn%26oauth_signature_method%3DHMAC-SHA1%26' +
    'oauth_timestamp%3D1%26oauth_token%3Dtk%26oauth_version%3D1.0';

  it.each([
    ['bytes that are no UTF-8', 'b=%FF%fe', 'b%3D%25FF%25FE%26'],
    ['needless escapes', 'b=%7E%41%2d', 'b%3D~A-%26'],
    ['escapes in lower case', 'b=%c3%a9', 'b%3D%25C3%25A9%26'],
    ['half an escape', 'b=%4&c=%', 'b%3D%25254%26c%3D%2525%26'],
    ['an equals sign in a value', 'b=c=d', 'b%3Dc%253Dd%26'],
    ['plus signs', 'b+=+%2B', 'b%2520%3D%2520%252B%26'],
    ['a parameter without a name', '=v', '%3Dv%26'],
    ['a parameter without a value', 'b', 'b%3D%26'],
    ['a parameter twice', 'b=2&b=10&b=2', 'b%3D10%26b%3D2%26b%3D2%26'],
    ['empty fields', '&&b=1&', 'b%3D1%26'],
    ['a null byte', 'b=%00', 'b%3D%2500%26'],
  ])('%s', async (_, query, expected) => {
    const signed = await signRequest({ ...get, url: `${get.url}?${query}` }, credentials, fixed);
    expect(signed.url).toBe(`${get.url}?${query}`);
    expect(readHeader(signed)['oauth_signature']).toBe(hmacOf(start + expected + end));
    const asForm = { ...post, headers: { 'content-type': form }, body: query };
    const base = start.replace('GET', 'POST') + expected + end;
    expect(readHeader(await signRequest(asForm, credentials, fixed))['oauth_signature']).toBe(
      hmacOf(base),
    );
  });

  it('signs a byte order mark, which is sent', async () => {
    const body = new TextEncoder().encode('\ufeffb=1');
    const request = { ...post, headers: { 'content-type': form }, body };
    const signed = await signRequest(request, credentials, fixed);
    const base = `${start.replace('GET', 'POST')}%25EF%25BB%25BFb%3D1%26${end}`;
    expect(readHeader(signed)['oauth_signature']).toBe(hmacOf(base));
  });

  it('refuses a form of bytes that are no text', async () => {
    const body = Uint8Array.of(0x62, 0x3d, 0xff);
    const request = { ...post, headers: { 'content-type': form }, body };
    await expect(signRequest(request, credentials)).rejects.toThrow('not valid UTF-8');
  });
});

describe('what is signed stays what it was', () => {
  it('signs a copy of a URL that changes while a body is read', async () => {
    const url = new URL('https://api.example/x');
    const body = new Blob(['b=1'], { type: form });
    const signing = signRequest({ method: 'POST', url, body }, credentials);
    url.pathname = '/changed';
    expect((await signing).url).toBe('https://api.example/x');
  });

  it('leaves the arguments as they are', async () => {
    const request = Object.freeze({
      ...post,
      headers: Object.freeze({ Authorization: 'Basic x' }),
    });
    for (const signatureType of placements) {
      const options: SignOptions = Object.freeze({ signatureType });
      await signRequest(request, Object.freeze({ ...credentials }), options);
    }
    expect(request.headers).toEqual({ Authorization: 'Basic x' });
  });
});

describe('[A7] oauth_body_hash', () => {
  const body = '{"a":1}';
  const json = { ...post, headers: { 'content-type': 'application/json' }, body };

  it.each([
    ['HMAC-SHA512', 'SHA-512'],
    ['RSA-SHA1', 'SHA-1'],
    ['RSA-SHA256', 'SHA-256'],
    ['RSA-SHA512', 'SHA-512'],
    ['PLAINTEXT', 'SHA-1'],
    ['MY-SHA256', 'SHA-256'],
    ['MINE', 'SHA-1'],
  ])('is made for %s with %s, in header and query', async (signatureMethod, digest) => {
    const hash = await crypto.subtle.digest(digest, new TextEncoder().encode(body));
    const expected = Buffer.from(hash).toString('base64');
    const who = { ...credentials, rsaKey: testKey('oauthlib-rsa') };
    const signatureMethods = { 'MY-SHA256': () => 's', MINE: () => 's' };
    const options = { signatureMethod, signatureMethods, forceIncludeBody: true };
    const signed = await signRequest(json, who, options);
    expect(readHeader(signed)['oauth_body_hash']).toBe(expected);
    const { url } = await signRequest(json, who, { ...options, signatureType: 'QUERY' });
    expect(new URL(url).searchParams.get('oauth_body_hash')).toBe(expected);
    expect(signed.body).toBe(body);
  });

  it.each([new FormData(), new ReadableStream()])(
    'refuses a body it cannot read',
    async (stream) => {
      const signing = signRequest({ ...post, body: stream }, credentials, {
        forceIncludeBody: true,
      });
      await expect(signing).rejects.toThrow('"forceIncludeBody" hashes the body');
    },
  );
});
