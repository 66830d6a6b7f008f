import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';

/** A key pair of the fake provider (or of an attacker), with its public JWK. */
export interface TestKey {
  kid: string;
  alg: string;
  use: 'sig' | 'enc';
  privateKey: KeyObject;
  publicKey: KeyObject;
  /** The public half, as a JWKS entry with `kid`, `alg` and `use`. */
  jwk: Record<string, unknown>;
}

/** What a key is made of: algorithm, use, and for RSA the size of its modulus. */
interface KeyKind {
  alg: string;
  use?: 'sig' | 'enc';
  bits?: number;
}

const cache = new Map<string, TestKey>();

/** Private keys in PEM, by their name. `vitest.mutation.config.ts` creates them once for all mutants. */
const given = JSON.parse(process.env['TEST_KEYS'] ?? '{}') as Record<string, string>;

/** Returns the key of that name; it is generated once per process, because that is slow. */
export function testKey(kid: string, kind: KeyKind): TestKey {
  const known = cache.get(kid);
  if (known) return known;
  const key = generateKey(kid, kind);
  cache.set(kid, key);
  return key;
}

/** The `number`th RS256 signing key; 1 is `k1`. */
export const rsaKey = (number = 1): TestKey => testKey(`k${number}`, { alg: 'RS256' });

/** The `number`th ES256 signing key; 1 is `e1`. */
export const ecKey = (number = 1): TestKey => testKey(`e${number}`, { alg: 'ES256' });

/** The RSA key `enc1`, published for encryption and never for signatures. */
export const encryptionKey = (): TestKey => testKey('enc1', { alg: 'RSA-OAEP-256', use: 'enc' });

/** The RS256 key of a client that has one. */
export const clientKey = (): TestKey => testKey('client', { alg: 'RS256' });

/** An RS256 key that no provider publishes. */
export const attackerKey = (): TestKey => testKey('attacker', { alg: 'RS256' });

/** An RSA key of 1024 bits: too short for RS256 (RFC 7518 §3.3). */
export const smallKey = (): TestKey => testKey('small', { alg: 'RS256', bits: 1024 });

function generateKey(kid: string, { alg, use = 'sig', bits = 2048 }: KeyKind): TestKey {
  const pem = given[kid];
  const { privateKey, publicKey } = pem === undefined ? newKeys(alg, bits) : keysIn(pem);
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg, use };
  return { kid, alg, use, privateKey, publicKey, jwk };
}

type Keys = Pick<TestKey, 'privateKey' | 'publicKey'>;

function newKeys(alg: string, modulusLength: number): Keys {
  return alg.startsWith('ES')
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength });
}

function keysIn(pem: string): Keys {
  return { privateKey: createPrivateKey(pem), publicKey: createPublicKey(pem) };
}
