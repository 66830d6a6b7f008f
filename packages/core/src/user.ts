import { isObject, parseJson, toPairs } from './encoding.js';
import { OAuthError } from './errors.js';
import type { ExtraRequest, ProfileSources } from './option-types/quirks.js';
import type { RegisterOptions } from './option-types.js';
import { fillPaths } from './quirks/expressions.js';
import { mapProfile } from './quirks/profile.js';
import { fillParams } from './quirks/templates.js';
import { resourceRequest } from './resource.js';
import type { RemoteApp, Token, UserInfo } from './types.js';

type Profile = Record<string, unknown>;

/** Who asks, and with what. */
export interface UserQuery<T extends Token> {
  app: RemoteApp<T>;
  options: Readonly<RegisterOptions>;
  token: T;
}

/** Fetches who the token's owner is, in the standard claims where the client says how to read them. */
export async function fetchUser<T extends Token>(query: UserQuery<T>): Promise<UserInfo> {
  const { app, options, token } = query;
  const profile = await sourceProfile(query);
  if (options.profile !== undefined) {
    const sources = { ...sourcesOf(profile, token, options), ...(await askMore(query, profile)) };
    const claims = mapProfile(options.profile, sources);
    const subject = typeof profile['sub'] === 'string' ? profile : claims;
    // Where there is an id_token, its subject is the one that was verified.
    const verified = app.checkSubject?.(subject, token);
    return { ...claims, ...(verified === undefined ? {} : { sub: verified }), raw: profile };
  }
  app.checkSubject?.(profile, token);
  const get = (url: string): Promise<Response> => ask(query, url);
  const fixed = await options.userinfoComplianceFix?.(profile, { get });
  return { ...(fixed ?? profile), raw: profile };
}

/**
 * The token with who its owner is: the verified claims of its id_token, else the profile, where the
 * client says how to read it.
 */
export async function withUser<T extends Token>(query: UserQuery<T>): Promise<T> {
  const { options, token } = query;
  if (options.profile === undefined) return token;
  const verified = token.userinfo?.raw;
  if (verified !== undefined) {
    const mapping = { sub: 'id_token.sub', ...options.profile };
    const mapped = mapProfile(
      { email_verified: 'id_token.email_verified', ...mapping, sub: 'id_token.sub' },
      sourcesOf(verified, token, options),
    );
    return { ...token, userinfo: { ...verified, ...mapped, raw: verified } };
  }
  if (options.userinfo?.onLogin === false) return token;
  return { ...token, userinfo: await fetchUser(query) };
}

/** Names a person for good: `github$583231`. */
export function identityOf(
  name: string,
  { provider = name, issuer }: Readonly<RegisterOptions>,
  token: Token,
): string {
  const { sub, iss } = token.userinfo ?? {};
  // Where every tenant is an issuer of its own, a subject means something within one.
  const within = typeof issuer === 'string' && issuer.includes('{') && iss ? `${String(iss)}$` : '';
  if (typeof sub === 'string' && sub !== '') return `${provider}$${within}${sub}`;
  throw new OAuthError(
    'invalid_token',
    'The token does not say whose it is: it has no "userinfo.sub". Pass the token as ' +
      'authorizeAccessToken() returned it, or put what userinfo() answers into its "userinfo".',
  );
}

/** The profile itself: the endpoint's answer, or what the login brought. */
async function sourceProfile<T extends Token>(query: UserQuery<T>): Promise<Profile> {
  const { app, options, token } = query;
  switch (options.userinfo?.from) {
    case 'token':
      return withoutSecrets(token);
    case 'id_token':
      return token.userinfo?.raw ?? {};
    default:
      return await app.fetchProfile(token);
  }
}

function sourcesOf(
  profile: Profile,
  token: Token,
  { callbackParams = [] }: Readonly<RegisterOptions>,
): ProfileSources {
  const kept = callbackParams.map((name) => [name, token[name]]);
  return {
    $: profile,
    token: withoutSecrets(token),
    // Only what was verified has an issuer.
    id_token: token.userinfo?.['iss'] === undefined ? {} : (token.userinfo.raw ?? {}),
    callback: Object.fromEntries(kept),
  };
}

const secrets = /token|secret|^userinfo$/i;

/** What may be shown of a token response, at any depth. */
function withoutSecrets(value: object): Profile {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !secrets.test(name))
      .map(([name, member]) => [name, isObject(member) ? withoutSecrets(member) : member]),
  );
}

async function askMore<T extends Token>(
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
    wanted.map(async ([name, extra]) => [name, await askOne(query, extra, sources)] as const),
  );
  return Object.fromEntries(answers.filter(([, answer]) => answer !== undefined));
}

/** One further request; a refusal leaves its claims out, for the scope may not reach so far. */
async function askOne<T extends Token>(
  query: UserQuery<T>,
  { url, params }: ExtraRequest,
  sources: ProfileSources,
): Promise<unknown> {
  const path = fillPaths(url, sources, encodeURIComponent);
  if (path === undefined) return undefined;
  const { clientId, clientSecret } = query.options;
  const values = { client_id: clientId, client_secret: clientSecret, token: query.token };
  const search = new URLSearchParams(toPairs(fillParams(params, values))).toString();
  const response = await ask(query, search === '' ? path : `${path}?${search}`);
  const text = await response.text();
  if (response.status >= 500 || response.status === 429) throw unavailable(response.status);
  if (!response.ok) return undefined;
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Asks the API with the token; an address in the options may be of another origin than the API. */
async function ask<T extends Token>(
  { app, options, token }: UserQuery<T>,
  url: string,
): Promise<Response> {
  const home = /^https?:/i.test(url) ? url : options.apiBaseUrl;
  const headers = { accept: 'application/json' };
  return await app.send(resourceRequest({ method: 'GET', url }, { headers }, home), token);
}

function unavailable(status: number): OAuthError {
  return new OAuthError(
    'provider_unavailable',
    `A request for more of the profile failed (HTTP ${status}). Try again later.`,
    { status },
  );
}
