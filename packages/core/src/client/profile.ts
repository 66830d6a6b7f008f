import { tryJson, toPairs, withoutUndefined } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import type { ExtraRequest, ProfileSources } from '../quirks/profile-types.js';
import type { RegisterOptions } from '../options/register-options.js';
import {
  fixedAuthority,
  identityPart,
  namedAuthority,
  namesAuthority,
} from '../options/authority.js';
import { fillPaths } from '../quirks/expressions.js';
import { returnedObject } from '../quirks/hooks.js';
import { mapProfile, mapVerified } from '../quirks/profile-mapping.js';
import { sourcesOf, withoutSecrets } from '../quirks/sources.js';
import { completeClaims, typedClaims } from '../quirks/standard-claims.js';
import { isSubject, subjectAt } from '../options/subject.js';
import { fillParams } from '../quirks/templates.js';
import { resourceRequest } from './api-request.js';
import type { RemoteApp, Token, UserInfo } from '../model/types.js';

type Profile = Record<string, unknown>;

/** Who asks, and with what. */
export interface UserQuery<T extends Token> {
  app: RemoteApp<T>;
  options: Readonly<RegisterOptions>;
  token: T;
}

/** Fetches who the token's owner is, in the standard claims where the client says how to read them. */
export async function fetchUser<T extends Token>(given: UserQuery<T>): Promise<UserInfo> {
  const user = await readUser(given);
  if (user.sub === undefined || typeof user.sub !== 'string' || isSubject(user.sub)) return user;
  throw new OAuthError(
    'invalid_userinfo',
    'The "sub" of the userinfo is not 1 to 255 characters of well-formed text without control characters ' +
      '(OpenID Connect Core §2). Nothing of it was used.',
  );
}

async function readUser<T extends Token>(given: UserQuery<T>): Promise<UserInfo> {
  const query = await atHome(given);
  const { app, options, token } = query;
  const profile = await sourceProfile(query);
  if (options.profile !== undefined) {
    const sources = {
      ...sourcesOf(profile, token, options),
      ...(await fetchExtras(query, profile)),
    };
    const claims = mapProfile(options.profile, sources);
    const subject = typeof profile['sub'] === 'string' ? profile : claims;
    // Where there is an id_token, its subject is the one that was verified.
    const verified = app.checkSubject?.(subject, token);
    const sub = verified ?? subjectAt(token, claims.sub, given.options);
    return { ...claims, sub, raw: profile };
  }
  const verified = app.checkSubject?.(profile, token);
  const get = async (url: string | URL): Promise<Response> =>
    getWithToken(query, String(url), homeFor(String(url), options));
  const fix = options.userinfoComplianceFix;
  const fixed = fix
    ? returnedObject('userinfoComplianceFix', await fix(profile, { get }))
    : profile;
  const user = { ...typedClaims(fixed), raw: profile };
  return token.server === undefined
    ? { ...user, ...(verified === undefined ? {} : { sub: verified }) }
    : ofServer(user, given, verified);
}

/** A server that a person chose names its own people, and no issuer but the one that was verified. */
function ofServer(
  user: Profile,
  { token, options }: UserQuery<Token>,
  verified: string | undefined,
): UserInfo {
  const { sub } = user;
  return {
    ...withoutUndefined({ ...user, iss: token.userinfo?.['iss'] }),
    ...(typeof sub === 'string' ? { sub: verified ?? subjectAt(token, sub, options) } : {}),
  };
}

/**
 * The token with who its owner is: the verified claims of its id_token, completed at the userinfo endpoint; else
 * the profile, if the client says how to read it or asks for it with `userinfo.onLogin`.
 */
export async function withUser<T extends Token>(given: UserQuery<T>): Promise<T> {
  const { options, token } = await atHome(given);
  if (token.userinfo?.raw !== undefined) return await completed(given, mapVerified(options, token));
  const { onLogin = options.profile !== undefined } = options.userinfo ?? {};
  return onLogin ? { ...token, userinfo: await fetchUser(given) } : token;
}

/**
 * The verified claims, and what the userinfo endpoint adds to them where the id_token leaves out all that was
 * asked for, as some providers' do whenever there is an access token (OpenID Connect Core §5.4). Nobody
 * is turned away where the endpoint does not answer, or speaks of somebody else.
 */
async function completed<T extends Token>(query: UserQuery<T>, token: T): Promise<T> {
  const { options } = query;
  const { userinfo } = token;
  const { from = 'endpoint', onLogin = true } = options.userinfo ?? {};
  if (!userinfo || from !== 'endpoint' || !onLogin || !isThin(userinfo, options)) return token;
  const found: Partial<UserInfo> = await fetchUser({ ...query, token }).catch(withoutProfile);
  return { ...token, userinfo: completeClaims(userinfo, found) };
}

