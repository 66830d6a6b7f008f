import { randomBytes } from 'node:crypto';
import type { JsonObject } from './response.js';
import type { SigningKey } from './jws.js';
import type { TestKey } from './keys.js';
import type { Quirks } from './quirks.js';
import type { Settings } from './settings.js';

/** What a login left behind, until its code is redeemed. */
export interface Grant {
  redirectUri: string;
  scope: string;
  nonce: string | undefined;
  codeChallenge: string | undefined;
  maxAge: string | undefined;
  /** When the user logged in, in seconds since the epoch. */
  authTime: number;
  /** The thumbprint that the code is bound to (RFC 9449 §10). */
  dpopJkt: string | undefined;
  expiresAt: number;
  redeemed: boolean;
}

/** An access or refresh token that was issued. */
export interface IssuedToken {
  scope: string;
  sub: string;
  expiresAt: number;
  /** All tokens of one login have the same family and are revoked together. */
  family: string;
  /** What the login was; absent for client credentials. */
  grant: Grant | undefined;
  /** The thumbprint of the key that it is bound to (RFC 9449 §6). */
  jkt?: string | undefined;
}

/** OAuth 1 credentials that were issued, temporary or not. */
export interface IssuedCredentials {
  secret: string;
  callback: string;
  verifier?: string;
}

/** What the id_token hook receives. */
export interface IdTokenInput {
  /** The correct claims. */
  claims: JsonObject;
  /** The correct header. */
  header: JsonObject;
  keys: { rsa: TestKey; ec: TestKey };
  accessToken: string;
  /** What issues it; `implicit` for the authorization endpoint. */
  grantType: 'authorization_code' | 'refresh_token' | 'implicit';
  /** Signs a JWS; malformed ones too. */
  sign: (payload?: object | string, header?: JsonObject, key?: SigningKey) => string;
}

/** Creates the `id_token` member of a token response: any value, or `undefined` for none. */
export type IdTokenHook = (input: IdTokenInput) => unknown;

/** What all endpoints share. */
export interface World {
  readonly origin: string;
  readonly issuer: string;
  /** The URL before every endpoint's path: the issuer without a slash at the end. */
  readonly base: string;
  settings: Settings;
  quirks: Quirks;
  idToken: IdTokenHook | undefined;
  /** The signing keys in use, and the retired ones that are still published. */
  keys: { rsa: TestKey; ec: TestKey; retired: TestKey[] };
  codes: Map<string, Grant>;
  accessTokens: Map<string, IssuedToken>;
  refreshTokens: Map<string, IssuedToken>;
  spentRefreshTokens: Map<string, string>;
  requestTokens: Map<string, IssuedCredentials>;
  tokenCredentials: Map<string, IssuedCredentials>;
  oauth1Nonces: Set<string>;
  /** Pushed authorization requests (RFC 9126) by their `request_uri`. */
  pushed: Map<string, { params: URLSearchParams; expiresAt: number }>;
  /** The `jti` of every client assertion and DPoP proof that was accepted. */
  usedJtis: Set<string>;
  /** What OpenID 2.0 assertions are signed with, and the nonces of those that were checked. */
  openid2Key: string;
  openid2Nonces: Set<string>;
}

/** The time, in seconds since the epoch. */
export const now = (): number => Math.floor(Date.now() / 1000);

/** An unguessable random string, with a prefix that says what it is. */
export const randomToken = (prefix: string): string =>
  `${prefix}-${randomBytes(24).toString('base64url')}`;
