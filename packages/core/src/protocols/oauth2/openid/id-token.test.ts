import { createHash } from 'node:crypto';
import { CompactSign, exportJWK, generateKeyPair, type JWK } from 'jose';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  base64url,
  signInput,
  signJws,
  type SigningKey,
} from '../../../../../../test/support/provider/jws.js';
import { defaultLimits } from '../../../options/limits.js';
import {
  attackerKey,
  ecKey,
  encryptionKey,
  rsaKey,
  smallKey,
} from '../../../../../../test/support/provider/keys.js';
import { allowedAlgorithms } from '../jwt/policy.js';
import { idTokenSubject, verifyIdToken, type IdTokenPolicy } from './id-token.js';
import { createJwks } from '../../../platform/jwt/jwks.js';

const issuer = 'https://op.example';
const clientId = 'client';
const clientSecret = 'a secret';
const accessToken = 'an access token';
const hour = 3600;
const day = 24 * hour;

const [k1, k2, e1, enc1] = [rsaKey(), rsaKey(2), ecKey(), encryptionKey()];
const published = [k1.jwk, e1.jwk, enc1.jwk];

/** Every value that a provider or an attacker chose has this word in it; no message may. */
const canary = 'canary';
const nonce = `${canary}-nonce`;
const sub = `${canary}-sub`;

type Members = Record<string, unknown>;

const seconds = (): number => Math.floor(Date.now() / 1000);
const claimsWith = (more: Members = {}): Members => {
  const iat = seconds();
  return { iss: issuer, sub, aud: clientId, exp: iat + 300, iat, nonce, ...more };
};
const headerWith = (more: Members = {}): Members => ({ alg: 'RS256', kid: 'k1', ...more });
const withClaims = (more: Members): string => signJws(claimsWith(more), headerWith(), k1);
const withHeader = (more: Members, key: SigningKey = k1): string =>
  signJws(claimsWith(), headerWith(more), key);
const withPayload = (text: string): string => signJws(text, headerWith(), k1);

function policyWith(keys: readonly Members[] = published, more: Partial<IdTokenPolicy> = {}) {
  const jwks = createJwks({ limits: defaultLimits, keys: keys as JWK[] });
  const maxBytes = 16_384;
  return {
    ...idTokenSubject,
    types: [undefined, 'jwt'],
    issuer,
    clientId,
    algorithms: ['RS256'],
    jwks,
    nonce,
    accessToken,
    leeway: 30,
    maxBytes,
    ...more,
  };
}

function segments(token: string): [string, string, string] {
  return token.split('.') as [string, string, string];
}

function flipped(token: string): string {
  const [header, payload, signature] = segments(token);
  const bytes = Buffer.from(signature, 'base64url').map((byte) => byte ^ 0x5a);
  return `${header}.${payload}.${base64url(bytes)}`;
}

/** A signature under exponent 1: the padded digest itself (RFC 8017 §9.2). */
function forgedWithExponentOne(): string {
  const input = segments(withHeader({ kid: 'one' }))
    .slice(0, 2)
    .join('.');
  const digestInfo = Buffer.from('3031300d060960864801650304020105000420', 'hex');
  const tail = Buffer.concat([digestInfo, createHash('sha256').update(input).digest()]);
  const padding = Buffer.alloc(256 - 3 - tail.length, 0xff);
  const block = Buffer.concat([Buffer.from([0, 1]), padding, Buffer.from([0]), tail]);
  return `${input}.${base64url(block)}`;
}

const plain = (part: string) => Buffer.from(part, 'base64url').toString('base64');

/** Base64 with padding and its own alphabet, correctly signed. */
function inPlainBase64(): string {
  const [header, payload] = segments(withClaims({ name: '>>>???~~~' }));
  const input = `${plain(header)}.${plain(payload)}`;
  return `${input}.${signInput(input, 'RS256', k1).toString('base64')}`;
}

const publicPem = k1.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const modulus = Buffer.from(String(k1.jwk['n']), 'base64url');
const hs = (key: SigningKey) => withHeader({ alg: 'HS256' }, key);
const hs256 = { algorithms: ['HS256'] };
const text = (more: Members = {}) => JSON.stringify(claimsWith(more));
const octKey = { kty: 'oct', kid: 'k1', k: base64url('a published key') };
const foreignJwk = attackerKey().jwk;
const { use: _use, alg: _alg, ...plainKey } = k2.jwk;

