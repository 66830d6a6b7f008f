import { isObject } from '../../../platform/encoding.js';
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
  RemoteApp,
  TokenWarning,
} from '../../../model/types.js';
import { withScope } from '../token/code-exchange.js';
import { oauth2Arguments, type OAuth2Verbs } from '../verbs.js';

type Engine = RemoteApp<OAuth2Token>;

/** What a pending login, or a token, remembers of where it began. */
export type Origin = Pick<AuthorizeData, 'issuer' | 'server' | 'clientId'>;

/** How the engine of a client is found that does not know its server when it is registered. */
export interface Finder {
  /** The scope the client asks for. */
  scope: RegisterOptions['scope'];
  /** What needs no server: reading callbacks. */
  plain: Engine;
  /** The engine a login begins with, and what its callback will need to find it again. */
  begin(redirectUri: string, params: AuthorizeParams): Promise<Beginning>;
  /** The engine a login began with. @throws OAuthError `mismatching_issuer` where it is another by now */
  resume(data: AuthorizeData): Promise<Engine>;
  /** The engine of a token, of other arguments of a verb, or of none. */
  home(token: OAuth2Token | undefined, args: readonly unknown[]): Promise<Engine>;
  /** Completes a token that has just arrived from where a login, or an older token, belongs. */
  tie(token: OAuth2Token, from: Origin): Promise<OAuth2Token>;
  /** Is told of what could not be checked of a refreshed token. */
  warn?: ((warning: TokenWarning) => void) | undefined;
  /** Sees a refusal of a server's token endpoint, and throws it. */
  refused?(error: unknown, from: Origin): Promise<never>;
}

/** How a login begins. */
export interface Beginning {
  app: Engine;
  /** Where the server sends the person back to, if that is not where others do. */
  redirectUri?: string | undefined;
  /** The parameters that go on to the server. */
  params: AuthorizeParams;
  remember: Origin;
}

/** What a token remembers, in the words of a pending login. */
export function originOf(token: OAuth2Token): Origin {
  const { issuer, server, client_id: clientId } = token;
  return {
    ...(typeof issuer === 'string' ? { issuer } : {}),
    ...(server === undefined ? {} : { server }),
    ...(typeof clientId === 'string' ? { clientId } : {}),
  };
}

/** Whether a refresh has brought a token of another account or server; no other failure ends the authorization. */
function isOther(error: unknown, fresh: OAuth2Token, token: OAuth2Token): error is OAuthError {
  if (!(error instanceof OAuthError)) return false;
  const says = ['mismatching_account', 'mismatching_issuer'].includes(error.code);
  const [before, after] = [token['sub'], fresh['sub']];
  return says || (typeof before === 'string' && typeof after === 'string' && before !== after);
}

const unchecked =
  'Where the refreshed token belongs could not be looked up; it is used as the one before it.';

/** What a refresh may change; all else of a token that could not be checked stays as it was. */
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

function membersOf(token: OAuth2Token): Record<string, unknown> {
  return Object.fromEntries(Object.entries(token).filter(([name]) => !refreshed.has(name)));
}

/** A refresh that brought a token for another account ends the authorization. */
function otherAccount({ message, code }: OAuthError): OAuthError {
  const { phase, reason } = { phase: 'refresh' as const, reason: code.toUpperCase() };
  return new OAuthError('mismatching_account', `${message} Log in again.`, { phase, reason });
}

/**
 * Makes an engine that finds out on use which engine does its work: an ordinary one, with what was found
 * as its options. A pending login is finished, and a token used, only where it began.
 */
export function foundApp(finder: Finder): Engine {
  const { plain, begin, home, tie } = finder;
  // A callback has several steps, and is one login: its client is looked up once.
  const engines = new WeakMap<AuthorizeData | OAuth2Token, Promise<Engine>>();

  function resume(data: AuthorizeData): Promise<Engine> {
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
    const { refreshToken } = verbs as OAuth2Verbs;
    const from = originOf(token);
    const fresh = await watched(from, async () => {
      const got = params ? await refreshToken(token, params) : await renewal?.refresh(token);
      return got ?? token;
    });
    // The refresh token is spent: what came back is stored, unless it is for somebody else.
    return await tie(fresh, from).catch((error: unknown) => {
      if (isOther(error, fresh, token)) throw otherAccount(error);
      finder.warn?.({ field: 'server', message: unchecked });
      return { ...fresh, ...membersOf(token) };
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
    throw new TypeError('Every OAuth 2 engine has a logout port.');
  }

  async function ownTokens(): Promise<OwnTokens<OAuth2Token>> {
    const app = await home(undefined, []);
    if (app.ownTokens) return app.ownTokens;
    throw new TypeError('What acts for itself here does so at its server.');
  }

  return {
    ...plain,
    verbs: checkedVerbs(plain.name, oauth2Arguments, Object.fromEntries(verbs) as OAuth2Verbs),
    logout: {
      createLogoutUrl: async (...args) => (await logoutOf(...args)).createLogoutUrl(...args),
      readLogoutToken: async (token) => (await logoutOf()).readLogoutToken(token),
      readFrontchannel: async (params, session) =>
        (await logoutOf()).readFrontchannel(params, session),
      readInitiation: async (params) => (await logoutOf()).readInitiation(params),
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
    checkSender: async (params, data) => await (await resume(data)).checkSender(params, data),
    exchange: async (params, data, options) => {
      const app = await resume(data);
      const token = await watched(data, async () =>
        withScope(
          await tie(await app.exchange(params, data, options), data),
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