/** What the scopes of the standard stand for, and tell people apart by (OpenID Connect Core §5.4). */
const claimsOf: Readonly<Record<string, readonly string[]>> = {
  profile: ['name', 'given_name', 'nickname', 'preferred_username'],
  email: ['email'],
};

/** Scopes of the standard that say nothing of who somebody is. */
const silent: ReadonlySet<string> = new Set(['openid', 'offline_access', 'offline', '']);

/**
 * Tells whether an id_token has none of the claims that its scopes stand for. What a provider's own scope
 * stands for is not known: it may be any of them.
 */
function isThin(claims: UserInfo, { scope }: Readonly<RegisterOptions>): boolean {
  const asked = [scope ?? []].flat().flatMap((names) => names.split(/[\s,]+/));
  const meant = asked.filter((name) => !silent.has(name));
  const standard = meant.filter((name) => Object.hasOwn(claimsOf, name));
  const known = standard.length > 0 || meant.length === 0 ? standard : Object.keys(claimsOf);
  const wanted = known.flatMap((name) => claimsOf[name] ?? []);
  return wanted.length > 0 && wanted.every((claim) => claims[claim] === undefined);
}

/** The client's options as they are where the token is from. */
async function atHome<T extends Token>(query: UserQuery<T>): Promise<UserQuery<T>> {
  const { app, options, token } = query;
  return app.at ? { ...query, options: await app.at(options, token) } : query;
}

/** Names a user for good: `github$583231`, or with the server before the subject. */
export function identityOf(name: string, options: Readonly<RegisterOptions>, token: Token): string {
  const { sub } = (token as Token | undefined)?.userinfo ?? {};
  if (!isSubject(sub)) {
    throw new OAuthError(
      'invalid_token',
      'The token does not say whose it is: it has no "userinfo.sub". Pass the token as ' +
        'authorizeAccessToken() returned it, or put what userinfo() returns into its "userinfo".',
    );
  }
  const { provider = name } = options;
  const start = `${identityPart(provider)}$`;
  if (token.server !== undefined) {
    // The server that the user has chosen is a part of the subject.
    const fixed = fixedAuthority(options, token);
    const before = fixed === undefined ? start : `${start}${identityPart(fixed)}$`;
    return before + subjectAt(token, sub, options);
  }
  // A subject that could be taken for an authority and a subject has an empty authority before it.
  const authority = namedAuthority(options, token) ?? (sub.includes('$') ? '' : undefined);
  if (authority === undefined || namesAuthority(sub, authority, options)) return start + sub;
  return `${start}${identityPart(authority)}$${sub}`;
}

/** The profile itself: the endpoint's answer, or what the login brought. */
async function sourceProfile<T extends Token>(query: UserQuery<T>): Promise<Profile> {
  const { app, options, token } = query;
  switch (options.userinfo?.from) {
    case 'token':
      return withoutSecrets(token);
    case 'id_token':
      return token.userinfo?.raw ?? {};
    case 'public':
      return await app.fetchProfile(token).catch(withoutProfile);
    default:
      return await app.fetchProfile(token);
  }
}

/** What everybody may read is no reason to turn somebody away. */
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
  const sources = sourcesOf(profile, token, options);
  const answers = await Promise.all(
    wanted.map(async ([name, extra]) => [name, await fetchExtra(query, extra, sources)] as const),
  );
  return Object.fromEntries(answers.filter(([, answer]) => answer !== undefined));
}

/** One further request; a refusal leaves its claims out, for the scope may not reach so far. */
async function fetchExtra<T extends Token>(
  query: UserQuery<T>,
  { url, params }: ExtraRequest,
  sources: ProfileSources,
): Promise<unknown> {
  const path = fillPaths(url, sources, encodeURIComponent);
  if (path === undefined) return undefined;
  const { clientId, clientSecret } = query.options;
  const values = { client_id: clientId, client_secret: clientSecret, token: query.token };
  const search = new URLSearchParams(toPairs(fillParams(params, values))).toString();
  const response = await getWithToken(query, search === '' ? path : `${path}?${search}`);
  const text = await response.text();
  if (response.status >= 500 || response.status === 429) throw unavailable(response.status);
  if (!response.ok) return undefined;
  return tryJson(text);
}

/**
 * Where a hook's request with the token may go: what it asks for may be named by the profile, so it is held to the
 * origins of the API and of the profile, if there are such.
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

/** Calls the API with the token; a URL in the options may be of another origin than the API. */
async function getWithToken<T extends Token>(
  { app, options, token }: UserQuery<T>,
  url: string,
  home: string | undefined = /^https?:/i.test(url) ? url : options.apiBaseUrl,
): Promise<Response> {
  const headers = { accept: 'application/json' };
  return await app.send(resourceRequest({ method: 'GET', url }, { headers }, home), token);
}

function unavailable(status: number): OAuthError {
  return new OAuthError(
    'provider_unavailable',
    `A request for more of the profile failed (HTTP ${status}). Try again later.`,
    { providerStatus: status },
  );
}
