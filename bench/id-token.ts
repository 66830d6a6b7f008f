/**
 * Compares the CPU time to verify an id_token: ours, with all its claims, jose's `jwtVerify` with `iss`,
 * `aud` and `exp`, and the bare signature with `node:crypto`. Ends with exit code 1 if a ratio is above its
 * limit.
 *
 * `node dist/id-token.js [rounds] [verifications per round]`
 */
import { createPublicKey, generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import { OAuth } from '@oauth-registry/core';
import { importJWK, jwtVerify, SignJWT, type JWK } from 'jose';
import { measure, show, showRatios } from './rounds.js';

const [rounds = 25, count = 1000] = process.argv.slice(2).map(Number);
const issuer = 'https://id.example';
const clientId = 'app';
const nonce = randomBytes(32).toString('base64url');

const pairs = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};
for (const [alg, { privateKey, publicKey }] of Object.entries(pairs)) {
  const jwk: JWK = { ...(publicKey.export({ format: 'jwk' }) as JWK), kid: 'one', alg, use: 'sig' };
  const idToken = await new SignJWT({ nonce, email: 'ada@example.org', name: 'Ada Lovelace' })
    .setProtectedHeader({ alg, kid: 'one', typ: 'JWT' })
    .setIssuer(issuer)
    .setAudience(clientId)
    .setSubject('ada')
    .setIssuedAt()
    .setExpirationTime('2h')
    .sign(privateKey);

  const { corp } = new OAuth({ config: {} }).register('corp', {
    clientId,
    clientSecret: 'the secret of the client',
    issuer,
    authorizeUrl: `${issuer}/authorize`,
    accessTokenUrl: `${issuer}/token`,
    jwks: { keys: [jwk] },
    idTokenSignedResponseAlg: alg,
  });
  const key = await importJWK(jwk, alg);
  const expected = { issuer, audience: clientId, algorithms: [alg] };
  const token = { access_token: 'at', token_type: 'Bearer', id_token: idToken };
  const ours = `ours, ${alg}`;
  const jose = `jose, ${alg}`;
  const calls: Record<string, () => unknown> = {
    [jose]: () => jwtVerify(idToken, key, expected),
    [ours]: () => corp.parseIdToken(token, { nonce }),
    [`node:crypto, ${alg}`]: bareSignature(idToken, createPublicKey({ key: jwk, format: 'jwk' })),
  };
  const subjects = Object.entries(calls).map(([name, call]) => ({ name, call, costs: [] }));
  await measure(subjects, { rounds, count, warmUp: 2000 });
  show(subjects);
  showRatios(subjects, [[ours, jose, 1.1]]);
}

function bareSignature(idToken: string, key: ReturnType<typeof createPublicKey>) {
  return () => {
    const end = idToken.lastIndexOf('.');
    const signature = Buffer.from(idToken.slice(end + 1), 'base64url');
    const signed = Buffer.from(idToken.slice(0, end));
    const isValid = verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
    if (!isValid) throw new Error('The signature is wrong.');
  };
}
