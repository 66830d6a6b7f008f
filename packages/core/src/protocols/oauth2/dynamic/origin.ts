import { filterMembers, toBase64Url, withoutUndefined } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type {
  AuthorizeData,
  Awaitable,
  Engine,
  GrantParams,
  OAuth2Token,
  TokenWarning,
} from '../../../model/types.js';
import { withScope } from '../authorization/response.js';
import type { OAuth2EngineVerbs } from '../verbs.js';
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

/** How the tokens of an engine are bound to its server. */
export interface TokenBinding {
  /** The scope the client requests. */
  scope: RegisterOptions['scope'];
  /** Completes or rejects a token. */
  check?: ((token: OAuth2Token) => Awaitable<OAuth2Token>) | undefined;
  /** Returns the error to throw for one of the token endpoint. */
  refused?: ((error: unknown) => Awaitable<unknown>) | undefined;
  /** Called when something about a refreshed token could not be verified. */
  warn?: ((warning: TokenWarning) => void) | undefined;
}

/** Makes an engine store in each token the server and the client it is from. */
export function withOrigin(
  engine: Engine<OAuth2Token>,
  { scope, check = (token) => token, refused = (error) => error, warn }: TokenBinding,
): Engine<OAuth2Token> {
  const verbs = engine.verbs as OAuth2EngineVerbs;

  async function tie(token: OAuth2Token, from: Origin): Promise<OAuth2Token> {
    const { issuer, server, clientId } = from;
    return await check({ ...token, ...withoutUndefined({ issuer, server, client_id: clientId }) });
  }

  async function refresh(token: OAuth2Token, params?: GrantParams): Promise<OAuth2Token> {
    const fresh = await verbs.refreshToken(token, params).catch(async (error: unknown) => {
      throw await refused(error);
    });
    // The refresh token is consumed: the new token is stored, unless it belongs to another account.
    return await tie(fresh, originOf(token)).catch((error: unknown) => {
      if (isOther(error, fresh, token)) throw otherAccount(error);
      warn?.({ field: 'server', message: unchecked });
      return { ...fresh, ...unrefreshedMembers(token) };
    });
  }

  return {
    ...engine,
    verbs: { ...verbs, refreshToken: refresh },
    ...(engine.renewal && { renewal: { ...engine.renewal, refresh } }),
    completeLogin: async (params, data, options) => {
      try {
        const token = await tie(await engine.completeLogin(params, data, options), data);
        return withScope(token, data.scope ?? scope);
      } catch (error) {
        throw await refused(error);
      }
    },
  };
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
export function checkOwnRedirect(params: URLSearchParams, redirectUri: string): void {
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
