import { filterMembers, toBase64Url, withoutUndefined } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type {
  AuthorizeData,
  Awaitable,
  ExchangeOptions,
  OAuth2Token,
  Params,
} from '../../../model/types.js';
import { withScope } from '../authorization/response.js';
import { OAuth2Engine, type OAuth2EngineConfig } from '../engine.js';
import { equalInConstantTime, sha256 } from '../../../platform/crypto.js';

/** The authorization server and client stored with a pending login or a token. */
export type Origin = Pick<AuthorizeData, 'issuer' | 'server' | 'clientId'>;

/** Returns the origin stored in a token, in the fields of a pending login. */
export function originOf(token: OAuth2Token): Origin {
  const { issuer, server, client_id: clientId } = token;
  return {
    ...(typeof issuer === 'string' ? { issuer } : {}),
    ...(server === undefined ? {} : { server }),
    ...(typeof clientId === 'string' ? { clientId } : {}),
  };
}

/** How an engine and its tokens are bound to its server. */
export interface TokenBinding {
  /** The scope the client requests. */
  scope: RegisterOptions['scope'];
  /** Completes or rejects a token. */
  check?: ((token: OAuth2Token) => Awaitable<OAuth2Token>) | undefined;
  /** Returns the error to throw for one of the token endpoint. */
  refused?: ((error: unknown) => Awaitable<unknown>) | undefined;
  /** Whether the redirect URI names the server, so that callbacks must as well. */
  hasOwnRedirect?: boolean | undefined;
}

/** An engine that stores in each token the server and the client it is from. */
export class BoundEngine extends OAuth2Engine {
  readonly #binding: TokenBinding;
  readonly #warn: OAuth2EngineConfig['warn'];

  constructor(config: OAuth2EngineConfig, binding: TokenBinding) {
    super(config);
    this.#binding = binding;
    this.#warn = config.warn;
  }

  override async validateCallback(
    params: URLSearchParams,
    data: AuthorizeData,
  ): Promise<URLSearchParams> {
    if (this.#binding.hasOwnRedirect) checkOwnRedirect(params, data.redirectUri);
    return await super.validateCallback(params, data);
  }

  override async completeLogin(
    params: URLSearchParams,
    data: AuthorizeData,
    options?: ExchangeOptions,
  ): Promise<OAuth2Token> {
    try {
      const token = await this.#tie(await super.completeLogin(params, data, options), data);
      return withScope(token, data.scope ?? this.#binding.scope);
    } catch (error) {
      throw await this.#refused(error);
    }
  }

  override async refresh(token: OAuth2Token, params?: Params): Promise<OAuth2Token> {
    const fresh = await super.refresh(token, params).catch(async (error: unknown) => {
      throw await this.#refused(error);
    });
    // The refresh token is consumed: the new token is stored, unless it belongs to another account.
    return await this.#tie(fresh, originOf(token)).catch((error: unknown) => {
      if (isOther(error, fresh, token)) throw otherAccount(error);
      this.#warn?.({ field: 'server', message: unchecked });
      return { ...fresh, ...unrefreshedMembers(token) };
    });
  }

  async #tie(token: OAuth2Token, { issuer, server, clientId }: Origin): Promise<OAuth2Token> {
    const tied = { ...token, ...withoutUndefined({ issuer, server, client_id: clientId }) };
    return (await this.#binding.check?.(tied)) ?? tied;
  }

  async #refused(error: unknown): Promise<unknown> {
    const { refused } = this.#binding;
    return refused ? await refused(error) : error;
  }
}

/**
 * Whether an error means that a refreshed token belongs to another account or server. No other
 * error invalidates the grant.
 */
function isOther(error: unknown, fresh: OAuth2Token, token: OAuth2Token): error is OAuthError {
  if (!(error instanceof OAuthError)) return false;
  const says = ['mismatching_account', 'mismatching_issuer'].includes(error.code);
  const [before, after] = [token['sub'], fresh['sub']];
  return says || (typeof before === 'string' && typeof after === 'string' && before !== after);
}

const unchecked =
  'The server of the refreshed token could not be verified; the previous one is used.';

/** Members that a refresh may change. All others of an unverified token remain. */
const refreshed: ReadonlySet<string> = new Set([
  'access_token',
  'token_type',
  'expires_in',
  'expires_at',
  'expires_unreadable',
  'refresh_token',
  'scope',
  'id_token',
  'userinfo',
  'dpop_key',
]);

function unrefreshedMembers(token: OAuth2Token): Record<string, unknown> {
  return filterMembers(token, (_, name) => !refreshed.has(name));
}

/** Creates the error for a refreshed token of another account, which invalidates the grant. */
function otherAccount({ message, code }: OAuthError): OAuthError {
  const { phase, reason } = { phase: 'refresh' as const, reason: code.toUpperCase() };
  return new OAuthError('mismatching_account', `${message} Log in again.`, { phase, reason });
}

/** The parameter of a redirect URI that names the server. */
const mark = 'server';

/**
 * Whether each server gets its own redirect URI, which is possible if redirect URIs need no manual
 * registration.
 */
export function hasOwnRedirects(options: Readonly<RegisterOptions>): boolean {
  const { serverLocator, clientMetadata, clientId, clientIdMetadataUrl, responseMode } = options;
  const registration = serverLocator?.registerClient ?? clientMetadata;
  const registersItself =
    registration !== undefined && clientId === undefined && clientIdMetadataUrl === undefined;
  return options.redirectUriPerServer ?? (registersItself && (responseMode ?? 'query') === 'query');
}

/**
 * Creates a redirect URI that is unique to one server.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.4.2.2
 */
export async function ownRedirectUri(redirectUri: string, server: string): Promise<string> {
  const separator = redirectUri.includes('?') ? '&' : '?';
  return `${redirectUri}${separator}${mark}=${toBase64Url(await sha256(server))}`;
}

/** Rejects a callback to the redirect URI of another server than the login's. */
function checkOwnRedirect(params: URLSearchParams, redirectUri: string): void {
  const expected = new URL(redirectUri).searchParams.getAll(mark).at(-1) ?? '';
  const [given, ...others] = params.getAll(mark);
  if (given !== undefined && others.length === 0 && equalInConstantTime(given, expected)) return;
  throw new OAuthError(
    'mismatching_issuer',
    'The callback arrived at the redirect URI of another server than that of this login, or ' +
      'without its "server" parameter. No request was sent. Pass all parameters of the ' +
      'callback.',
  );
}
