import { isUnavailable, providerUnavailable } from '../platform/http/unavailable.js';
import { tryJson, toPairs, withoutUndefined } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import type { ExtraRequest, ProfileSources } from '../quirks/profile-types.js';
import { filledBaseUrl } from './api-origins.js';
import type { RegisterOptions } from '../options/register-options.js';
import {
  fixedAuthority,
  identityPart,
  namedAuthority,
  namesAuthority,
} from '../options/authority.js';
import { returnedObject } from '../quirks/hooks.js';
import { mapProfile, mapVerified } from '../quirks/profile-mapping.js';
import { profileSources, withoutTokenSecrets } from '../quirks/profile-mapping.js';
import { completeClaims, typedClaims } from '../platform/standard-claims.js';
import { isSubject } from '../platform/standard-claims.js';
import { fillParams, fillPaths } from '../quirks/templates.js';
import { resourceRequest } from './api-request.js';
import { isHost } from '../platform/url-templates.js';
import type { ChosenServer, Engine, Token, UserInfo } from '../model/types.js';

type Profile = Record<string, unknown>;

/** Input of a profile lookup. */
export interface UserQuery<T extends Token> {
  engine: Engine<T>;
  /** The client's options at the token's server. */
  options: Readonly<RegisterOptions>;
  /** The client's options. */
  registered: Readonly<RegisterOptions>;
  token: T;
}

/** Returns the profile of the token's owner, with standard claims if the client maps them. */
export async function fetchUser<T extends Token>(query: UserQuery<T>): Promise<UserInfo> {
  const user = await readUser(query);
  if (user.sub === undefined || typeof user.sub !== 'string' || isSubject(user.sub)) return user;
  throw new OAuthError(
    'invalid_userinfo',
    'The "sub" of the userinfo is not 1 to 255 characters of well-formed text without control characters ' +
      '(OpenID Connect Core §2). The profile was rejected. A "userinfoComplianceFix" can correct it.',
  );
}

async function readUser<T extends Token>(query: UserQuery<T>): Promise<UserInfo> {
  const { engine, options, registered, token } = query;
  const profile = await sourceProfile(query);
  if (options.profile !== undefined) {
    const sources = {
      ...profileSources(profile, token, options),
      ...(await fetchExtras(query, profile)),
    };
    const claims = mapProfile(options.profile, sources);
    const subject = typeof profile['sub'] === 'string' ? profile : claims;
    // With an id_token, the verified subject takes precedence.
    const verified = engine.checkSubject?.(subject, token);
    const sub = verified ?? subjectAt(token, claims.sub, registered);
    return { ...claims, sub, raw: profile };
  }
  const verified = engine.checkSubject?.(profile, token);
  const get = async (url: string | URL): Promise<Response> =>
    getWithToken(query, String(url), homeFor(String(url), options));
  const fix = options.userinfoComplianceFix;
  const fixed = fix
    ? returnedObject('userinfoComplianceFix', await fix(profile, { get }))
    : profile;
  const user = { ...typedClaims(fixed), raw: profile };
  return token.server === undefined
    ? { ...user, ...(verified === undefined ? {} : { sub: verified }) }
    : ofServer(user, query, verified);
}

/**
 * For a user-chosen server, `sub` is prefixed with the server; any issuer other than the verified
 * one is rejected.
 */
function ofServer(
  user: Profile,
  { token, registered }: UserQuery<Token>,
  verified: string | undefined,
): UserInfo {
  const { sub } = user;
  return {
    ...withoutUndefined({ ...user, iss: token.userinfo?.['iss'] }),
    ...(typeof sub === 'string' ? { sub: verified ?? subjectAt(token, sub, registered) } : {}),
  };
}

/**
 * Adds the user's profile to the token: the verified claims of its id_token, completed at the
 * userinfo endpoint; otherwise the profile, if the client maps it or sets `userinfo.onLogin`.
 */
export async function withUser<T extends Token>(query: UserQuery<T>): Promise<T> {
  const { options, token } = query;
  if (token.userinfo?.raw !== undefined)
    return await completed(query, options.profile ? mapVerified(options, token) : token);
  const { onLogin = options.profile !== undefined } = options.userinfo ?? {};
  return onLogin ? { ...token, userinfo: await fetchUser(query) } : token;
}

