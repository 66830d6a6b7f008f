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
import type { Limits } from '../../../options/limits.js';
import { leewayOf } from '../../../options/openid.js';
import { isSymmetric } from '../../../platform/jwt/algorithms.js';
import type { AuthorizeData, ClaimsOptions, OAuth2Token } from '../../../model/types.js';
import { decryptedIdToken, decryptIdToken } from './encrypted-id-token.js';
import {
  idTokenKind,
  verifyIdToken,
  type IdTokenClaims,
  type IdTokenPolicy,
  type VerifiedUser,
} from './id-token.js';
import { acceptsIssuer, knowsIssuer, requireIssuer } from '../../../platform/issuer.js';
import { createJwks, type Jwks } from '../../../platform/jwt/jwks.js';
import { usableEndpoint, type LoadMetadata, type ServerMetadata } from '../discovery/metadata.js';
import { policyFor, type JwtContext } from '../jwt/policy.js';
import { readSignedUserinfo } from './signed-userinfo.js';

/** Expected values for `parseIdToken`. */
export interface ParseIdTokenOptions {
  /** The nonce of the authorization request. */
  nonce?: string | undefined;
  /** Maximum seconds since the user last authenticated. */
  maxAge?: number | undefined;
  /**
   * The parameters sent with an id_token of the authorization endpoint. The hashes of the code
   * (`c_hash`) and of the access token (`at_hash`) are then required; with
   * `enableDetachedSignatureResponseChecks` that of the state (`s_hash`) as well.
   */
  authorizationResponse?: { code?: string | undefined; state?: string | undefined } | undefined;
  /** The accepted values of `acr`; an empty string accepts a missing claim. */
  acrValues?: readonly string[] | undefined;
  /** Additional checks besides those of `register()`. */
  claimsOptions?: ClaimsOptions | undefined;
}

type Token = Pick<OAuth2Token, 'id_token'> & Partial<OAuth2Token>;
/** The argument check of {@link ParseIdTokenOptions}. */
export const parseIdTokenOptions: Check = shape<ParseIdTokenOptions>({
  nonce: text,
  maxAge: count,
  authorizationResponse: shape<NonNullable<ParseIdTokenOptions['authorizationResponse']>>({
    code: text,
    state: text,
  }),
  acrValues: listOf(must((v) => typeof v === 'string', 'must be a string')),
  claimsOptions: claimsCheck,
});

/** The OpenID Connect functions of a client. */
export interface Identity {
  /** Verifies the id_token of a token and returns its claims, and the payload as `raw`. */
  verifiedUser(token: Token, expected?: ParseIdTokenOptions): Promise<VerifiedUser>;
  /** Verifies the id_token of a token and returns its claims. */
  parseIdToken(token: Token, expected?: ParseIdTokenOptions): Promise<IdTokenClaims>;
  /** Verifies the id_token of a token response. Throws if a requested one is missing. */
  identify(
    token: OAuth2Token,
    data: Pick<AuthorizeData, 'openid' | 'nonce' | 'maxAge' | 'acrValues'>,
    claimsOptions?: ClaimsOptions,
  ): Promise<OAuth2Token>;
  /**
   * Replaces an encrypted id_token by the signed one inside, which is stored and sent at logout
   * (OpenID Connect Core §3.1.2.1).
   */
  decryptIdToken<T extends Partial<OAuth2Token>>(token: T): Promise<T>;
  /**
   * Loads the keys to verify an id_token, before a one-time credential is sent. Returns whether an
   * id_token is ignored, as {@link Identity.ignores} does.
   */
  prepare(asked: boolean): Promise<boolean>;
  /** Whether an issuer belongs to this client's provider. */
  isIssuer(issuer: unknown): Promise<boolean>;
  /**
   * Whether an id_token is discarded unread: if the client is configured to, or if it was not
   * requested and cannot be verified (RFC 6749 §5.1).
   */
  ignores(asked?: boolean): Promise<boolean>;
  /**
   * Decrypts and verifies a profile that is a JWT. Rejects a plain one (`undefined`) if a JWT is
   * required.
   */
  openUserinfo(jwt: string | undefined): Promise<Record<string, unknown>>;
  fetchJwkSet(force?: boolean): Promise<{ keys: object[] }>;
  /** Returns the provider's signing keys, for tokens other than id_tokens. */
  signingKeys(): Promise<Jwks | undefined>;
  /** Size and time limits of signed data. */
  readonly limits: Limits;
}

