import { CompactEncrypt, exportJWK, generateKeyPair, type JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { signJws } from '../../../../../../test/support/provider/jws.js';
import { attackerKey, ecKey } from '../../../../../../test/support/provider/keys.js';
import { defaultLimits } from '../../../options/limits.js';
import type { PrivateJwk } from '../../../options/private-key.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { toBytes } from '../../../platform/encoding.js';
import { createJwks } from '../../../platform/jwt/jwks.js';
import { readSignedUserinfo } from './signed-userinfo.js';

const issuer = 'https://id.example';
const key = ecKey();
const alg = 'ECDH-ES';
const seconds = () => Math.floor(Date.now() / 1000);

const sign = (claims: object, signer = key): string =>
  signJws({ sub: 'u', ...claims }, { alg: 'ES256', kid: key.kid }, signer);

async function read(jwt: string | undefined, options: RegisterOptions = {}) {
  const all = { clientId: 'app', issuer, userinfoSignedResponseAlg: 'ES256', ...options };
  const jwks = createJwks({ keys: [key.jwk as JWK], limits: defaultLimits });
  return await readSignedUserinfo(jwt, {
    options: all,
    metadata: { issuer },
    jwks,
    limits: defaultLimits,
  });
}

const refused = (reason: string | undefined, message = '') =>
  expect.objectContaining({
    code: 'invalid_userinfo',
    reason,
    message: expect.stringContaining(message) as string,
  });

describe('a signed profile (OpenID Connect Core §5.3.2)', () => {
  it('is its payload, as it was sent', async () => {
    const claims = { email_verified: 'true', name: null };
    expect(await read(sign(claims))).toEqual({ sub: 'u', ...claims });
  });

  it('must be a JWT with a valid signature', async () => {
    await expect(read(undefined)).rejects.toEqual(refused(undefined, 'not a JWT'));
    await expect(read('{"sub":"u"}')).rejects.toEqual(refused('form'));
    await expect(read(sign({}, attackerKey()))).rejects.toEqual(refused('signature'));
  });

  it('may have an issuer, audience and expiry, which are validated', async () => {
    const good = { iss: issuer, aud: ['app', 'other'], exp: seconds() };
    expect(await read(sign(good))).toMatchObject(good);
    for (const [claim, value] of [
      ['iss', 'https://other.example'],
      ['aud', 'other'],
      ['exp', seconds() - 60],
    ] as const) {
      const checked = read(sign({ ...good, [claim]: value }));
      await expect(checked).rejects.toEqual(refused('claim', `"${claim}"`));
    }
    await expect(read(sign({ exp: seconds() - 5 }), { leeway: 0 })).rejects.toEqual(
      refused('claim', '"exp"'),
    );
  });
});

describe('an encrypted profile', () => {
  const setUp = async (content: string) => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    const jwe = await new CompactEncrypt(toBytes(content))
      .setProtectedHeader({ alg, enc: 'A128CBC-HS256' })
      .encrypt(publicKey);
    const decryptionKeys = [(await exportJWK(privateKey)) as PrivateJwk];
    return { jwe, options: { decryptionKeys, userinfoEncryptedResponseAlg: alg } };
  };

  it('may have no signature, unless one is configured', async () => {
    const { jwe, options } = await setUp('{"sub":"u"}');
    const unsigned = { ...options, userinfoSignedResponseAlg: undefined };
    expect(await read(jwe, unsigned)).toEqual({ sub: 'u' });
    await expect(read(jwe, options)).rejects.toEqual(refused('form'));
    await expect(read('{"sub":"u"}', unsigned)).rejects.toEqual(refused('form', 'not encrypted'));
  });

  it('is verified if its content is signed', async () => {
    for (const userinfoSignedResponseAlg of ['ES256', undefined]) {
      const good = await setUp(sign({}));
      const options = { ...good.options, userinfoSignedResponseAlg };
      expect(await read(good.jwe, options)).toEqual({ sub: 'u' });
      const bad = await setUp(sign({}, attackerKey()));
      await expect(read(bad.jwe, { ...bad.options, userinfoSignedResponseAlg })).rejects.toEqual(
        refused('signature'),
      );
    }
  });

  it('is required only if encryption is configured', async () => {
    await expect(read('{"sub":"u"}', { userinfoSignedResponseAlg: undefined })).rejects.toEqual(
      refused('form'),
    );
  });
});