type Refused = [
  id: string,
  title: string,
  token: () => unknown,
  says: RegExp,
  policy?: () => IdTokenPolicy,
];

const header = (name: string) => new RegExp(`header "${name}"`);
const claim = (name: string) => new RegExp(`'s "${name}"`);
const badSignature = /signature is invalid/;
const noKey = /no matching key/;
const notJwt = /not a signed JWT/;
const notString = /not a string/;

// One vector a line.
// prettier-ignore
const refused: Refused[] = [
  ['N01', 'alg none', () => withHeader({ alg: 'none' }), notJwt],
  ['N01', 'alg none, accepted by mistake', () => `${withHeader({ alg: 'none' })}eA`, noKey, () => policyWith(published, { algorithms: ['none'] })],
  ['N02', 'alg nOnE', () => withHeader({ alg: 'nOnE' }), header('alg')],
  ['N03', 'alg none with a signature', () => `${withHeader({ alg: 'none' })}eA`, header('alg')],
  ['N04', 'no alg', () => withHeader({ alg: undefined }), header('alg')],
  ['N05', 'alg as a list', () => withHeader({ alg: ['RS256'] }), header('alg')],
  ['N06', 'HS256 keyed with the public key', () => hs(publicPem), header('alg')],
  ['N06', 'HS256 keyed with the public key, HS256 pinned', () => hs(publicPem), badSignature, () => policyWith(published, { ...hs256, clientSecret })],
  ['N07', 'HS256 keyed with the modulus', () => hs(modulus), header('alg')],
  ['N08', 'HS256 keyed with the secret, RS256 pinned', () => hs(clientSecret), header('alg'), () => policyWith(published, { clientSecret })],
  ['N09', 'HS256 with an empty key', () => hs(''), header('alg')],
  ['N09', 'HS256 with an empty secret', () => hs(''), header('alg'), () => policyWith(published, { ...hs256, clientSecret: '' })],
  ['N09', 'HS256 without a secret', () => hs(''), header('alg'), () => policyWith(published, hs256)],
  ['N10', 'flipped signature', () => flipped(withClaims({})), badSignature],
  ['N11', 'no signature', () => `${segments(withClaims({})).slice(0, 2).join('.')}.`, notJwt],
  ['N12', 'truncated signature', () => withClaims({}).slice(0, -8), badSignature],
  [
    'N13',
    'replaced payload',
    () =>
      segments(withClaims({}))
        .with(1, base64url(text({ sub: 'other' })))
        .join('.'),
    badSignature,
  ],
  ['N14', "an attacker's key", () => withHeader({}, attackerKey()), badSignature],
  ['N15', 'jwk in the header', () => withHeader({ jwk: foreignJwk }, attackerKey()), badSignature],
  ['N15', 'jwk in the header, and no kid', () => withHeader({ jwk: foreignJwk, kid: undefined }, attackerKey()), badSignature],
  ['N15', 'jwk in the header, and no keys', () => withHeader({ jwk: foreignJwk }, attackerKey()), /no key/, () => policyWith([], { jwks: undefined })],
  ['N16', 'jku in the header', () => withHeader({ jku: 'https://canary.example/jwks' }, attackerKey()), badSignature],
  ['N17', 'x5u in the header', () => withHeader({ x5u: 'https://canary.example/x5u' }, attackerKey()), badSignature],
  ['N18', 'x5c in the header', () => withHeader({ x5c: ['canary'] }, attackerKey()), badSignature],
  ['N19', 'unknown kid', () => withHeader({ kid: canary }), noKey],
  ['N20', 'kid as a path', () => withHeader({ kid: '../../dev/null' }), noKey],
  ['N21', 'kid as SQL', () => withHeader({ kid: "' OR 1=1 --" }), noKey],
  ['N22', 'kid __proto__', () => withHeader({ kid: '__proto__' }), noKey],
  ['N23', 'kid as a number', () => withHeader({ kid: 1 }), header('kid')],
  ['N24', 'kid of an encryption key', () => withHeader({ kid: 'enc1' }, enc1), noKey],
  ['N25', 'kid of an EC key', () => withHeader({ kid: 'e1' }), noKey],
  ['N26', 'ES256, RS256 pinned', () => withHeader({ alg: 'ES256', kid: 'e1' }, e1), header('alg')],
  ['N27', 'PS256, RS256 pinned', () => withHeader({ alg: 'PS256' }), header('alg')],
  ['N27', 'PS256 by a key for RS256', () => withHeader({ alg: 'PS256' }), noKey, () => policyWith(published, { algorithms: ['PS256'] })],
  ['N28', 'no kid, two keys', () => withHeader({ kid: undefined }), /several keys/, () => policyWith([k1.jwk, k2.jwk])],
  ['N29', 'two keys of one kid, and a third that signed', () => withHeader({}, attackerKey()), badSignature, () => policyWith([k1.jwk, { ...k2.jwk, kid: 'k1' }])],
  ['N29', 'the sixth key of one kid', () => withHeader({}), badSignature, () => policyWith([...copies(5), k1.jwk])],
  ['N30', 'RSA of 1024 bits', () => withHeader({ kid: 'small' }, smallKey()), noKey, () => policyWith([smallKey().jwk])],
  ['N31', 'crit: ["exp"]', () => withHeader({ crit: ['exp'], exp: 1 }), header('crit')],
  ['N32', 'crit: []', () => withHeader({ crit: [] }), header('crit')],
  ['N32', 'crit: null', () => withHeader({ crit: null }), header('crit')],
  ['N33', 'b64: false', () => withHeader({ b64: false }), header('b64')],
  ['N34', 'no iss', () => withClaims({ iss: undefined }), claim('iss')],
  ['N35', 'iss with a letter more', () => withClaims({ iss: `${issuer}1` }), claim('iss')],
  ['N36', 'iss with a slash more', () => withClaims({ iss: `${issuer}/` }), claim('iss')],
  ['N37', 'iss in upper case', () => withClaims({ iss: 'https://OP.example' }), claim('iss')],
  ['N38', 'iss with http', () => withClaims({ iss: 'http://op.example' }), claim('iss')],
  ['N39', 'iss as a list', () => withClaims({ iss: [issuer] }), claim('iss')],
  ['N40', 'no aud', () => withClaims({ aud: undefined }), claim('aud')],
  ['N41', 'aud with a letter more', () => withClaims({ aud: `${clientId}1` }), claim('aud')],
  ['N42', 'aud: []', () => withClaims({ aud: [] }), claim('aud')],
  ['N43', 'aud of another client', () => withClaims({ aud: ['other'] }), claim('aud')],
  ['N43', 'aud of another client, azp of this one', () => withClaims({ aud: ['other'], azp: clientId }), claim('aud')],
  ['N44', 'two aud, no azp', () => withClaims({ aud: [clientId, 'untrusted'] }), claim('azp')],
  ['N44', 'an audience that is not trusted', () => withClaims({ aud: [clientId, 'api', 'other'] }), claim('aud'), () => policyWith(published, { trustedAudiences: ['api'] })],
  ['N44', 'an audience that is not trusted, azp of this one', () => withClaims({ aud: [clientId, 'other'], azp: clientId }), claim('aud'), () => policyWith(published, { trustedAudiences: ['api'] })],
  ['N45', 'two aud, azp of the other', () => withClaims({ aud: [clientId, 'other'], azp: 'other' }), claim('azp')],
  ['N46', 'one aud, azp of another', () => withClaims({ azp: 'other' }), claim('azp')],
  ['N47', 'aud as an object', () => withClaims({ aud: { [clientId]: true } }), claim('aud')],
  ['N47', 'aud with an item that is no string', () => withClaims({ aud: [clientId, 1], azp: clientId }), claim('aud')],
  ['N48', 'aud that begins like the client', () => withClaims({ aud: `${clientId}-${canary}` }), claim('aud')],
  ['N49', 'no sub', () => withClaims({ sub: undefined }), claim('sub')],
  ['N50', 'empty sub', () => withClaims({ sub: '' }), claim('sub')],
  ['N51', 'sub as a number', () => withClaims({ sub: 7 }), claim('sub')],
  ['N52', 'sub as an object', () => withClaims({ sub: {} }), claim('sub')],
  ['N53', 'sub of 5000 characters', () => withClaims({ sub: 'x'.repeat(5000) }), claim('sub')],
  ['N53', 'sub of 256 characters', () => withClaims({ sub: 'x'.repeat(256) }), claim('sub')],
  ['N53', 'sub with a control character', () => withClaims({ sub: 'a\u0000b' }), claim('sub')],
  ['N53', 'sub of 256 code points beyond the first plane', () => withClaims({ sub: '𝔸'.repeat(256) }), claim('sub')],
  ['N53', 'sub with a lone surrogate', () => withPayload(text({ sub: 'x' }).replace('"sub":"x"', '"sub":"\\ud800"')), claim('sub')],
  ['N53', 'sub with a C1 control character', () => withClaims({ sub: 'a\u0085b' }), claim('sub')],
  ['N54', 'no exp', () => withClaims({ exp: undefined }), claim('exp')],
  ['N55', 'exp 10 minutes ago', () => withClaims({ exp: seconds() - 600 }), claim('exp')],
  ['N55', 'exp at the end of the leeway', () => withClaims({ exp: seconds() - 30 }), claim('exp')],
  ['N56', 'exp as a string', () => withClaims({ exp: String(seconds() + 300) }), claim('exp')],
  ['N57', 'exp 1e400', () => withPayload(text().replace(/"exp":\d+/, '"exp":1e400')), claim('exp')],
  ['N58', 'exp in milliseconds', () => withClaims({ exp: (seconds() + 300) * 1000 }), claim('exp')],
  ['N59', 'no iat', () => withClaims({ iat: undefined }), claim('iat')],
  ['N60', 'iat tomorrow', () => withClaims({ iat: seconds() + day, exp: seconds() + 2 * day }), claim('iat')],
  ['N61', 'iat a week ago', () => withClaims({ iat: seconds() - 7 * day }), claim('iat')],
  ['N62', 'iat as a string', () => withClaims({ iat: String(seconds()) }), claim('iat')],
  ['N63', 'nbf in 10 minutes', () => withClaims({ nbf: seconds() + 600 }), claim('nbf')],
  ['N63', 'nbf -1e400', () => withPayload(text({ nbf: 'x' }).replace('"x"', '-1e400')), claim('nbf')],
  ['N63', 'nbf as a string', () => withClaims({ nbf: '0' }), claim('nbf')],
  ['N64', 'no nonce', () => withClaims({ nonce: undefined }), claim('nonce')],
  ['N64', 'nonce null', () => withClaims({ nonce: null }), claim('nonce')],
  ['N65', 'nonce with a letter more', () => withClaims({ nonce: `${nonce}1` }), claim('nonce')],
  ['N65', 'nonce of another login', () => withClaims({ nonce: nonce.replace('n', 'm') }), claim('nonce')],
  ['N66', 'nonce as a list', () => withClaims({ nonce: [nonce] }), claim('nonce')],
  ['N67', 'nonce_supported: false', () => withClaims({ nonce: undefined, nonce_supported: false }), claim('nonce')],
  ['N68', 'at_hash of another token', () => withClaims({ at_hash: hashOf('SHA256', 'other') }), claim('at_hash')],
  ['N68', 'at_hash by another hash', () => withClaims({ at_hash: hashOf('SHA512', accessToken) }), claim('at_hash')],
  ['N68', 'at_hash as a number', () => withClaims({ at_hash: 1 }), claim('at_hash')],
  ['N69', 'max_age, no auth_time', () => withClaims({}), claim('auth_time'), () => policyWith(published, { maxAge: 60 })],
  ['N70', 'max_age, old auth_time', () => withClaims({ auth_time: seconds() - hour }), claim('auth_time'), () => policyWith(published, { maxAge: 60 })],
  ['N70', 'max_age, auth_time ahead', () => withClaims({ auth_time: seconds() + hour }), claim('auth_time'), () => policyWith(published, { maxAge: 60 })],
  ['N70', 'max_age 0, old auth_time', () => withClaims({ auth_time: seconds() - hour }), claim('auth_time'), () => policyWith(published, { maxAge: 0 })],
  ['N71', 'auth_time as a string', () => withClaims({ auth_time: String(seconds()) }), claim('auth_time'), () => policyWith(published, { maxAge: 60 })],
  ['N72', 'no JWT at all', () => 'canary', notJwt],
  ['N73', 'two segments', () => segments(withClaims({})).slice(0, 2).join('.'), notJwt],
  ['N74', 'four segments', () => `${withClaims({})}.eA`, notJwt],
  ['N75', 'an encrypted token', () => `${withClaims({})}.eA.eA`, /encrypted/],
  ['N75', 'an encrypted token with an empty key', () => 'eA..eA.eA.eA', /encrypted/],
  ['N76', 'header not JSON', () => segments(withClaims({})).with(0, base64url('x')).join('.'), /header is not/],
  ['N76', 'header not base64url', () => segments(withClaims({})).with(0, 'eyJhb').join('.'), /header is not/],
  ['N77', 'payload as a list', () => withPayload('[]'), /payload is not/],
  ['N78', 'payload null', () => withPayload('null'), /payload is not/],
  ['N78', 'payload cut off', () => withPayload(text().slice(0, -1)), /payload is not/],
  ['N78', 'payload not UTF-8', () => withBytes(Buffer.from('{"a":"\xff"}', 'latin1')), /payload is not/],
  ['N79', 'iss twice', () => withPayload(text().replace('{', '{"iss":"https://canary.example",')), /duplicate member with different values: "iss"/],
  ['N79', 'a claim of the provider’s own twice', () => withPayload(text().replace('{', '{"canary":1,"canary":2,')), /duplicate member .*: an unregistered claim/],
  ['N79', 'iss twice, once escaped', () => withPayload(text().replace('{', '{ "\\u0069ss" : "https://canary.example",')), /duplicate member/],
  ['N79', 'kid twice in the header', () => withBytes(text(), '{"alg":"RS256","kid":"k9","kid":"k1"}'), /duplicate member/],
  ['N80', 'plain base64', () => inPlainBase64(), notJwt],
  ['N81', 'a newline at the end', () => `${withClaims({})}\n`, notJwt],
  ['N82', 'JSON serialisation', () => inJson(), notJwt],
  ['N83', 'typ logout+jwt', () => withHeader({ typ: 'logout+jwt' }), header('typ')],
  ['N84', 'typ at+jwt', () => withHeader({ typ: 'at+jwt' }), header('typ')],
  ['N85', 'a logout token', () => withClaims({ events: {} }), claim('events')],
  ['N86', 'cty JWT', () => withHeader({ cty: 'JWT' }), header('cty')],
  ['N87', 'an empty text', () => '', notString],
  ['N88', 'a number', () => 7, notString],
  ['N89', 'nothing', () => undefined, notString],
  ['N90', 'an oct key in the JWK Set', () => hs('a published key'), header('alg'), () => policyWith([octKey])],
  ['N90', 'an oct key in the JWK Set, HS256 pinned', () => hs('a published key'), badSignature, () => policyWith([octKey], { ...hs256, clientSecret })],
  ['N93', 'no keys', () => withClaims({}), noKey, () => policyWith([])],
  ['N94', 'RSA with exponent 1', () => forgedWithExponentOne(), noKey, () => policyWith([{ ...k1.jwk, kid: 'one', e: 'AQ' }])],
  ['N96', 'more than 16 KB', () => withClaims({ groups: 'x'.repeat(16_384) }), /longer than 16384/],
  ['N97', 'deep JSON', () => withPayload(`{"a":${'['.repeat(11_000)}`), /payload is not/],
];

