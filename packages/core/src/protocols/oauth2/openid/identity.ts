import {
  claims as claimsCheck,
  count,
  listOf,
  must,
  shape,
  text,
  type Check,
} from '../../../platform/validators.js';
import { OAuthError } from '../../../model/errors.js';
import type { Http } from '../../../platform/http/http.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { Limits } from '../../../options/registry-options.js';
import { leewayOf } from '../../../options/openid.js';
import { isSymmetric } from '../../../platform/jws-algorithms.js';
import type { AuthorizeData, ClaimsOptions, OAuth2Token } from '../../../model/types.js';
import { allowedAlgorithms } from '../jwt/algorithms.js';
import { decryptedIdToken, openIdToken } from './encrypted-id-token.js';
import { verifyIdToken, type IdTokenClaims, type VerifiedUser } from './id-token.js';
import { acceptsIssuer, knowsIssuer, requireIssuer } from '../discovery/issuer.js';
import { createJwks, type Jwks } from '../jwt/jwks.js';
import { usableEndpoint, type LoadMetadata, type ServerMetadata } from '../discovery/metadata.js';
import { readSignedUserinfo } from './signed-userinfo.js';

/** What `parseIdToken` compares an id_token with. */
export interface ParseIdTokenOptions {
  /** The nonce of the authorization request. */
  nonce?: string | undefined;
  /** Seconds since the person last authenticated, at most. */
  maxAge?: number | undefined;
  /**
   * What an id_token of the authorization endpoint came along with. Then its hashes of the code
   * (`c_hash`) and of the access token (`at_hash`) must be there; with
   * `enableDetachedSignatureResponseChecks` that of the state (`s_hash`) as well.
   */
  authorizationResponse?: { code?: string | undefined; state?: string | undefined } | undefined;
  /** What its `acr` must be one of; the empty text allows it to be missing. */
  acrValues?: readonly string[] | undefined;
  /** Further checks, beside those of `register()`. */
  claimsOptions?: ClaimsOptions | undefined;
}

type Token = Pick<OAuth2Token, 'id_token'> & Partial<OAuth2Token>;
/** The rules of {@link ParseIdTokenOptions}. */
export const parseIdTokenOptions: Check = shape<ParseIdTokenOptions>({
  nonce: text,
  maxAge: count,
  authorizationResponse: shape<NonNullable<ParseIdTokenOptions['authorizationResponse']>>({
    code: text,
    state: text,
  }),
  acrValues: listOf(must((v) => typeof v === 'string', 'must be text')),
  claimsOptions: claimsCheck,
});

/** What OpenID Connect adds to OAuth 2: who the person is. */
export interface Identity {
  /** Verifies the id_token of a token in full and returns its user: the claims, and the payload as `raw`. */
  verifiedUser(token: Token, expected?: ParseIdTokenOptions): Promise<VerifiedUser>;
  /** Verifies the id_token of a token in full and returns its claims. */
  parseIdToken(token: Token, expected?: ParseIdTokenOptions): Promise<IdTokenClaims>;
  /** Verifies any id_token that arrived, and misses one that was asked for. */
  identify(
    token: OAuth2Token,
    data: Pick<AuthorizeData, 'openid' | 'nonce' | 'maxAge' | 'acrValues'>,
    claimsOptions?: ClaimsOptions,
  ): Promise<OAuth2Token>;
  /**
   * Puts the signed id_token in the place of the encrypted one it came in: that is what is kept, and
   * what a logout hands back (OpenID Connect Core §3.1.2.1).
   */
  openIdToken<T extends Partial<OAuth2Token>>(token: T): Promise<T>;
  /**
   * Loads what an id_token will be verified with, before something is sent that cannot be sent twice. Tells
   * whether an id_token is to be thrown away unread, as {@link Identity.ignores}.
   */
  prepare(asked: boolean): Promise<boolean>;
  /** Tells whether an issuer is this client's provider. */
  isIssuer(issuer: unknown): Promise<boolean>;
  /**
   * Tells whether an id_token is to be thrown away unread: where the client is told to, and where nobody
   * asked for one and there is nothing to verify it with (RFC 6749 §5.1).
   */
  ignores(asked?: boolean): Promise<boolean>;
  /** Decrypts and verifies a profile that is a JWT; refuses a plain one (`undefined`) where it must be. */
  openUserinfo(jwt: string | undefined): Promise<Record<string, unknown>>;
  fetchJwkSet(force?: boolean): Promise<{ keys: object[] }>;
  /** The provider's signing keys, for tokens that are not id_tokens. */
  signingKeys(): Promise<Jwks | undefined>;
  /** Sizes and times of what the provider signs. */
  readonly limits: Limits;
}