/** Creates the id_token verification of one client. */
export function createIdentity(config: {
  options: Readonly<RegisterOptions>;
  http: Http;
  loadMetadata: LoadMetadata;
  limits: Limits;
  /** The client's name, for error messages. */
  name?: string | undefined;
}): Identity {
  const { options, loadMetadata, limits } = config;
  const contextOf = contextsOf(config);
  const form = { options, maxBytes: limits.jwtBytes };
  const isSigned = !isSymmetric(options.idTokenSignedResponseAlg ?? '');

  async function context(): Promise<IdentityContext> {
    return contextOf(await loadMetadata());
  }

  async function openUserinfo(jwt: string | undefined): Promise<Record<string, unknown>> {
    return await readSignedUserinfo(jwt, await context());
  }

  async function verifiedUser(
    token: Token,
    expected: ParseIdTokenOptions = {},
  ): Promise<VerifiedUser> {
    const { metadata, policy } = await context();
    requireIssuer(options, metadata);
    const { id_token: received, access_token: accessToken } = token;
    const idToken = options.decryptionKeys ? await decryptedIdToken(form, received) : received;
    const { nonce, maxAge, acrValues, authorizationResponse } = expected;
    const claimsOptions = [options.claimsOptions ?? {}, expected.claimsOptions ?? {}];
    const ofLogin = { nonce, maxAge, acrValues, authorizationResponse, accessToken, claimsOptions };
    return await verifyIdToken(idToken, { ...policy, ...ofLogin });
  }

  async function opened<T extends Partial<OAuth2Token>>(token: T): Promise<T> {
    return options.idTokenEncryptedResponseAlg ? await decryptIdToken(form, token) : token;
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
    const { metadata, jwks } = await context();
    return !knowsIssuer(options, metadata) || (isSigned && jwks === undefined);
  }

  async function prepare(asked: boolean): Promise<boolean> {
    if (await ignores(asked)) return true;
    // An id_token that was not requested is rare: its keys are loaded when it arrives.
    if (asked && isSigned) await (await context()).jwks?.all();
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
        'The scope "openid" was requested, but the token response has no id_token (OpenID ' +
          'Connect Core §3.1.3.3). Check that the provider supports OpenID Connect.',
        { phase: 'id_token' },
      );
    }
    const { nonce, maxAge, acrValues } = data;
    const received = await opened(token);
    const userinfo = await verifiedUser(received, { nonce, maxAge, acrValues, claimsOptions });
    return { ...received, userinfo };
  }

  async function fetchJwkSet(force?: boolean): Promise<{ keys: object[] }> {
    const { jwks } = await context();
    if (jwks) return await jwks.all(force);
    throw new OAuthError(
      'invalid_options',
      'There are no signing keys. Set "jwksUri" or "jwks", or use metadata with a "jwks_uri".',
    );
  }

  async function signingKeys(): Promise<Jwks | undefined> {
    return (await context()).jwks;
  }

  return {
    limits,
    verifiedUser,
    parseIdToken,
    identify,
    decryptIdToken: opened,
    ignores,
    prepare,
    isIssuer,
    openUserinfo,
    fetchJwkSet,
    signingKeys,
  };
}

/** What is needed to verify the JWTs of a provider with its current metadata. */
interface IdentityContext extends JwtContext {
  limits: Limits;
  /** The rules for id_tokens that are the same for every login. */
  policy: IdTokenPolicy;
}

/** Creates the context of each metadata document once. */
function contextsOf({
  options,
  http,
  limits,
  name: client,
}: {
  options: Readonly<RegisterOptions>;
  http: Http;
  limits: Limits;
  name?: string | undefined;
}): (metadata: ServerMetadata) => IdentityContext {
  let keys: { uri: string | undefined; jwks: Jwks } | undefined;
  let current: IdentityContext | undefined;

  /** Returns the signing keys: the configured ones, or those at the metadata's current URL. */
  function jwksOf(metadata: ServerMetadata): Jwks | undefined {
    const { jwks, jwksUri } = options;
    // Configured keys are used alone, unless a URL is configured as well.
    const uri = jwks === undefined ? usableEndpoint(metadata, 'jwks_uri') : jwksUri;
    if (uri === undefined && jwks === undefined) return undefined;
    if (!keys || keys.uri !== uri)
      keys = { uri, jwks: createJwks({ keys: jwks?.keys, http, uri, client, limits }) };
    return keys.jwks;
  }

  function create(metadata: ServerMetadata): IdentityContext {
    const context = { options, metadata, jwks: jwksOf(metadata), limits };
    const policy = {
      ...policyFor(idTokenKind, context),
      limits,
      trustedAudiences: options.trustedAudiences,
      issuer: acceptsIssuer.bind(undefined, options, metadata),
      clientId: options.clientId ?? '',
      nonceOptional: (options.nonce ?? 'required') !== 'required',
      detachedSignature: options.enableDetachedSignatureResponseChecks,
      leeway: leewayOf(options),
    };
    return { ...context, policy };
  }

  return (metadata) => {
    if (current?.metadata !== metadata) current = create(metadata);
    return current;
  };
}

/** Removes an unverified id_token, so that no code can trust it later. */
function withoutIdToken(token: OAuth2Token): OAuth2Token {
  const { id_token: _, ...rest } = token;
  return rest;
}
