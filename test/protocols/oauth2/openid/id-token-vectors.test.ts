import { X509Certificate } from 'node:crypto';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { describe, expect, test } from 'vitest';
import { certificate } from './id-token-vectors/certificate.js';
import { idTokenVectors, publishedKeys, vectorContext } from './id-token-vectors.js';
import type { VectorOutcome } from './id-token-vectors.js';
import { attackerKey } from '../../../support/provider/index.js';

const context = vectorContext({
  issuer: 'https://id.example',
  clientId: 'test-client.1',
  clientSecret: 's3cret',
  nonce: 'a-nonce',
  now: Math.floor(Date.now() / 1000),
  accessToken: 'an-access-token',
});

const numbered = (letter: string, count: number) =>
  Array.from({ length: count }, (_, index) => letter + String(index + 1).padStart(2, '0'));

/** What jose alone says, with its key set, issuer, audience and algorithms given. */
async function verifyWithJose({ idToken, jwks, jwksStatus }: VectorOutcome) {
  if (jwksStatus !== undefined) throw new Error(`The JWK Set answers ${jwksStatus}.`);
  const keys = createLocalJWKSet((jwks ?? publishedKeys(context)) as JSONWebKeySet);
  return jwtVerify(idToken as string, keys, {
    issuer: context.issuer,
    audience: context.clientId,
    algorithms: ['RS256'],
    requiredClaims: ['iss', 'aud', 'exp', 'iat', 'sub'],
    clockTolerance: 30,
  });
}

describe('id_token vectors', () => {
  test('are complete, and each has its own id', () => {
    const ids = idTokenVectors.map(({ id }) => id);
    expect(ids).toEqual([...numbered('N', 95), ...numbered('P', 7)]);
  });

  test('accept the P ones and N95, and refuse every other', () => {
    const accepted = idTokenVectors.filter(({ accept }) => accept).map(({ id }) => id);
    expect(accepted).toEqual(['N95', ...numbered('P', 7)]);
  });

  test('carry a max_age if it matters', () => {
    const timed = idTokenVectors.filter(({ maxAge }) => maxAge !== undefined);
    expect(timed.map(({ id, maxAge }) => [id, maxAge])).toEqual([
      ['N69', 300],
      ['N70', 300],
      ['N71', 300],
    ]);
  });

  test.each(idTokenVectors.filter(({ joseAccepts }) => joseAccepts === true))(
    '$id $title: jose alone accepts it',
    async (vector) => {
      await expect(verifyWithJose(await vector.build(context))).resolves.toBeDefined();
    },
  );

  test.each(idTokenVectors.filter(({ joseAccepts }) => joseAccepts === false))(
    '$id $title: jose alone refuses it',
    async (vector) => {
      await expect(verifyWithJose(await vector.build(context))).rejects.toThrow();
    },
  );

  test('the certificate of N18 is one, and signs itself', () => {
    const made = new X509Certificate(Buffer.from(certificate(attackerKey()), 'base64'));
    expect(made.verify(attackerKey().publicKey)).toBe(true);
  });

  test('N94 passes if the exponent is not looked at', async () => {
    const [vector] = idTokenVectors.filter(({ id }) => id === 'N94');
    const outcome = await vector?.build(context);
    const {
      keys: [key],
    } = (outcome?.jwks ?? { keys: [] }) as { keys: { n: string; e: string }[] };
    const { n, e } = key ?? {};
    const signature = Buffer.from(String(outcome?.idToken).split('.')[2] ?? '', 'base64url');
    expect(e).toBe('AQ');
    expect(signature).toHaveLength(Buffer.from(n ?? '', 'base64url').length);
    expect(signature.subarray(0, 3)).toEqual(Buffer.from([0, 1, 0xff]));
  });
});