/**
 * Returns the verified claims, completed at the userinfo endpoint if the id_token has none of the
 * claims of a requested scope; some providers omit them whenever they issue an access token (OpenID
 * Connect Core §5.4). The login does not fail if the endpoint fails or returns another subject.
 */
async function completed<T extends Token>(query: UserQuery<T>, token: T): Promise<T> {
  const { options } = query;
  const { userinfo } = token;
  const { from = 'endpoint', onLogin } = options.userinfo ?? {};
  if (!userinfo || from !== 'endpoint' || onLogin === false) return token;
  if (onLogin === undefined && !isThin(userinfo, options)) return token;
  const found: Partial<UserInfo> = await fetchUser({ ...query, token }).catch(withoutProfile);
  return { ...token, userinfo: completeClaims(userinfo, found) };
}

/** The identifying claims of the standard scopes (OpenID Connect Core §5.4). */
const claimsOf: Readonly<Record<string, readonly string[]>> = {
  profile: ['name', 'given_name', 'nickname', 'preferred_username'],
  email: ['email'],
};

/** Standard scopes that request no profile claims. */
const silent: ReadonlySet<string> = new Set(['openid', 'offline_access', 'offline', '']);

/**
 * Returns whether an id_token has none of the claims that one of its scopes requests. The claims of
 * a provider-specific scope are unknown: any claim may belong to it.
 */
function isThin(claims: UserInfo, options: Readonly<RegisterOptions>): boolean {
  const expected = expectedClaims.get(options) ?? claimsOfScope(options);
  expectedClaims.set(options, expected);
  return expected.some((names) => names.every((claim) => claims[claim] === undefined));
}

/** By options, so that no login parses the scope. */
const expectedClaims = new WeakMap<object, readonly (readonly string[])[]>();

/** Returns lists of claims, of each of which an id_token must have one. */
function claimsOfScope({ scope }: Readonly<RegisterOptions>): readonly (readonly string[])[] {
  const asked = [scope ?? []].flat().flatMap((names) => names.split(/[\s,]+/));
  const meant = asked.filter((name) => !silent.has(name));
  const standard = meant.flatMap((name) => (Object.hasOwn(claimsOf, name) ? name : []));
  if (standard.length > 0) return standard.map((name) => claimsOf[name] ?? []);
  return meant.length > 0 ? [Object.values(claimsOf).flat()] : [];
}

/** Returns a permanent user identifier: `github$583231`, or with the server before the subject. */
export function identityOf(name: string, options: Readonly<RegisterOptions>, token: Token): string {
  const { sub } = (token as Token | undefined)?.userinfo ?? {};
  if (!isSubject(sub)) {
    throw new OAuthError(
      'invalid_token',
      'The token has no "userinfo.sub". Pass the token as ' +
        'authorizeAccessToken() returned it, or set its "userinfo" to the result of userinfo().',
    );
  }
  const { provider = name } = options;
  const start = `${identityPart(provider)}$`;
  if (token.server !== undefined && !options.callbackServer) {
    // The user-chosen server is part of the subject.
    const fixed = fixedAuthority(options, token);
    const before = fixed === undefined ? start : `${start}${identityPart(fixed)}$`;
    return before + subjectAt(token, sub, options);
  }
  // A subject that could be parsed as authority and subject is prefixed with an empty authority.
  const authority = namedAuthority(options, token) ?? (sub.includes('$') ? '' : undefined);
  if (authority === undefined || namesAuthority(sub, authority, options)) return start + sub;
  return `${start}${identityPart(authority)}$${sub}`;
}

/** Returns the profile: the response of the endpoint, or the profile from the login. */
async function sourceProfile<T extends Token>(query: UserQuery<T>): Promise<Profile> {
  const { engine, options, token } = query;
  switch (options.userinfo?.from) {
    case 'token':
      return withoutTokenSecrets(token);
    case 'id_token':
      return token.userinfo?.raw ?? {};
    case 'public':
      return await engine.fetchProfile(token).catch(withoutProfile);
    default:
      return await engine.fetchProfile(token);
  }
}

