import { CompactEncrypt, exportJWK, generateKeyPair } from 'jose';
import { expect, it } from 'vitest';
import type { PrivateJwk } from '../../../options/private-key.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { toBytes } from '../../../platform/encoding.js';
import { decryptedIdToken, decryptIdToken } from './encrypted-id-token.js';

const alg = 'ECDH-ES';

async function setUp() {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const idToken = await new CompactEncrypt(toBytes('a.b.c'))
    .setProtectedHeader({ alg, enc: 'A128CBC-HS256' })
    .encrypt(publicKey);
  return { idToken, decryptionKeys: [(await exportJWK(privateKey)) as PrivateJwk] };
}

const context = (options: RegisterOptions) => ({ options, maxBytes: 1000 });

it('decrypts an id_token, and replaces that of a token', async () => {
  const { idToken, decryptionKeys } = await setUp();
  const configured = context({ decryptionKeys, idTokenEncryptedResponseAlg: alg });
  expect(await decryptedIdToken(configured, idToken)).toBe('a.b.c');
  const token = { access_token: 'a', id_token: idToken };
  expect(await decryptIdToken(configured, token)).toEqual({ ...token, id_token: 'a.b.c' });
  expect(await decryptIdToken(configured, { access_token: 'a' })).toEqual({ access_token: 'a' });
});

it('returns a stored id_token unchanged if it is not encrypted, or there is no key', async () => {
  const { idToken, decryptionKeys } = await setUp();
  const configured = context({ decryptionKeys, idTokenEncryptedResponseAlg: alg });
  expect(await decryptedIdToken(configured, 'a.b.c')).toBe('a.b.c');
  expect(await decryptedIdToken(configured, undefined)).toBeUndefined();
  expect(await decryptedIdToken(context({}), idToken)).toBe(idToken);
});

it('rejects an encrypted id_token if encryption is not configured, and names the options', async () => {
  const { idToken, decryptionKeys } = await setUp();
  await expect(decryptedIdToken(context({ decryptionKeys }), idToken)).rejects.toMatchObject({
    code: 'invalid_id_token',
    reason: 'form',
    message: expect.stringContaining(
      'alg "ECDH-ES" and enc "A128CBC-HS256", but encryption is not configured',
    ) as string,
  });
});

it('rejects an id_token that is not encrypted if encryption is configured', async () => {
  const { decryptionKeys } = await setUp();
  const configured = context({ decryptionKeys, idTokenEncryptedResponseAlg: alg });
  await expect(
    decryptIdToken(configured, { access_token: 'a', id_token: 'a.b.c' }),
  ).rejects.toMatchObject({ code: 'invalid_id_token', reason: 'form' });
});
