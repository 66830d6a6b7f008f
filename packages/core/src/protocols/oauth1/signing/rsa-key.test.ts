import { generateKeyPairSync, createPrivateKey, type JsonWebKeyInput } from 'node:crypto';
import { inspect } from 'node:util';
import { OAuth, type OAuthError, type RegisterOptions } from '@oauth-registry/core';
import { signRequest } from '@oauth-registry/core/oauth1';
import { describe, expect, it, vi } from 'vitest';
import { testKey } from '../../../../../../test/data/oauth1-vectors.js';
import { loadRsaKey, readRsaKey } from './rsa-key.js';

const jwk = testKey('oauthlib-rsa');
const key = createPrivateKey({ key: jwk, format: 'jwk' } as JsonWebKeyInput);
const pkcs1 = key.export({ type: 'pkcs1', format: 'pem' }).toString();
const pkcs8 = key.export({ type: 'pkcs8', format: 'pem' }).toString();

const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-1' };
const usage: KeyUsage[] = ['sign'];
const cryptoKey = await crypto.subtle.importKey('jwk', jwk, algorithm, false, usage);

/** Registers a client with a key, and returns the error. */
function refusal(rsaKey: unknown, change: RegisterOptions = {}): OAuthError {
  try {
    new OAuth({ config: {} }).register('bank', {
      clientId: 'ck',
      requestTokenUrl: 'https://p.example/request',
      signatureMethod: 'RSA-SHA1',
      rsaKey: rsaKey as RegisterOptions['rsaKey'],
      ...change,
    });
  } catch (error) {
    return error as OAuthError;
  }
  throw new Error('The key was taken.');
}

