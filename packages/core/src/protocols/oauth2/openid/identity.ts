import {
  claims as claimsCheck,
  count,
  listOf,
  must,
  shape,
  text,
  type Check,
} from '../../../platform/validators.js';
import { chain } from '../../../platform/awaitable.js';
import { OAuthError } from '../../../model/errors.js';
import { withPhase } from '../../../platform/tracing/phases.js';
import type { Http } from '../../../platform/http/http.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { Limits } from '../../../options/limits.js';
import { leewayOf } from '../../../options/openid.js';
import { isSymmetric } from '../../../platform/jwt/algorithms.js';
import type { AuthorizeData, Awaitable, ClaimsOptions, OAuth2Token } from '../../../model/types.js';
import type { DecryptionContext } from '../jwt/decrypt.js';
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
import { readAccessToken } from './access-token.js';
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

/** Configuration of the id_token verification of one client. */
export interface IdentityConfig {
  options: Readonly<RegisterOptions>;
  http: Http;
  loadMetadata: LoadMetadata;
  limits: Limits;
  /** The client's name, for error messages. */
  name?: string | undefined;
}

/** What a pending login expects of its id_token. */
type Expected = Pick<AuthorizeData, 'openid' | 'nonce' | 'maxAge' | 'acrValues'>;

/** The OpenID Connect functions of one client. */
export class Identity {
  /** Size and time limits of signed data. */
  readonly limits: Limits;
  readonly #name: string | undefined;
  readonly #options: Readonly<RegisterOptions>;
  readonly #loadMetadata: LoadMetadata;
  readonly #contextOf: (metadata: ServerMetadata) => IdentityContext;

  constructor(config: IdentityConfig) {
    this.limits = config.limits;
    this.#name = config.name;
    this.#options = config.options;
    this.#loadMetadata = config.loadMetadata;
    this.#contextOf = contextsOf(config);
  }

  #context(): Awaitable<IdentityContext> {
    return chain(this.#loadMetadata(), this.#contextOf);
  }

  get #isSigned(): boolean {
    return !isSymmetric(this.#options.idTokenSignedResponseAlg ?? '');
  }

  get #decryption(): DecryptionContext {
    return { options: this.#options, maxBytes: this.limits.jwtBytes };
  }

  /** Verifies the id_token of a token and returns its claims, and the payload as `raw`. */
  async verifiedUser(token: Token, expected: ParseIdTokenOptions = {}): Promise<VerifiedUser> {
    const options = this.#options;
    const { metadata, policy } = await this.#context();
    requireIssuer(options, metadata);
    const { id_token: received, access_token: accessToken } = token;
    const idToken = options.decryptionKeys
      ? await decryptedIdToken(this.#decryption, received)
      : received;
    const { nonce, maxAge, acrValues, authorizationResponse } = expected;
    const claimsOptions = [options.claimsOptions ?? {}, expected.claimsOptions ?? {}];
    return await verifyIdToken(idToken, {
      ...policy,
      nonce,
      maxAge,
      acrValues,
      authorizationResponse,
      accessToken,
      claimsOptions,
    });
  }

  /** Verifies the id_token of a token and returns its claims. */
  async parseIdToken(token: Token, expected?: ParseIdTokenOptions): Promise<IdTokenClaims> {
    const { raw: _, ...claims } = await this.verifiedUser(token, expected);
    return claims as IdTokenClaims;
  }

  /** Verifies the id_token of a token response. Throws if a requested one is missing. */
  async identify(
    token: OAuth2Token,
    data: Expected,
    claimsOptions?: ClaimsOptions,
  ): Promise<OAuth2Token> {
    const { idToken = 'required' } = this.#options;
    const needed = data.openid === true && idToken === 'required';
    if (token.id_token === undefined && !needed) return token;
    if (await this.ignores(data.openid)) return withoutIdToken(token);
    if (token.id_token === undefined) {
      throw new OAuthError(
        'invalid_id_token',
        'The scope "openid" was requested, but the token response has no id_token (OpenID ' +
          'Connect Core §3.1.3.3). Check that the provider supports OpenID Connect.',
        { phase: 'id_token' },
      );
    }
    const { nonce, maxAge, acrValues } = data;
    const received = await this.decryptIdToken(token);
    const expected = { nonce, maxAge, acrValues, claimsOptions };
    return { ...received, userinfo: await this.verifiedUser(received, expected) };
  }

  /**
   * Replaces an encrypted id_token by the signed one inside, which is stored and sent at logout
   * (OpenID Connect Core §3.1.2.1).
   */
  async decryptIdToken<T extends Partial<OAuth2Token>>(token: T): Promise<T> {
    if (!this.#options.idTokenEncryptedResponseAlg) return token;
    return await decryptIdToken(this.#decryption, token);
  }

  /**
   * Whether an id_token is discarded unread: if the client is configured to, or if it was not
   * requested and cannot be verified (RFC 6749 §5.1).
   */
  ignores(asked = false): Awaitable<boolean> {
    const options = this.#options;
    if (options.idToken === 'ignore' || asked) return options.idToken === 'ignore';
    return chain(
      this.#context(),
      ({ metadata, jwks }) =>
        !knowsIssuer(options, metadata) || (this.#isSigned && jwks === undefined),
    );
  }

  /**
   * Loads the keys to verify an id_token, before a one-time credential is sent. Returns whether an
   * id_token is ignored, as {@link Identity.ignores} does.
   */
  async prepare(asked: boolean): Promise<boolean> {
    return await withPhase({ client: this.#name, phase: 'metadata' }, async () => {
      if (await this.ignores(asked)) return true;
      // An id_token that was not requested is rare: its keys are loaded when it arrives.
      if (asked && this.#isSigned) await (await this.#context()).jwks?.load();
      return false;
    });
  }

  /** Whether an issuer belongs to this client's provider. */
  async isIssuer(issuer: unknown): Promise<boolean> {
    const metadata = await this.#loadMetadata();
    return !knowsIssuer(this.#options, metadata) || acceptsIssuer(this.#options, metadata, issuer);
  }

  /**
   * Decrypts and verifies a profile that is a JWT. Rejects a plain one (`undefined`) if a JWT is
   * required.
   */
  async openUserinfo(jwt: string | undefined): Promise<Record<string, unknown>> {
    return await readSignedUserinfo(jwt, await this.#context());
  }

  /** Verifies an access token that is a JWT, and returns its claims. */
  async openAccessToken(jwt: string): Promise<Record<string, unknown>> {
    return await readAccessToken(jwt, await this.#context());
  }

  /** Loads the provider's signing keys; cached unless `force`. */
  async fetchJwkSet(force?: boolean): Promise<{ keys: object[] }> {
    const jwks = await this.signingKeys();
    if (jwks) return await jwks.all(force);
    throw new OAuthError(
      'invalid_options',
      'There are no signing keys. Set "jwksUri" or "jwks", or use metadata with a "jwks_uri".',
    );
  }

  /** Returns the provider's signing keys, for tokens other than id_tokens. */
  async signingKeys(): Promise<Jwks | undefined> {
    return (await this.#context()).jwks;
  }
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
}: IdentityConfig): (metadata: ServerMetadata) => IdentityContext {
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
