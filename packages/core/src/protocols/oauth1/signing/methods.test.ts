import { createPrivateKey, verify, type JsonWebKeyInput } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { testKey, vectors } from '../../../../../../test/data/oauth1-vectors.js';
import type { SigningKey } from '../../../options/register-options.js';
import { chooseCrypto } from '../../../platform/crypto-functions.js';
import { toBase64 } from '../../../platform/encoding.js';
import type { Digest } from './types.js';
import { hashBody } from './body.js';
import { findMethod } from './methods.js';

interface SignatureVector {
  method: string;
  base_string: string;
  key?: string;
  client_secret?: string;
  token_secret?: string | null;
  expected: string;
  negative?: boolean;
}

function keyOf(vector: SignatureVector): SigningKey {
  return {
    clientSecret: vector.client_secret ?? '',
    tokenSecret: vector.token_secret ?? '',
    rsaKey: vector.key === undefined ? undefined : testKey(vector.key),
  };
}

const all = vectors<SignatureVector>('signature');

describe('[A7] signature methods (RFC 5849 §3.4)', () => {
  it.each(all.filter(([, v]) => !v.negative))('sign %s', async (_, vector) => {
    const sign = findMethod(vector.method);
    expect(await sign(vector.base_string, keyOf(vector))).toBe(vector.expected);
  });

  it.each(all.filter(([, v]) => v.negative))(
    'do not give the value that RFC 5849 misprints (erratum 2550): %s',
    async (_, vector) => {
      const sign = findMethod(vector.method);
      expect(await sign(vector.base_string, keyOf(vector))).not.toBe(vector.expected);
    },
  );

  it.each(all.filter(([, v]) => v.method.startsWith('HMAC-SHA')))(
    'sign %s by Web Crypto, if there is no node:crypto',
    async (_, vector) => {
      const digest = vector.method.replace('HMAC-SHA', 'SHA-') as Digest;
      const secrets = await findMethod('PLAINTEXT')('', keyOf(vector));
      for (const runtime of [{}, { process: {} }]) {
        const signature = toBase64(
          await chooseCrypto(runtime).hmac(digest, secrets, vector.base_string),
        );
        if (vector.negative) expect(signature).not.toBe(vector.expected);
        else expect(signature).toBe(vector.expected);
      }
    },
  );

  it.each(['HMAC-MD5', 'hmac-sha1', 'RSA-SHA384', 'toString', '__proto__', ''])(
    'refuse the unknown method "%s", naming the known ones',
    (method) => {
      expect(() => findMethod(method, {})).toThrow(
        '"signatureMethod" must be one of HMAC-SHA1, HMAC-SHA256, HMAC-SHA512, RSA-SHA1, ' +
          'RSA-SHA256, RSA-SHA512, PLAINTEXT',
      );
    },
  );

  it.each(['RSA-SHA1', 'RSA-SHA256', 'RSA-SHA512'])(
    '%s verifies with the public key, from every form of the private one (RFC 5849 §3.4.3)',
    async (method) => {
      const jwk = testKey('oauthlib-rsa');
      const key = createPrivateKey({ key: jwk, format: 'jwk' } as JsonWebKeyInput);
      const hash = method.replace('RSA-', '').toLowerCase();
      const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: method.replace('RSA-SHA', 'SHA-') };
      const forms = [
        jwk,
        key.export({ type: 'pkcs1', format: 'pem' }).toString(),
        key.export({ type: 'pkcs8', format: 'pem' }).toString(),
        await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']),
      ];
      const signatures = new Set<string>();
      for (const rsaKey of forms) {
        const credentials = { clientSecret: '', tokenSecret: '', rsaKey };
        signatures.add(await findMethod(method)('base string', credentials));
      }
      const [signature = '', ...others] = signatures;
      expect(others).toEqual([]);
      const bytes = Buffer.from(signature, 'base64');
      expect(verify(hash, Buffer.from('base string'), key, bytes)).toBe(true);
    },
  );
});

describe('[A7] the body hash', () => {
  it.each(vectors<{ hash: string; body: string; expected: string }>('body_hash'))(
    'of %s',
    async (_, { hash, body, expected }) => {
      const digest = hash.toUpperCase().replace('SHA', 'SHA-') as Digest;
      expect(await hashBody(body, digest)).toBe(expected);
      expect(await hashBody(new TextEncoder().encode(body), digest)).toBe(expected);
      expect(await hashBody(new Blob([body]), digest)).toBe(expected);
    },
  );

  it('of no body is that of an empty one', async () => {
    expect(await hashBody(null, 'SHA-1')).toBe('2jmj7l5rSw0yVb/vlWAYkK/YBwk=');
  });

  it.each([new ReadableStream(), new FormData()])(
    'refuses bodies that have no bytes yet: %s',
    async (body) => {
      await expect(hashBody(body, 'SHA-1')).rejects.toMatchObject({ code: 'invalid_options' });
    },
  );
});
