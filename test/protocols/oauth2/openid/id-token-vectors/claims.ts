import { leftHalfHash } from '../../../../support/provider/index.js';
import { withClaims, vectors, type IdTokenVector, type Row } from './context.js';

/** Seconds of the `max_age` that N69 to N71 are about. */
const maxAge = 300;

const week = 7 * 24 * 3600;

/** The same issuer in upper case; an address that is digits only has a scheme to write large. */
function upperCaseHost(issuer: string): string {
  const { origin, host } = new URL(issuer);
  const loud = issuer.replace(host, host.toUpperCase());
  return loud === issuer ? issuer.replace(origin, origin.toUpperCase()) : loud;
}

const otherScheme = (issuer: string): string =>
  issuer.startsWith('https:')
    ? issuer.replace('https:', 'http:')
    : issuer.replace('http:', 'https:');

const otherSlash = (issuer: string): string =>
  issuer.endsWith('/') ? issuer.slice(0, -1) : `${issuer}/`;

/** OpenID Connect Core §3.1.3.7, rule 2. */
const issuers: Row[] = [
  ['N34', 'no iss', false, withClaims(() => ({ iss: undefined }))],
  ['N35', 'iss with a 1 behind it', false, withClaims(({ issuer }) => ({ iss: `${issuer}1` }))],
  [
    'N36',
    'iss with a slash more or less',
    false,
    withClaims(({ issuer }) => ({ iss: otherSlash(issuer) })),
  ],
  ['N37', 'iss in upper case', false, withClaims(({ issuer }) => ({ iss: upperCaseHost(issuer) }))],
  [
    'N38',
    'iss with the other scheme',
    false,
    withClaims(({ issuer }) => ({ iss: otherScheme(issuer) })),
  ],
  ['N39', 'iss is a list', false, withClaims(({ issuer }) => ({ iss: [issuer] }))],
];

/** OpenID Connect Core §3.1.3.7, rules 3 to 5. */
const audiences: Row[] = [
  ['N40', 'no aud', false, withClaims(() => ({ aud: undefined }))],
  ['N41', 'aud with a 1 behind it', false, withClaims(({ clientId }) => ({ aud: `${clientId}1` }))],
  ['N42', 'aud is an empty list', false, withClaims(() => ({ aud: [] }))],
  ['N43', 'aud names another client', false, withClaims(() => ({ aud: ['other'] }))],
  [
    'N44',
    'aud names the client and an untrusted one, no azp',
    true,
    withClaims(({ clientId }) => ({ aud: [clientId, 'untrusted'] })),
  ],
  [
    'N45',
    'aud names the client and another, azp the other',
    true,
    withClaims(({ clientId }) => ({ aud: [clientId, 'other'], azp: 'other' })),
  ],
  ['N46', 'aud names the client, azp another', true, withClaims(() => ({ azp: 'other' }))],
  ['N47', 'aud is an object', false, withClaims(({ clientId }) => ({ aud: { [clientId]: true } }))],
  [
    'N48',
    'aud is the beginning of the client id',
    false,
    withClaims(({ clientId }) => ({ aud: clientId.slice(0, -1) })),
  ],
];

/** OpenID Connect Core §2: at most 255 ASCII characters. */
const subjects: Row[] = [
  ['N49', 'no sub', false, withClaims(() => ({ sub: undefined }))],
  ['N50', 'sub is empty', true, withClaims(() => ({ sub: '' }))],
  ['N51', 'sub is a number', true, withClaims(() => ({ sub: 12345 }))],
  ['N52', 'sub is an object', true, withClaims(() => ({ sub: { id: 'user-1' } }))],
  ['N53', 'sub of 5,000 characters', true, withClaims(() => ({ sub: 's'.repeat(5000) }))],
];

/** OpenID Connect Core §3.1.3.7, rules 9 and 10. */
const times: Row[] = [
  ['N54', 'no exp', false, withClaims(() => ({ exp: undefined }))],
  ['N55', 'expired 10 minutes ago', false, withClaims(({ now }) => ({ exp: now - 600 }))],
  ['N56', 'exp is a string', false, withClaims(({ now }) => ({ exp: String(now + 300) }))],
  [
    'N57',
    'exp is 1e400, which JSON reads as Infinity',
    true,
    (context) =>
      context.sign(JSON.stringify({ ...context.claims, exp: 0 }).replace('"exp":0', '"exp":1e400')),
  ],
  ['N58', 'exp is in milliseconds', true, withClaims(({ now }) => ({ exp: (now + 300) * 1000 }))],
  ['N59', 'no iat', false, withClaims(() => ({ iat: undefined }))],
  [
    'N60',
    'issued tomorrow',
    true,
    withClaims(({ now }) => ({ iat: now + 86_400, exp: now + 86_700 })),
  ],
  [
    'N61',
    'issued a week ago and not expired',
    true,
    withClaims(({ now }) => ({ iat: now - week })),
  ],
  ['N62', 'iat is a string', false, withClaims(({ now }) => ({ iat: String(now) }))],
  ['N63', 'not good for another 10 minutes', false, withClaims(({ now }) => ({ nbf: now + 600 }))],
];

/** OpenID Connect Core §3.1.3.7, rule 11, and §3.1.3.8. */
const bindings: Row[] = [
  ['N64', 'no nonce', true, withClaims(() => ({ nonce: undefined }))],
  ['N65', 'nonce with a 1 behind it', true, withClaims(({ nonce }) => ({ nonce: `${nonce}1` }))],
  ['N66', 'nonce is a list', true, withClaims(({ nonce }) => ({ nonce: [nonce] }))],
  [
    'N67',
    'no nonce, and the claim that it is not supported',
    true,
    withClaims(() => ({ nonce: undefined, nonce_supported: false })),
  ],
  [
    'N68',
    'at_hash of another access token',
    true,
    withClaims(() => ({ at_hash: leftHalfHash('another access token') })),
  ],
];

/** OpenID Connect Core §3.1.2.1: with `max_age`, `auth_time` is a must. */
const authTimes: Row[] = [
  ['N69', 'max_age was sent; no auth_time', true, (context) => context.sign()],
  [
    'N70',
    'max_age was sent; auth_time an hour ago',
    true,
    withClaims(({ now }) => ({ auth_time: now - 3600 })),
  ],
  [
    'N71',
    'max_age was sent; auth_time is a string',
    true,
    withClaims(({ now }) => ({ auth_time: String(now) })),
  ],
];

/** Refused for their claims: N34 to N71. */
export const badClaims: IdTokenVector[] = [
  ...vectors(false, [...issuers, ...audiences, ...subjects, ...times, ...bindings]),
  ...vectors(false, authTimes).map((vector) => ({ ...vector, maxAge })),
];
