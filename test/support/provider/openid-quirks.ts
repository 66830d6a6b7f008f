import { entries } from './entries.js';
import { json, type ProviderResponse, type JsonObject } from './response.js';
import { attackerKey, rsaKey, testKey } from './keys.js';
import { signJws } from './jws.js';

type Change<Input> = (input: Input, elsewhere: string) => Input;

const hostile = 'https://evil.example';

/** How the metadata document can differ from the correct one. */
export const metadataQuirks = entries<Change<JsonObject>>()({
  /** The `issuer` of another provider. */
  'wrong-issuer': (metadata) => ({ ...metadata, issuer: hostile }),
  /** The correct issuer, followed by `INVALID`. */
  'issuer-with-suffix': (metadata) => ({ ...metadata, issuer: `${metadata['issuer']}INVALID` }),
  /** The correct issuer, followed by a slash. */
  'issuer-with-slash': (metadata) => ({ ...metadata, issuer: `${metadata['issuer']}/` }),
  /** No `issuer`. */
  'no-issuer': (metadata) => ({ ...metadata, issuer: undefined }),
  /** `issuer` is a list. */
  'issuer-array': (metadata) => ({ ...metadata, issuer: [metadata['issuer']] }),
  /** It announces unsigned id_tokens. */
  'none-alg': (metadata) => withAlgorithms(metadata, ['RS256', 'none']),
  /** It announces id_tokens signed with the client secret. */
  'hs256-alg': (metadata) => withAlgorithms(metadata, ['RS256', 'HS256']),
  /** It announces id_tokens of any kind. */
  'all-algs': (metadata) =>
    withAlgorithms(metadata, ['none', 'HS256', 'HS512', 'RS256', 'PS256', 'ES256', 'EdDSA']),
  /** No list of id_token algorithms. */
  'no-algs': (metadata) => withAlgorithms(metadata, undefined),
  /** Token, userinfo and JWKS endpoints are at another origin. */
  'foreign-endpoints': (metadata, elsewhere) => ({
    ...metadata,
    token_endpoint: `${elsewhere}/token`,
    userinfo_endpoint: `${elsewhere}/userinfo`,
    jwks_uri: `${elsewhere}/jwks`,
  }),
  /** The endpoints are plain http on a host that is not loopback. */
  'insecure-endpoints': (metadata) => ({
    ...metadata,
    token_endpoint: 'http://provider.example/token',
    jwks_uri: 'http://provider.example/jwks',
  }),
  /** `authorization_endpoint` is a `javascript:` URL. */
  'script-endpoint': (metadata) => ({
    ...metadata,
    authorization_endpoint: 'javascript:alert(1)',
  }),
  /** No `token_endpoint`. */
  'no-token-endpoint': (metadata) => ({ ...metadata, token_endpoint: undefined }),
  /** No `jwks_uri`. */
  'no-jwks-uri': (metadata) => ({ ...metadata, jwks_uri: undefined }),
  /** No `userinfo_endpoint`. */
  'no-userinfo-endpoint': (metadata) => ({ ...metadata, userinfo_endpoint: undefined }),
  /** No word about PKCE. */
  'no-pkce': (metadata) => ({ ...metadata, code_challenge_methods_supported: undefined }),
  /** It announces only PKCE `plain`. */
  'plain-pkce': (metadata) => ({ ...metadata, code_challenge_methods_supported: ['plain'] }),
  /** No word about the `iss` parameter of callbacks (RFC 9207 §3). */
  'no-iss-parameter': (metadata) => ({
    ...metadata,
    authorization_response_iss_parameter_supported: undefined,
  }),
});

/** The name of a metadata document's deviation. */
export type MetadataQuirk = keyof typeof metadataQuirks;

