import { withClaims, withHeader, vectors, type IdTokenVector } from './context.js';

/** The id_tokens that must be accepted. */
export const accepted: IdTokenVector[] = vectors(true, [
  ['P01', 'a plain id_token', true, (context) => context.sign()],
  [
    'P02',
    'aud is a list of the client alone',
    true,
    withClaims(({ clientId }) => ({ aud: [clientId] })),
  ],
  [
    'P03',
    'aud names the client and another, azp the client',
    true,
    withClaims(({ clientId }) => ({ aud: [clientId, 'other'], azp: clientId })),
  ],
  ['P04', 'no kid, and one RSA key fits', true, withHeader(() => ({ kid: undefined }))],
  ['P05', 'typ is JWT', true, withHeader(() => ({ typ: 'JWT' }))],
  [
    'P06',
    'unknown header members and claims',
    true,
    (context) =>
      context.sign(
        { ...context.claims, custom: { a: [1, null] }, 'https://example.com/role': 'admin' },
        { alg: 'RS256', kid: 'k1', custom: 'x', 'x-trace': 1 },
      ),
  ],
  [
    'P07',
    'expired 10 s ago, within the tolerance',
    true,
    withClaims(({ now }) => ({ exp: now - 10 })),
  ],
  [
    'N95',
    'an own __proto__ key in the payload, which changes nothing',
    true,
    (context) =>
      context.sign(`${JSON.stringify(context.claims).slice(0, -1)},"__proto__":{"isAdmin":true}}`),
  ],
]);