/** Keys of the same `kid` as the first one that did not sign. */
const copies = (count: number): Members[] =>
  Array.from({ length: count }, (_, index) => ({
    ...k2.jwk,
    kid: 'k1',
    n: `${String(k2.jwk['n']).slice(0, -2)}${index}w`,
  }));

function hashOf(hash: string, token: string): string {
  const digest = createHash(hash).update(token).digest();
  return base64url(digest.subarray(0, digest.length / 2));
}

function withBytes(payload: string | Buffer, head = JSON.stringify(headerWith())): string {
  const input = `${base64url(head)}.${base64url(payload)}`;
  return `${input}.${base64url(signInput(input, 'RS256', k1))}`;
}

function inJson(): string {
  const [protectedHeader, payload, signature] = segments(withClaims({}));
  return JSON.stringify({ protected: protectedHeader, payload, signature });
}

type Accepted = [id: string, title: string, token: () => string, policy?: () => IdTokenPolicy];

// prettier-ignore
const accepted: Accepted[] = [
  ['P01', 'a plain one', () => withClaims({})],
  ['P02', 'aud as a list of one', () => withClaims({ aud: [clientId] })],
  ['P03', 'two aud and azp', () => withClaims({ aud: [clientId, 'other'], azp: clientId })],
  ['P04', 'no kid, one RSA key', () => withHeader({ kid: undefined })],
  ['P05', 'typ JWT', () => withHeader({ typ: 'JWT' })],
  ['P05', 'typ jwt', () => withHeader({ typ: 'jwt' })],
  ['P06', 'unknown header and claims', () => signJws(claimsWith({ x: { iss: 1 }, y: [{ iss: 2 }] }), headerWith({ x: 1 }), k1)],
  ['P06', 'a claim whose text looks like JSON', () => withClaims({ x: '"iss":"{[\\"', 'y":': '"iss"' })],
  ['P07', 'exp 10 seconds ago', () => withClaims({ exp: seconds() - 10 })],
  ['P08', 'iat and nbf 20 seconds ahead', () => withClaims({ iat: seconds() + 20, nbf: seconds() + 20 })],
  ['P09', 'auth_time within max_age', () => withClaims({ auth_time: seconds() - 80 }), () => policyWith(published, { maxAge: 60 })],
  ['P10', 'any nonce when none was sent', () => withClaims({ nonce: '' }), () => policyWith(published, { nonce: undefined })],
  ['P11', 'a sub of 255 characters', () => withClaims({ sub: 'x'.repeat(255) })],
  ['P11', 'a sub of 255 code points beyond the first plane', () => withClaims({ sub: '𝔸'.repeat(255) })],
  ['P11', 'a sub that is not ASCII', () => withClaims({ sub: 'jürgen' })],
  ['P15', 'the fifth key of one kid', () => withHeader({}), () => policyWith([...copies(4), k1.jwk])],
  ['P15', 'one key that is there twice', () => withHeader({}), () => policyWith([k1.jwk, k1.jwk])],
  ['P15', 'one key that is there twice, and no kid', () => withHeader({ kid: undefined }), () => policyWith([k1.jwk, { ...k1.jwk, kid: 'other' }])],
  ['P15', 'a key with members that are null', () => withHeader({}), () => policyWith([{ ...k1.jwk, use: null, alg: null, key_ops: null, x5c: null }])],
  ['P16', 'iss twice with one value', () => withPayload(text().replace('{', `{"iss":"${issuer}",`))],
  ['P16', 'aud twice with one value, otherwise spaced', () => withPayload(text({ aud: [clientId] }).replace('{', `{"aud" : [ "${clientId}" ],`))],
  ['P16', 'a claim twice with one value, its members in another order', () => withPayload(text().replace('{', '{"a":{"b":1,"c":[{}]},"a":{"c":[{}],"b":1},'))],
  ['P17', 'claims and header members that are null', () => signJws(claimsWith({ at_hash: null, c_hash: null, azp: null, nbf: null, auth_time: null, acr: null, events: null, name: null }), headerWith({ typ: null, cty: null }), k1)],
  ['P17', 'a nonce that is null when none was sent', () => withClaims({ nonce: null }), () => policyWith(published, { nonce: undefined })],
  ['P18', 'an audience that is trusted', () => withClaims({ aud: [clientId, 'api'] }), () => policyWith(published, { trustedAudiences: ['api'] })],
  ['P12', 'HS256, pinned', () => hs(clientSecret), () => policyWith(published, { ...hs256, clientSecret, jwks: undefined })],
  ['P13', 'PS256 by a key without alg', () => withHeader({ alg: 'PS256', kid: 'k2' }, k2), () => policyWith([plainKey], { algorithms: ['RS256', 'PS256'] })],
  ['P14', 'RS256 by the same key', () => withHeader({ kid: 'k2' }, k2), () => policyWith([plainKey], { algorithms: ['RS256', 'PS256'] })],
  ['P15', 'the right key among decoys of its kid', () => withHeader({}), () => policyWith([{ ...e1.jwk, kid: 'k1' }, { ...enc1.jwk, kid: 'k1' }, { ...k2.jwk, kid: 'k1', alg: 'RS512' }, { ...k2.jwk, kid: 'k1', key_ops: ['sign'] }, k1.jwk])],
  ['N95', 'a payload with __proto__', () => withPayload(text().replace('{', '{"__proto__":{"admin":true},'))],
];

