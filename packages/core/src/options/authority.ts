import { filterMembers } from '../platform/encoding.js';
import type { RegisterOptions } from './register-options.js';
import type { Token } from '../model/types.js';
import { encodeSegment, fillUrlVariables } from '../quirks/url-variables.js';

type Addresses = Pick<
  RegisterOptions,
  'issuer' | 'serverMetadataUrl' | 'accessTokenUrl' | 'openid2Endpoint' | 'idToken'
>;

/**
 * The server within which a subject means something: the issuer, or the origin of the endpoints of a
 * provider that has none.
 */
function authorityOf(options: Addresses): string | undefined {
  const { accessTokenUrl, openid2Endpoint, idToken } = options;
  const issuer = issuerOf(options);
  // An issuer whose id_token is not read does not vouch for the subject.
  if (issuer !== undefined && idToken !== 'ignore') return issuer;
  const endpoint = accessTokenUrl ?? openid2Endpoint ?? '';
  return URL.canParse(endpoint) ? new URL(endpoint).origin : issuer;
}

/** The issuer that options name, or that their metadata URL belongs to. Of several spellings, the first. */
export function issuerOf({ issuer, serverMetadataUrl }: Addresses): string | undefined {
  const [named] = [issuer ?? []].flat();
  const url = serverMetadataUrl ?? '';
  return named ?? (URL.canParse(url) ? issuerOfWellKnown(url) : undefined);
}

/** The issuer that a well-known URL belongs to, without a slash at its end; of any other URL, its origin. */
export function issuerOfWellKnown(url: string): string {
  const { origin, pathname } = new URL(url);
  const wellKnown = /\/\.well-known\/(?:openid-configuration|oauth-authorization-server)(?=\/|$)/;
  const [before, after] = pathname.split(wellKnown, 2);
  return after === undefined ? origin : origin + before + after.replace(/\/$/, '');
}

/**
 * The authority of a provider with one public server, as a preset describes it; `false` if each client
 * gives a part of its URLs.
 */
export function publicAuthority(definition: RegisterOptions): string | false {
  const variables = Object.entries(definition.urlVariables ?? {});
  const filled = fillUrlVariables(
    definition,
    variables.map(([name, variable]) => [name, variable.default ?? `{${name}}`] as const),
  );
  const text = JSON.stringify(filled);
  const isOpen = variables.some(([name]) => text.includes(`{${name}}`));
  return (!isOpen && authorityOf(filled)) || false;
}

/**
 * The authority that an identity has to name: `undefined` for the provider's one public server, and for a
 * client whose name is all that is known of it.
 */
export function namedAuthority(
  options: Readonly<RegisterOptions>,
  token: Token,
): string | undefined {
  const { publicAuthority: known } = options;
  // A server that was found at run time, and an issuer of a template.
  const { issuer: found } = token as { issuer?: unknown };
  if (typeof found === 'string') return found === known ? undefined : found;
  if (issuerOf(options) === undefined && known === undefined) return undefined;
  const authority = authorityOf(options);
  const { iss } = token.userinfo ?? {};
  if (authority?.includes('{') && typeof iss === 'string') return iss;
  return authority === known ? undefined : authority;
}

/**
 * The authority that an identity has to name beside the server that the user has chosen, because the application has
 * fixed a part of its URL: a realm means nothing without its host.
 */
export function fixedAuthority(
  options: Readonly<RegisterOptions>,
  token: Token,
): string | undefined {
  const server = filterMembers(token.server as object, (value) => typeof value === 'string');
  const there = fillUrlVariables(options, Object.entries(server) as [string, string][]);
  const authority = namedAuthority(there, token);
  const isPart = (text: string): boolean =>
    authority?.toLowerCase().includes(text.toLowerCase()) === true;
  const isFixed = Object.entries(options.urlVariables ?? {}).some(
    ([name, { value, default: preset }]) =>
      !Object.hasOwn(server, name) &&
      value !== undefined &&
      value !== preset &&
      (isPart(value) || isPart(encodeSegment(value))),
  );
  return isFixed ? authority : undefined;
}

/** Writes a part of an identity before its subject, so that no two lists of parts give one text. */
export function identityPart(text: string): string {
  return text.replace(/[%$]/g, encodeURIComponent);
}

/**
 * Tells whether a subject of a provider without a public server is a URL of its authority, which must be an
 * origin: then it names the authority itself.
 */
export function namesAuthority(
  sub: string,
  authority: string,
  options: Readonly<RegisterOptions>,
): boolean {
  if (options.publicAuthority !== false || sub.includes('$') || !URL.canParse(authority)) {
    return false;
  }
  const { origin, pathname, search } = new URL(authority);
  return pathname === '/' && search === '' && sub.startsWith(`${origin}/`);
}