/** A failed request for a public profile does not fail the login. */
function withoutProfile(error: unknown): Profile {
  if (error instanceof OAuthError) return {};
  throw error;
}

async function fetchExtras<T extends Token>(
  query: UserQuery<T>,
  profile: Profile,
): Promise<Record<string, unknown>> {
  const { token, options } = query;
  const granted = token['scope'];
  const wanted = Object.entries(options.userinfo?.extra ?? {}).filter(
    ([, { scope }]) =>
      scope === undefined ||
      typeof granted !== 'string' ||
      granted.split(/[\s,]+/).some((name) => [scope].flat().includes(name)),
  );
  const sources = profileSources(profile, token, options);
  const fetched = await Promise.all(
    wanted.map(async ([name, extra]) => [name, await fetchExtra(query, extra, sources)] as const),
  );
  return Object.fromEntries(fetched.filter(([, value]) => value !== undefined));
}

/**
 * Sends one additional profile request. Its claims are omitted if the provider rejects it, for
 * example because of an insufficient scope.
 */
async function fetchExtra<T extends Token>(
  query: UserQuery<T>,
  { url, params }: ExtraRequest,
  sources: ProfileSources,
): Promise<unknown> {
  const path = fillPaths(url, sources, { encode: encodeURIComponent });
  if (path === undefined) return undefined;
  const { clientId, clientSecret } = query.options;
  const values = { client_id: clientId, client_secret: clientSecret, token: query.token };
  const search = new URLSearchParams(toPairs(fillParams(params, values))).toString();
  const response = await getWithToken(query, search === '' ? path : `${path}?${search}`);
  const text = await response.text();
  if (isUnavailable(response)) throw providerUnavailable(response, 'additional profile request');
  if (!response.ok) return undefined;
  return tryJson(text);
}

/**
 * Returns the allowed origins for a hook's request with the token. The profile may supply its URL,
 * so it is limited to the origins of the API and of the profile.
 */
function homeFor(
  url: string,
  { apiBaseUrl, userinfoEndpoint }: Readonly<RegisterOptions>,
): string | undefined {
  const homes = [apiBaseUrl, userinfoEndpoint].filter((home) => home && URL.canParse(home));
  if (!URL.canParse(url)) return apiBaseUrl;
  const { origin } = new URL(url);
  return homes.find((home) => home && new URL(home).origin === origin) ?? homes[0] ?? url;
}

/** Calls the API with the token; a URL from the options may have another origin than the API. */
async function getWithToken<T extends Token>(
  { engine, options, token }: UserQuery<T>,
  url: string,
  home: string | undefined = /^https?:/i.test(url) ? url : options.apiBaseUrl,
): Promise<Response> {
  const headers = { accept: 'application/json' };
  const api = {
    apiBaseUrl: filledBaseUrl({ apiBaseUrl: home, apiOrigins: options.apiOrigins }, token),
  };
  return await engine.send(resourceRequest({ method: 'GET', url }, { headers }, api), token);
}

/**
 * Makes a subject unique across user-chosen servers: unless it is a URL on its server, it is
 * prefixed with the server, `social.example$1234`. Otherwise a server could impersonate users of
 * another.
 */
function subjectAt({ server }: Token, sub: string, options: Readonly<RegisterOptions>): string {
  if (server === undefined || options.callbackServer || options.serverLocator?.globalSubject)
    return sub;
  const chosen = Object.entries(server as ChosenServer);
  const prefix = chosen.map(([, value]) => `${value}$`).join('');
  const hosts = chosen.filter(([name]) => isHost(options, name)).map(([, value]) => value);
  return sub.startsWith(prefix) || isAt(sub, hosts) ? sub : prefix + sub;
}

function isAt(sub: string, hosts: readonly string[]): boolean {
  if (!URL.canParse(sub)) return false;
  const { protocol, host, origin } = new URL(sub);
  return (protocol === 'https:' && hosts.includes(host)) || hosts.includes(origin);
}
