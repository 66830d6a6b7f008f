import { base64url } from '../../../../support/provider/index.js';
import { certificate } from './certificate.js';
import {
  withHeader,
  vectors,
  type Build,
  type IdTokenVector,
  type VectorContext,
} from './context.js';

/** Rebuilds the token from its three segments. */
function segments(change: (parts: [string, string, string], context: VectorContext) => string[]) {
  const build: Build = (context) => {
    const [head = '', payload = '', signature = ''] = context.sign().split('.');
    return change([head, payload, signature], context).join('.');
  };
  return build;
}

const unsigned = (alg: string, signature: string): Build =>
  segments(([, payload]) => [base64url(JSON.stringify({ alg })), payload, signature]);

const publicPem = ({ keys }: VectorContext) =>
  keys.rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();

const modulus = ({ keys }: VectorContext) => Buffer.from(String(keys.rsa.jwk['n']), 'base64url');

const attacker = ({ keys }: VectorContext) => keys.attacker;

const hs256 = () => ({ alg: 'HS256' });

/** Every byte XOR 0x5A, as the OpenID conformance suite spoils signatures. */
const flip = (signature: string) =>
  base64url(Buffer.from(signature, 'base64url').map((byte) => byte ^ 0x5a));

const forgedPayload = ({ claims }: VectorContext) =>
  base64url(JSON.stringify({ ...claims, sub: 'administrator' }));

/** Algorithms that the client must not take: N01 to N09. */
const algorithms = vectors(false, [
  ['N01', 'alg none, empty signature', false, unsigned('none', '')],
  ['N02', 'alg nOnE, empty signature', false, unsigned('nOnE', '')],
  ['N03', 'alg none with a signature of junk', false, unsigned('none', 'anVuaw')],
  ['N04', 'no alg', false, withHeader(() => ({ alg: undefined }))],
  ['N05', 'alg is a list', false, withHeader(() => ({ alg: ['RS256'] }))],
  ['N06', 'HS256 keyed with the RSA public key in PEM', false, withHeader(hs256, publicPem)],
  ['N07', 'HS256 keyed with the bytes of the RSA modulus', false, withHeader(hs256, modulus)],
  [
    'N08',
    'HS256 keyed with the client secret',
    false,
    withHeader(hs256, ({ clientSecret }) => clientSecret),
  ],
  ['N09', 'HS256 with an empty key', false, withHeader(hs256, () => '')],
]);

/** Signatures that are not the provider's: N10 to N18. */
const signatures = vectors(false, [
  ['N10', 'a signature whose bits are flipped', false, segments(([a, b, c]) => [a, b, flip(c)])],
  ['N11', 'no signature', false, segments(([a, b]) => [a, b, ''])],
  ['N12', 'a truncated signature', false, segments(([a, b, c]) => [a, b, c.slice(0, -20)])],
  [
    'N13',
    'another payload under the same signature',
    false,
    segments(([a, , c], context) => [a, forgedPayload(context), c]),
  ],
  ['N14', "an attacker's signature under kid k1", false, withHeader(() => ({}), attacker)],
  [
    'N15',
    "an attacker's key in the header's jwk",
    false,
    withHeader(({ keys }) => ({ kid: undefined, jwk: keys.attacker.jwk }), attacker),
  ],
  [
    'N16',
    "an attacker's key at the header's jku",
    false,
    withHeader(({ canaryUrl }) => ({ kid: 'attacker', jku: `${canaryUrl}/jwks` }), attacker),
  ],
  [
    'N17',
    "an attacker's certificate at the header's x5u",
    false,
    withHeader(({ canaryUrl }) => ({ kid: 'attacker', x5u: `${canaryUrl}/cert.pem` }), attacker),
  ],
  [
    'N18',
    "an attacker's certificate in the header's x5c",
    false,
    withHeader(({ keys }) => ({ kid: undefined, x5c: [certificate(keys.attacker)] }), attacker),
  ],
]);

/** Keys that do not belong to the token: N19 to N27. */
const wrongKeys = vectors(false, [
  ['N19', 'an unknown kid', false, withHeader(() => ({ kid: 'unknown' }))],
  ['N20', 'a kid that is a path', false, withHeader(() => ({ kid: '../../../../dev/null' }))],
  ['N21', 'a kid that is SQL', false, withHeader(() => ({ kid: "k1' OR '1'='1" }))],
  ['N22', 'the kid __proto__', false, withHeader(() => ({ kid: '__proto__' }))],
  ['N23', 'a kid that is a number', false, withHeader(() => ({ kid: 1 }))],
  [
    'N24',
    'the kid of an encryption key, which signed',
    false,
    withHeader(
      () => ({ kid: 'enc1' }),
      ({ keys }) => keys.encryption,
    ),
  ],
  ['N25', 'RS256 under the kid of an EC key', false, withHeader(() => ({ kid: 'e1' }))],
  [
    'N26',
    'a good ES256 signature where RS256 is pinned',
    false,
    withHeader(
      () => ({ alg: 'ES256', kid: 'e1' }),
      ({ keys }) => keys.ec,
    ),
  ],
  ['N27', 'PS256 by the RS256 key', false, withHeader(() => ({ alg: 'PS256' }))],
]);

/** Critical headers that are not understood (RFC 7515 §4.1.11): N31 to N33. */
const critical = vectors(false, [
  ['N31', 'crit names exp', false, withHeader(({ now }) => ({ crit: ['exp'], exp: now + 300 }))],
  ['N32', 'crit is empty', false, withHeader(() => ({ crit: [] }))],
  ['N33', 'b64 is false', false, withHeader(() => ({ b64: false, crit: ['b64'] }))],
]);

/** Refused for its signature. */
export const badSignatures: IdTokenVector[] = [
  ...algorithms,
  ...signatures,
  ...wrongKeys,
  ...critical,
];
