import {
  leftHalfHash,
  attackerKey,
  ecKey,
  encryptionKey,
  rsaKey,
  signJws,
  smallKey,
  type JsonObject,
  type SigningKey,
  type TestKey,
} from '../../../../support/provider/index.js';

/** What the login is about, for which id_tokens are made. */
export interface LoginFacts {
  issuer: string;
  clientId: string;
  clientSecret: string;
  nonce: string;
  /** Seconds since the epoch. */
  now: number;
  accessToken: string;
  /** An origin that nobody may ever ask; tests count its requests. */
  canaryUrl?: string;
}

/** What a vector is built from. */
export interface VectorContext extends Required<LoginFacts> {
  keys: Record<'rsa' | 'ec' | 'encryption' | 'second' | 'attacker' | 'small', TestKey>;
  /** The right claims. */
  claims: JsonObject;
  /** Signs with `k1` and RS256 unless told otherwise. Malformed input is signed as it is. */
  sign(payload?: object | string, header?: JsonObject, key?: SigningKey): string;
}

/** What a vector is made of. */
export interface VectorOutcome {
  /** The `id_token` member of the token answer; `undefined` leaves it out. */
  idToken: unknown;
  /** The JWK Set to publish; without it, {@link publishedKeys}. */
  jwks?: object;
  /** The status of the JWK Set's answer; 200 without it. */
  jwksStatus?: number;
  /** Client options that the vector needs. */
  clientOptions?: JsonObject;
}

/** One id_token, and whether it may pass. */
export interface IdTokenVector {
  /** `P…` must be accepted, `N…` refused, but for N95. */
  id: string;
  title: string;
  accept: boolean;
  /** Whether jose's `jwtVerify` alone accepts it; `undefined` where that is not settled. */
  joseAccepts: boolean | undefined;
  /** The `max_age` that the authorization request must carry. */
  maxAge?: number;
  build(context: VectorContext): Promise<VectorOutcome>;
}

/** Completes what a login is about into what vectors are built from. */
export function vectorContext(facts: LoginFacts): VectorContext {
  const keys = {
    rsa: rsaKey(),
    ec: ecKey(),
    encryption: encryptionKey(),
    second: rsaKey(2),
    attacker: attackerKey(),
    small: smallKey(),
  };
  const { issuer, clientId, nonce, now, accessToken } = facts;
  const claims: JsonObject = {
    iss: issuer,
    sub: 'user-1',
    aud: clientId,
    exp: now + 300,
    iat: now,
    nonce,
    at_hash: leftHalfHash(accessToken),
  };
  return {
    canaryUrl: 'http://127.0.0.1:9',
    ...facts,
    keys,
    claims,
    sign: (payload = claims, header = { alg: 'RS256', kid: 'k1' }, key = keys.rsa) =>
      signJws(payload, header, key),
  };
}

/** The JWK Set that a provider publishes ordinarily: `k1`, `e1`, `enc1`. */
export function publishedKeys({ keys }: VectorContext, ...more: object[]): { keys: object[] } {
  return { keys: [keys.rsa.jwk, keys.ec.jwk, keys.encryption.jwk, ...more] };
}

/** How a table's row makes its outcome; a string is the id_token alone. */
export type Build = (context: VectorContext) => string | VectorOutcome | Promise<VectorOutcome>;

/** A row: id, title, whether jose alone accepts it, how it is made. */
export type Row = [id: string, title: string, joseAccepts: boolean | undefined, build: Build];

/** Makes vectors of rows that share a verdict. */
export function vectors(accept: boolean, rows: Row[]): IdTokenVector[] {
  return rows.map(([id, title, joseAccepts, build]) => ({
    id,
    title,
    accept,
    joseAccepts,
    build: async (context) => {
      const made = await build(context);
      return typeof made === 'string' ? { idToken: made } : made;
    },
  }));
}

/** Changes claims; `undefined` removes one. */
export function withClaims(change: (context: VectorContext) => JsonObject): Build {
  return (context) => context.sign({ ...context.claims, ...change(context) });
}

/** Changes the header; `undefined` removes a member. */
export function withHeader(
  change: (context: VectorContext) => JsonObject,
  key?: (context: VectorContext) => SigningKey,
): Build {
  return (context) =>
    context.sign(
      context.claims,
      { alg: 'RS256', kid: 'k1', ...change(context) },
      key?.(context) ?? context.keys.rsa,
    );
}
