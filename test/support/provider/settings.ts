import type { JsonObject } from './response.js';

/** How a client authenticates at the token endpoint (RFC 7591 §2). */
export type ClientAuthMethod =
  'client_secret_basic' | 'client_secret_post' | 'client_secret_jwt' | 'private_key_jwt' | 'none';

/** The client's registration and the provider's behavior; both can be changed at any time. */
export interface Settings {
  clientId: string;
  clientSecret: string;
  /** The one method that is accepted. */
  tokenEndpointAuthMethod: ClientAuthMethod;
  /** The one `alg` of client assertions; any unless given. */
  tokenEndpointAuthSigningAlg: string | undefined;
  /** The client's public keys, for client assertions and request objects. */
  jwks: { keys: JsonObject[] };
  /** The one `alg` of request objects; any signature unless given, `none` by reference alone. */
  requestObjectSigningAlg: string | undefined;
  /** The `alg` of signed backchannel authentication requests; without it they are not signed. */
  backchannelSigningAlg: string | undefined;
  /** The registered URLs of request objects. */
  requestUris: string[];
  /** The registered response types. Empty: any. */
  responseTypes: string[];
  /** Whether authorization requests must be pushed. */
  pushedOnly: boolean;
  /** Whether access tokens are bound to a key, and each of their requests has a proof of it (RFC 9449). */
  dpop: boolean;
  /** The nonce that proofs must have (RFC 9449 §8). */
  dpopNonce: string | undefined;
  /** Endpoints that the metadata names beside the usual ones. */
  offers: ('register' | 'par' | 'backchannel')[];
  /** The registered redirect URIs, compared byte for byte. Empty: any http or https URL. */
  redirectUris: string[];
  /** The registered post-logout redirect URIs. Empty: any http or https URL. */
  postLogoutRedirectUris: string[];
  /** Whether a code challenge is demanded; one that is sent is always checked. */
  pkceRequired: boolean;
  /** Whether callbacks carry `iss` (RFC 9207). */
  issParameter: boolean;
  /** Whether it is an OpenID provider; a plain OAuth 2 one issues no id_token. */
  openid: boolean;
  idTokenAlg: 'RS256' | 'ES256' | 'HS256';
  /** The `alg` that userinfo is signed with; plain JSON without it. */
  userinfoSignedAlg: 'RS256' | undefined;
  /** Lifetime of access tokens, in seconds. */
  expiresIn: number;
  /** Whether refresh tokens are issued. */
  refreshTokens: boolean;
  /** Whether a refresh token is valid once. */
  rotateRefreshTokens: boolean;
  /** The claims of the user who is logged in. */
  user: JsonObject;
  /** OAuth 1: the client's PEM public key, for `RSA-*` signatures. */
  oauth1PublicKey: string | undefined;
  /** OAuth 1: the signature methods that are accepted. */
  oauth1SignatureMethods: string[];
}

/**
 * The default settings. The id and the secret contain characters that only a correct encoder
 * preserves.
 */
export function defaultSettings(): Settings {
  return {
    clientId: 'test-client.1',
    clientSecret: 's3cret_/+ &=%:é~',
    tokenEndpointAuthMethod: 'client_secret_basic',
    tokenEndpointAuthSigningAlg: undefined,
    jwks: { keys: [] },
    requestObjectSigningAlg: undefined,
    backchannelSigningAlg: undefined,
    requestUris: [],
    responseTypes: [],
    pushedOnly: false,
    dpop: false,
    dpopNonce: undefined,
    offers: [],
    redirectUris: [],
    postLogoutRedirectUris: [],
    pkceRequired: true,
    issParameter: true,
    openid: true,
    idTokenAlg: 'RS256',
    userinfoSignedAlg: undefined,
    expiresIn: 3600,
    refreshTokens: true,
    rotateRefreshTokens: true,
    user: defaultUser(),
    oauth1PublicKey: undefined,
    oauth1SignatureMethods: ['HMAC-SHA1'],
  };
}

function defaultUser(): Record<string, unknown> {
  return {
    sub: 'user-1',
    name: 'Ada Lovelace',
    preferred_username: 'ada',
    email: 'ada@example.com',
    email_verified: true,
    picture: 'https://provider.example/ada.png',
  };
}