/** How the JWK Set can differ; each entry makes the document from the correct keys. */
export const jwksQuirks = entries<(keys: JsonObject[]) => object>()({
  /** No keys. */
  empty: () => ({ keys: [] }),
  /** `keys` is an object. */
  'not-array': (keys): JsonObject => ({ keys: { ...keys } }),
  /** No `keys` at all. */
  'no-keys': () => ({}),
  /** Keys of an unknown type come first, and entries that are no objects. */
  'unknown-kty': (keys) => ({
    keys: [{ kty: 'XYZ', kid: 'x1', alg: 'XY256' }, null, 'k1', ...keys],
  }),
  /** Another RS256 key has the same `kid`. */
  'duplicate-kid': (keys) => ({ keys: [...keys, { ...rsaKey(9).jwk, kid: kidOf(keys) }] }),
  /** Keys of other kinds and uses have the same `kid`; one key alone fits. */
  decoys: (keys) => ({
    keys: [
      { ...testKey('decoy-ec', { alg: 'ES256' }).jwk, kid: kidOf(keys) },
      { ...testKey('decoy-enc', { alg: 'RSA-OAEP', use: 'enc' }).jwk, kid: kidOf(keys) },
      ...keys,
    ],
  }),
  /** The keys have no `alg` and no `use`. */
  'bare-keys': (keys) => ({
    keys: keys
      .filter((key) => key['use'] === 'sig')
      .map((key) => ({ ...key, alg: undefined, use: undefined })),
  }),
  /** One signing key, without a `kid`. */
  'single-key-without-kid': (keys) => ({ keys: [{ ...keys[0], kid: undefined }] }),
});

/** The name of a JWK Set's deviation. */
export type JwksQuirk = keyof typeof jwksQuirks;

/** What a userinfo quirk works with. */
interface UserinfoInput {
  claims: JsonObject;
  issuer: string;
  clientId: string;
}

/** How the userinfo response can differ. */
export const userinfoQuirks = entries<(input: UserinfoInput) => ProviderResponse>()({
  /** The `sub` of another user. */
  'wrong-sub': ({ claims }) => json({ ...claims, sub: `${claims['sub']}1` }),
  /** No `sub` (GitHub, Discord, Facebook). */
  'no-sub': ({ claims }) => json({ ...claims, sub: undefined }),
  /** `sub` is a number. */
  'numeric-sub': ({ claims }) => json({ ...claims, sub: 12345 }),
  /** A signed JWT. */
  'signed-jwt': (input) => signedUserinfo(input, false),
  /** A JWT signed with another key. */
  'forged-jwt': (input) => signedUserinfo(input, true),
  /** 401 with a Bearer challenge. */
  challenge: () => ({ ...challenge(401), body: { error: 'invalid_token' } }),
  /** 200 and the claims, with a `WWW-Authenticate` header nevertheless. */
  'challenge-200': ({ claims }) => ({ ...challenge(200), body: claims }),
  /** 200 with an error. */
  'error-200': () => json({ error: 'invalid_token', error_description: 'Expired.' }),
  /** Own keys `__proto__` and `constructor`. */
  'proto-keys': ({ claims }) => ({
    headers: { 'content-type': 'application/json' },
    body: `${JSON.stringify(claims).slice(0, -1)},"__proto__":{"isAdmin":true}}`,
  }),
});

/** The name of a deviation of the userinfo response. */
export type UserinfoQuirk = keyof typeof userinfoQuirks;

function withAlgorithms(metadata: JsonObject, algorithms: string[] | undefined): JsonObject {
  return { ...metadata, id_token_signing_alg_values_supported: algorithms };
}

function kidOf(keys: JsonObject[]): unknown {
  return keys[0]?.['kid'];
}

function challenge(status: number): ProviderResponse {
  const headers = { 'www-authenticate': 'Bearer realm="userinfo", error="invalid_token"' };
  return { status, headers };
}

function signedUserinfo(
  { claims, issuer, clientId }: UserinfoInput,
  forged: boolean,
): ProviderResponse {
  const key = forged ? attackerKey() : rsaKey();
  const payload = { ...claims, iss: issuer, aud: clientId };
  const body = signJws(payload, { alg: 'RS256', kid: rsaKey().kid }, key);
  return { headers: { 'content-type': 'application/jwt' }, body };
}
