import { isObject, filterMembers } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type { LogoutPort } from '../../../model/logout.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { checkedVerbs } from '../../../options/arguments.js';
import type {
  AuthorizeData,
  AuthorizeParams,
  GrantParams,
  OAuth2Token,
  OwnTokens,
  Engine,
  TokenWarning,
} from '../../../model/types.js';
import { withScope } from '../token/code-exchange.js';
import { oauth2Arguments, type OAuth2EngineVerbs } from '../verbs.js';

type OAuth2Engine = Engine<OAuth2Token>;

/** The authorization server and client stored with a pending login or a token. */
export type Origin = Pick<AuthorizeData, 'issuer' | 'server' | 'clientId'>;

/** Resolves the engine of a client whose server is unknown at registration. */
export interface Finder {
  /** The scope the client requests. */
  scope: RegisterOptions['scope'];
  /** The engine for tasks without a server, such as reading callbacks. */
  plain: OAuth2Engine;
  /**
   * Returns the engine that starts a login, and the data its callback needs to resolve it again.
   */
  begin(redirectUri: string, params: AuthorizeParams): Promise<Beginning>;
  /**
   * Returns the engine that a login started with.
   *
   * @throws OAuthError `mismatching_issuer` if the server has changed since
   */
  resume(data: AuthorizeData): Promise<OAuth2Engine>;
  /** Returns the engine for a token, or for other arguments of a method. */
  home(token: OAuth2Token | undefined, args: readonly unknown[]): Promise<OAuth2Engine>;
  /** Adds the origin of a login, or of an older token, to a new token. */
  tie(token: OAuth2Token, from: Origin): Promise<OAuth2Token>;
  /** Called when something about a refreshed token could not be verified. */
  warn?: ((warning: TokenWarning) => void) | undefined;
  /** Handles an error response of a server's token endpoint, and throws it. */
  refused?(error: unknown, from: Origin): Promise<never>;
}

/** The start of a login. */
export interface Beginning {
  app: OAuth2Engine;
  /** The redirect URI, if this server has its own. */
  redirectUri?: string | undefined;
  /** The parameters sent to the server. */
  params: AuthorizeParams;
  remember: Origin;
}

/** Returns the origin stored in a token, in the fields of a pending login. */
export function originOf(token: OAuth2Token): Origin {
  const { issuer, server, client_id: clientId } = token;
  return {
    ...(typeof issuer === 'string' ? { issuer } : {}),
    ...(server === undefined ? {} : { server }),
    ...(typeof clientId === 'string' ? { clientId } : {}),
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

/**
 * Creates an engine that resolves the actual engine on use. A pending login is completed, and a
 * token used, only at the server it belongs to.
 */
export function foundApp(finder: Finder): OAuth2Engine {
  const { plain, begin, home, tie } = finder;
  // A callback has several steps, so its engine is resolved once.
  const engines = new WeakMap<AuthorizeData | OAuth2Token, Promise<OAuth2Engine>>();

  function resume(data: AuthorizeData): Promise<OAuth2Engine> {
    const known = engines.get(data);
    if (known) return known;
    const found = finder.resume(data);
    engines.set(data, found);
    found.catch(() => engines.delete(data));
    return found;
  }

  async function watched<T>(from: Origin, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      return (await finder.refused?.(error, from)) ?? Promise.reject(error);
    }
  }

  async function refresh(token: OAuth2Token, params?: GrantParams): Promise<OAuth2Token> {
    const { renewal, verbs } = await home(token, []);
    const { refreshToken } = verbs as OAuth2EngineVerbs;
    const from = originOf(token);
    const fresh = await watched(from, async () => {
      const got = params ? await refreshToken(token, params) : await renewal?.refresh(token);
      return got ?? token;
    });
    // The refresh token is consumed: the new token is stored, unless it belongs to another account.
    return await tie(fresh, from).catch((error: unknown) => {
      if (isOther(error, fresh, token)) throw otherAccount(error);
      finder.warn?.({ field: 'server', message: unchecked });
      return { ...fresh, ...unrefreshedMembers(token) };
    });
  }

  const verbs = Object.keys(plain.verbs).map((verb) => [
    verb,
    async (...args: unknown[]) => {
      const [first, second] = args;
      if (verb === 'refreshToken') {
        return await refresh(first as OAuth2Token, second as GrantParams | undefined);
      }
      const token = isObject(first) && 'access_token' in first ? (first as OAuth2Token) : undefined;
      const app = await home(token, args);
      return await (app.verbs as Record<string, (...a: unknown[]) => unknown>)[verb]?.(...args);
    },
  ]);

  async function logoutOf(...args: unknown[]): Promise<LogoutPort> {
    const { logout } = await home(undefined, args);
    if (logout) return logout;
    throw new TypeError('The OAuth 2 engine has no logout port.');
  }

  async function ownTokens(): Promise<OwnTokens<OAuth2Token>> {
    const app = await home(undefined, []);
    if (app.ownTokens) return app.ownTokens;
    throw new TypeError('This engine has no tokens of its own: use the engine of a server.');
  }

  return {
    ...plain,
    verbs: checkedVerbs(
      plain.name,
      oauth2Arguments,
      Object.fromEntries(verbs) as OAuth2EngineVerbs,
    ),
    logout: {
      createLogoutUrl: async (...args) => (await logoutOf(...args)).createLogoutUrl(...args),
      readLogoutToken: async (token) => (await logoutOf()).readLogoutToken(token),
      readFrontchannel: async (params, session) =>
        (await logoutOf()).readFrontchannel(params, session),
      readThirdPartyInitiation: async (params) =>
        (await logoutOf()).readThirdPartyInitiation(params),
    },
    ...(plain.ownTokens
      ? {
          ownTokens: {
            current: async () => (await ownTokens()).current(),
            renewed: async (old) => (await ownTokens()).renewed(old),
          },
        }
      : {}),
    renewal: { handle: (token) => plain.renewal?.handle(token), refresh },
    createAuthorizationUrl: async (redirectUri, given) => {
      const {
        app,
        redirectUri: own = redirectUri,
        params,
        remember,
      } = await begin(redirectUri, given);
      return { ...(await app.createAuthorizationUrl(own, params)), ...remember };
    },
    openResponse: async (params, data) =>
      (await (await resume(data)).openResponse?.(params, data)) ?? params,
    validateCallback: async (params, data) =>
      await (await resume(data)).validateCallback(params, data),
    completeLogin: async (params, data, options) => {
      const app = await resume(data);
      const token = await watched(data, async () =>
        withScope(
          await tie(await app.completeLogin(params, data, options), data),
          data.scope ?? finder.scope,
        ),
      );
      engines.set(token, Promise.resolve(app));
      return token;
    },
    fetchProfile: async (token) => {
      const arrived = engines.get(token);
      engines.delete(token);
      return await (await (arrived ?? home(token, []))).fetchProfile(token);
    },
    isRefused: async (token) =>
      (await (await home(token, [])).isRefused?.(token).catch(() => false)) ?? false,
  };
}