describe('[A7] rsaKey', () => {
  it.each([
    ['PKCS#1 PEM', pkcs1],
    ['PKCS#8 PEM', pkcs8],
    ['PEM with Windows line ends and text around it', `Bag Attributes\r\n${pkcs8.replaceAll('\n', '\r\n')}\r\n`],
    ['PEM out of an environment variable', pkcs8.replaceAll('\n', '\\n')],
    ['PEM behind its certificate', `-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n${pkcs1}`],
    ['JWK', jwk],
    ['JWK with members that say what it is for', { ...jwk, alg: 'RS1', use: 'sig', key_ops: ['sign'], kid: '1' }],
    ['CryptoKey', cryptoKey],
  ])('is taken by register() as %s, without a clientSecret', (_, rsaKey) => {
    const oauth = new OAuth({ config: {} }).register('bank', {
      clientId: 'ck',
      requestTokenUrl: 'https://p.example/request',
      signatureMethod: 'RSA-SHA1',
      rsaKey,
    });
    expect(oauth.bank).toBeDefined();
    expect(inspect(oauth, { depth: 9, showHidden: true })).not.toContain(jwk.d?.slice(0, 20));
  }); // prettier-ignore

  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const small = generateKeyPairSync('rsa', { modulusLength: 1023 }).privateKey;
  const pss = generateKeyPairSync('rsa-pss', { modulusLength: 1024 }).privateKey;
  const pem = (k: typeof ec): string => k.export({ type: 'pkcs8', format: 'pem' }).toString();
  const encrypted = { cipher: 'aes-256-cbc', passphrase: 'hush' } as const;
  const { n = '', e = '' } = jwk;
  const { d: _, ...withoutD } = jwk;
  const { qi: __, ...withoutQi } = jwk;
  const other = testKey('wiki-rsa');
  const pkcs1Bytes = key.export({ type: 'pkcs1', format: 'der' });
  const pem1 = (bytes: Uint8Array): string =>
    `-----BEGIN RSA PRIVATE KEY-----\n${Buffer.from(bytes).toString('base64')}\n-----END RSA PRIVATE KEY-----`;
  const body = pkcs8.split('\n').slice(1, -2).join('\n');

  it.each([
    ['nothing', undefined, 'is missing'],
    ['text', 'hunter2', 'is not PEM text'],
    ['an empty PEM block', '-----BEGIN PRIVATE KEY-----\n\n-----END PRIVATE KEY-----', 'is invalid'],
    ['base64 that is no key', '-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----', 'is invalid'],
    ['no base64', `-----BEGIN PRIVATE KEY-----\n!${body}\n-----END PRIVATE KEY-----`, 'is invalid'],
    ['half a key', `-----BEGIN PRIVATE KEY-----\n${body.slice(0, 400)}\n-----END PRIVATE KEY-----`, 'is invalid'],
    ['a key under the wrong label', pkcs8.replaceAll('PRIVATE', 'RSA PRIVATE'), 'is invalid'],
    ['PEM without its end', pkcs8.slice(0, -30), 'is not PEM text'],
    ['a public key', pemOfPublic(), 'is a public key'],
    ['a certificate', pkcs8.replaceAll('PRIVATE KEY', 'CERTIFICATE'), 'is a public key'],
    ['an OpenSSH key', pkcs8.replaceAll('PRIVATE KEY', 'OPENSSH PRIVATE KEY'), 'is in another format'],
    ['an encrypted PKCS#8 key', key.export({ type: 'pkcs8', format: 'pem', ...encrypted }), 'is encrypted'],
    ['an encrypted PKCS#1 key', key.export({ type: 'pkcs1', format: 'pem', ...encrypted }), 'is encrypted'],
    ['an EC key', pem(ec), 'not an RSA key'],
    ['an EC key in its own format', ec.export({ type: 'sec1', format: 'pem' }), 'is an EC key'],
    ['an RSASSA-PSS key', pem(pss), 'is an RSASSA-PSS key'],
    ['a key that is too small', pem(small), 'has 1023 bits'],
    ['a small key as JWK', small.export({ format: 'jwk' }), 'has 1023 bits'],
    ['a public JWK', { kty: 'RSA', n, e }, 'is a public key'],
    ['an EC JWK', ec.export({ format: 'jwk' }), 'not an RSA key'],
    ['a secret JWK', { kty: 'oct', k: 'aHVzaA' }, 'not an RSA key'],
    ['a JWK without d', withoutD, 'is a public key'],
    ['a JWK without its primes', withoutQi, '"qi" is missing'],
    ['a JWK that is no base64url', { ...jwk, p: '+/==' }, '"p" is missing or not base64url'],
    ['a JWK mixed from two keys', { ...jwk, d: other.d }, 'do not match'],
    ['a JWK with the modulus of another key', { ...jwk, n: other.n }, 'do not match'],
    ['a JWK whose signatures show the text', { ...jwk, e: 'AQ', d: 'AQ', dp: 'AQ', dq: 'AQ' }, 'do not match'],
    ['a key that ends too early', pem1(pkcs1Bytes.subarray(0, -3)), 'no private key'],
    ['a key with more behind it', pem1(Buffer.concat([pkcs1Bytes, Buffer.alloc(2)])), 'no private key'],
    ['a JWK with the exponent 1', { ...jwk, e: 'AQ' }, 'do not match'],
    ['a JWK for another hash', { ...jwk, alg: 'RS256' }, 'another "alg" than RS1'],
    ['a JWK for encryption', { ...jwk, use: 'enc' }, 'not a signing key'],
    ['a JWK that only verifies', { ...jwk, key_ops: ['verify'] }, 'not a signing key'],
    ['an empty object', {}, 'not an RSA key'],
  ])('is refused at register() when it is %s', (_name, rsaKey, problem) => {
    const error = refusal(rsaKey);
    expect(error).toMatchObject({ code: 'invalid_options', client: 'bank', phase: 'register' });
    expect(error.message).toContain(`"rsaKey"`);
    expect(error.message).toContain(problem);
  }); // prettier-ignore

  it.each([5, true, [], null, ''])('is refused when it is %j', (rsaKey) => {
    expect(refusal(rsaKey).message).toContain('"rsaKey" must be');
  });

  it.each<[string, RsaHashedImportParams, KeyUsage[], string]>([
    ['for another hash', { ...algorithm, hash: 'SHA-256' }, usage, 'another hash than SHA-1'],
    ['for RSA-PSS', { name: 'RSA-PSS', hash: 'SHA-1' }, usage, 'for another algorithm'],
    ['for decryption', { name: 'RSA-OAEP', hash: 'SHA-1' }, ['decrypt'], 'for another algorithm'],
  ])('is refused as a CryptoKey %s', async (_name, how, uses, problem) => {
    const wrong = await crypto.subtle.importKey('jwk', jwk, how, false, [...uses]);
    expect(refusal(wrong).message).toContain(problem);
  });

  it('is refused as a public or a small CryptoKey', async () => {
    const pub = await crypto.subtle.importKey('jwk', { kty: 'RSA', n, e }, algorithm, true, ['verify']); // prettier-ignore
    expect(refusal(pub).message).toContain('is a public key');
    const smallJwk = small.export({ format: 'jwk' }) as JsonWebKey;
    const tiny = await crypto.subtle.importKey('jwk', smallJwk, algorithm, false, usage);
    expect(refusal(tiny).message).toContain('has 1023 bits');
  });

  it('never appears in an error, whichever form it has', async () => {
    const canaries = ['hunter2', body.slice(40, 60), String(jwk.d).slice(0, 20)];
    const bad = [
      'hunter2',
      `-----BEGIN PRIVATE KEY-----\n!${body}\n-----END PRIVATE KEY-----`,
      pkcs8.replaceAll('PRIVATE', 'RSA PRIVATE'),
      { ...jwk, alg: 'hunter2' },
      { ...jwk, p: 'hunter2' },
      { ...jwk, kty: 'hunter2' },
    ];
    const errors: unknown[] = bad.map((rsaKey) => refusal(rsaKey));
    for (const rsaKey of bad) {
      const credentials = { clientId: 'ck', rsaKey: rsaKey as string };
      const options = { signatureMethod: 'RSA-SHA1' } as const;
      const signing = signRequest(
        { method: 'GET', url: 'https://p.example/' },
        credentials,
        options,
      );
      errors.push(await signing.catch((error: unknown) => error));
    }
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'invalid_options' });
      const shown = `${inspect(error, { depth: 9 })} ${JSON.stringify(error)} ${String((error as Error).stack)}`;
      for (const canary of canaries) expect(shown).not.toContain(canary);
    }
  });

  it('is imported once for each hash, whatever its form', async () => {
    const importing = vi.spyOn(crypto.subtle, 'importKey');
    const fresh = { ...jwk };
    await Promise.all([loadRsaKey(fresh, 'SHA-1'), loadRsaKey(fresh, 'SHA-1')]);
    await loadRsaKey(fresh, 'SHA-1');
    await loadRsaKey(fresh, 'SHA-256');
    expect(importing).toHaveBeenCalledTimes(2);
    const text = `${pkcs1}\n`;
    await loadRsaKey(text, 'SHA-1');
    await loadRsaKey(text, 'SHA-1');
    expect(importing).toHaveBeenCalledTimes(3);
    await loadRsaKey(cryptoKey, 'SHA-1');
    expect(importing).toHaveBeenCalledTimes(3);
    importing.mockRestore();
  });

  it('is imported so that it cannot be exported', async () => {
    expect((await loadRsaKey(pkcs8, 'SHA-1')).extractable).toBe(false);
  });

  it('is not needed if a method of the same name takes its place', () => {
    const signatureMethods = { 'RSA-SHA1': () => 'from the hardware' };
    const oauth = new OAuth({ config: {} }).register('bank', {
      clientId: 'ck',
      requestTokenUrl: 'https://p.example/request',
      signatureMethod: 'RSA-SHA1',
      signatureMethods,
    });
    expect(oauth.bank).toBeDefined();
  });

  it('is read without waiting', () => {
    expect(readRsaKey(pkcs8, 'SHA-1')).toMatchObject({ kty: 'RSA', n, e, d: jwk.d });
  });
});

function pemOfPublic(): string {
  const pub = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
  return pub.export({ type: 'spki', format: 'pem' }).toString();
}
