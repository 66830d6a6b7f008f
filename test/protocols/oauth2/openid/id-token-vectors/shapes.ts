import { CompactEncrypt } from 'jose';
import { base64url, signJws } from '../../../../support/provider/index.js';
import { signInput } from '../../../../support/provider/jws.js';
import { withHeader, vectors, type IdTokenVector, type VectorContext } from './context.js';

const headerText = JSON.stringify({ alg: 'RS256', kid: 'k1' });

/** A signature over a header that is not JSON. */
function signWithTextHeader({ claims, keys }: VectorContext): string {
  const input = `${base64url('this is no JSON')}.${base64url(JSON.stringify(claims))}`;
  return `${input}.${base64url(signInput(input, 'RS256', keys.rsa))}`;
}

const base64 = (data: string | Buffer) => Buffer.from(data as string).toString('base64');

/** The standard alphabet with padding, signed just so. */
function signInStandardBase64({ claims, keys }: VectorContext): string {
  const payload = JSON.stringify({ ...claims, name: '???>>>~~~' });
  const padded = payload.length % 3 === 0 ? `${payload} ` : payload;
  const input = `${base64(headerText)}.${base64(padded)}`;
  return `${input}.${base64(signInput(input, 'RS256', keys.rsa))}`;
}

/** An encrypted id_token, good inside. */
async function encrypt(context: VectorContext): Promise<string> {
  return new CompactEncrypt(Buffer.from(context.sign()))
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', cty: 'JWT', kid: 'enc1' })
    .encrypt(context.keys.encryption.publicKey);
}

/** The JWS JSON serialisation (RFC 7515 §7.2.2), as text. */
function serialiseAsJson(context: VectorContext): string {
  const [protectedHeader, payload, signature] = context.sign().split('.');
  return JSON.stringify({ payload, protected: protectedHeader, signature });
}

/** The claims of a logout token (OpenID Connect Back-Channel Logout §2.4), which has no nonce. */
function logoutClaims({ claims }: VectorContext): object {
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  return { ...claims, nonce: undefined, at_hash: undefined, jti: 'logout-1', events };
}

/** Refused for their shape: N72 to N89. */
export const badShapes: IdTokenVector[] = vectors(false, [
  ['N72', 'no JWT at all', false, () => 'this is no JWT'],
  ['N73', 'two segments', false, (context) => context.sign().split('.').slice(0, 2).join('.')],
  ['N74', 'four segments', false, (context) => `${context.sign()}.e30`],
  ['N75', 'encrypted', false, async (context) => ({ idToken: await encrypt(context) })],
  ['N76', 'a header that is not JSON', false, signWithTextHeader],
  ['N77', 'a payload that is a list', false, (context) => context.sign([context.claims])],
  ['N78', 'a payload that is null', false, (context) => context.sign('null')],
  [
    'N79',
    'iss twice in the payload',
    true,
    (context) =>
      context.sign(`{"iss":"https://evil.example",${JSON.stringify(context.claims).slice(1)}`),
  ],
  ['N80', 'standard base64 with padding', false, signInStandardBase64],
  ['N81', 'a line break behind it', true, (context) => `${context.sign()}\n`],
  ['N82', 'the JSON serialisation', false, serialiseAsJson],
  ['N83', 'typ of a logout token', true, withHeader(() => ({ typ: 'logout+jwt' }))],
  ['N84', 'typ of an access token', true, withHeader(() => ({ typ: 'at+jwt' }))],
  ['N85', 'a logout token', true, (context) => context.sign(logoutClaims(context))],
  [
    'N86',
    'cty says that a JWT is inside',
    true,
    ({ claims, keys }) => signJws(claims, { alg: 'RS256', kid: 'k1', cty: 'JWT' }, keys.rsa),
  ],
  ['N87', 'an empty string', false, () => ({ idToken: '' })],
  ['N88', 'a number', false, () => ({ idToken: 12345 })],
  ['N89', 'none, though the scope has openid', false, () => ({ idToken: undefined })],
]);