afterEach(() => {
  vi.restoreAllMocks();
});

describe('verifyIdToken', () => {
  it.each(refused)('[X4] %s refuses %s', async (id, _title, token, says, policy = policyWith) => {
    const fetched = vi.spyOn(globalThis, 'fetch');
    const error = await verifyIdToken(token(), policy()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'OAuthError',
      code: 'invalid_id_token',
      phase: 'id_token',
    });
    expect(error).toHaveProperty('message', expect.stringMatching(says));
    expect(String((error as Error).stack)).not.toContain(canary);
    expect(fetched, id).not.toHaveBeenCalled();
  });

  it.each(accepted)('[X4] %s accepts %s', async (_id, _title, token, policy = policyWith) => {
    const claims = await verifyIdToken(token(), policy());
    expect(claims).toMatchObject({ iss: issuer });
    expect(Object.getPrototypeOf(Object.assign({}, claims))).toBe(Object.prototype);
    expect(claims).not.toHaveProperty('admin');
  });

  it.each(allowedAlgorithms(undefined, undefined) as 'RS256'[])(
    '[X4] verifies %s, and at_hash by the hash of the same name',
    async (alg) => {
      const isRsa = /^[RP]S/.test(alg);
      const { privateKey, publicKey } = isRsa ? k1 : await generateKeyPair(alg);
      const policy = policyWith([{ ...(await exportJWK(publicKey)) }], { algorithms: [alg] });
      const hash = alg.startsWith('Ed') ? 'SHA512' : `SHA${alg.slice(2)}`;
      const verify = async (atHash: string) => {
        const payload = Buffer.from(text({ at_hash: atHash }));
        const jws = await new CompactSign(payload).setProtectedHeader({ alg }).sign(privateKey);
        return await verifyIdToken(jws, policy);
      };
      await expect(verify(hashOf(hash, accessToken))).resolves.toMatchObject({ sub });
      await expect(verify(hashOf(hash, 'other'))).rejects.toThrow('"at_hash"');
    },
  );

  it.each(['HS384', 'HS512'])('[X4] verifies %s when it is pinned', async (alg) => {
    const token = await new CompactSign(Buffer.from(text()))
      .setProtectedHeader({ alg })
      .sign(Buffer.from(clientSecret));
    const policy = policyWith([], { algorithms: [alg], clientSecret });
    await expect(verifyIdToken(token, policy)).resolves.toMatchObject({ sub });
  });

  it('[X4] survives JSON as deep as it fits', async () => {
    const deep = text().replace('{', `{"a":${'['.repeat(5000)}${']'.repeat(5000)},`);
    const outcome = await verifyIdToken(withPayload(deep), policyWith()).catch((e: unknown) => e);
    expect(outcome instanceof Error ? outcome.name : 'accepted').toMatch(/^(OAuthError|accepted)$/);
  });

  it('ignores at_hash when there is no access token to compare it with', async () => {
    const policy = policyWith(published, { accessToken: undefined });
    await expect(verifyIdToken(withClaims({ at_hash: 'x' }), policy)).resolves.toBeTruthy();
  });

  it('passes the error of a JWK Set on, so that its code says what to do', async () => {
    const find = () => Promise.reject(new Error('down'));
    const jwks = { find, load: find, all: find, tries: 5 };
    const policy = policyWith(published, { jwks });
    await expect(verifyIdToken(withClaims({}), policy)).rejects.toThrow('down');
  });
});