/** Binds the verification of id_tokens to one client. */
export function createIdentity(config: {
  options: Readonly<RegisterOptions>;
  http: Http;
  loadMetadata: LoadMetadata;
  limits: Limits;
  /** The client, for messages. */
  name?: string | undefined;
}): Identity {
  const { options, loadMetadata, limits } = config;
  const jwksOf = keySetOf(config);
  const form = { options, maxBytes: limits.jwtBytes };

  async function openUserinfo(jwt: string | undefined): Promise<Record<string, unknown>> {
    const metadata = await loadMetadata();
    return await readSignedUserinfo(jwt, { options, metadata, jwks: jwksOf(metadata), limits });
  }

  async function verifiedUser(
    token: Token,
    expected: ParseIdTokenOptions = {},
  ): Promise<VerifiedUser> {
    const metadata = await loadMetadata();
    requireIssuer(options, metadata);
    return await verifyIdToken(await decryptedIdToken(form, token.id_token), {
      maxBytes: limits.jwtBytes,
      limits,
      trustedAudiences: options.trustedAudiences,
      issuer: (issuer) => acceptsIssuer(options, metadata, issuer),
      clientId: options.clientId ?? '',
      clientSecret: options.clientSecret,
      algorithms: allowedAlgorithms(
        options.idTokenSignedResponseAlg,
        metadata['id_token_signing_alg_values_supported'],
      ),
      jwks: jwksOf(metadata),
      nonce: expected.nonce,
      nonceOptional: (options.nonce ?? 'required') !== 'required',
      maxAge: expected.maxAge,
      accessToken: token.access_token,
      authorizationResponse: expected.authorizationResponse,
      detachedSignature: options.enableDetachedSignatureResponseChecks,
      leeway: leewayOf(options),
      acrValues: expected.acrValues,
      claimsOptions: [options.claimsOptions ?? {}, expected.claimsOptions ?? {}],
    });
  }

  async function parseIdToken(
    token: Token,
    expected?: ParseIdTokenOptions,
  ): Promise<IdTokenClaims> {
    const { raw: _, ...claims } = await verifiedUser(token, expected);
    return claims as IdTokenClaims;
  }

  async function ignores(asked = false): Promise<boolean> {
    if (options.idToken === 'ignore' || asked) return options.idToken === 'ignore';
    const metadata = await loadMetadata();
    const symmetric = isSymmetric(options.idTokenSignedResponseAlg ?? '');
    return !knowsIssuer(options, metadata) || !(symmetric || jwksOf(metadata));
  }

  async function prepare(asked: boolean): Promise<boolean> {
    if (await ignores(asked)) return true;
    const isSigned = !isSymmetric(options.idTokenSignedResponseAlg ?? '');
    // An id_token that nobody asked for is seldom there: its keys are loaded when it comes.
    if (asked && isSigned) await jwksOf(await loadMetadata())?.all();
    return false;
  }

  async function isIssuer(issuer: unknown): Promise<boolean> {
    const metadata = await loadMetadata();
    return !knowsIssuer(options, metadata) || acceptsIssuer(options, metadata, issuer);
  }

  async function identify(
    token: OAuth2Token,
    data: Pick<AuthorizeData, 'openid' | 'nonce' | 'maxAge' | 'acrValues'>,
    claimsOptions?: ClaimsOptions,
  ): Promise<OAuth2Token> {
    const { idToken = 'required' } = options;
    const needed = data.openid === true && idToken === 'required';
    if (token.id_token === undefined && !needed) return token;
    if (await ignores(data.openid)) return withoutIdToken(token);
    if (token.id_token === undefined) {
      throw new OAuthError(
        'invalid_id_token',
        'Scope "openid" was asked for, but the token response has no id_token ' +
          '(OpenID Connect Core §3.1.3.3). Check that the provider speaks OpenID Connect.',
        { phase: 'id_token' },
      );
    }
    const { nonce, maxAge, acrValues } = data;
    const received = await openIdToken(form, token);
    const userinfo = await verifiedUser(received, { nonce, maxAge, acrValues, claimsOptions });
    return { ...received, userinfo };
  }

  async function fetchJwkSet(force?: boolean): Promise<{ keys: object[] }> {
    const jwks = jwksOf(await loadMetadata());
    if (jwks) return await jwks.all(force);
    throw new OAuthError(
      'invalid_options',
      'There are no signing keys: give "jwksUri", "jwks", or metadata that names a "jwks_uri".',
    );
  }

  async function signingKeys(): Promise<Jwks | undefined> {
    return jwksOf(await loadMetadata());
  }

  return {
    limits,
    verifiedUser,
    parseIdToken,
    identify,
    openIdToken: (token) => openIdToken(form, token),
    ignores,
    prepare,
    isIssuer,
    openUserinfo,
    fetchJwkSet,
    signingKeys,
  };
}

/** Finds the signing keys: given by hand, or at the address the metadata names now. */
function keySetOf({
  options: { jwks, jwksUri },
  http,
  limits,
  name: client,
}: {
  options: Readonly<RegisterOptions>;
  http: Http;
  limits: Limits;
  name?: string | undefined;
}): (metadata: ServerMetadata) => Jwks | undefined {
  let known: { uri: string | undefined; keys: Jwks } | undefined;
  return (metadata) => {
    // Keys given by hand are all there are, unless a URL is given beside them.
    const uri = jwks === undefined ? usableEndpoint(metadata, 'jwks_uri') : jwksUri;
    if (uri === undefined && jwks === undefined) return undefined;
    if (!known || known.uri !== uri)
      known = { uri, keys: createJwks({ keys: jwks?.keys, http, uri, client, limits }) };
    return known.keys;
  };
}

/** An id_token that nobody verifies must not lie where somebody could believe it. */
function withoutIdToken(token: OAuth2Token): OAuth2Token {
  const { id_token: _, ...rest } = token;
  return rest;
}
