import { filterMembers } from '../platform/encoding.js';
import type { RegisterOptions } from './register-options.js';
import type { Token } from '../model/types.js';
import { encodeSegment, fillUrlVariables } from '../quirks/url-variables.js';

type ServerUrls = Pick<
  RegisterOptions,
  'issuer' | 'serverMetadataUrl' | 'accessTokenUrl' | 'openid2Endpoint' | 'idToken'
>;

/**
 * Returns the authority that a subject is unique within: the issuer, or the origin of the endpoints
 * of a provider without one.
 */
function authorityOf(options: ServerUrls): string | undefined {
  const { accessTokenUrl, openid2Endpoint, idToken } = options;
  const issuer = issuerOf(options);
  // An issuer whose id_token is ignored cannot vouch for the subject.
  if (issuer !== undefined && idToken !== 'ignore') return issuer;
  const endpoint = accessTokenUrl ?? openid2Endpoint ?? '';
  return URL.canParse(endpoint) ? new URL(endpoint).origin : issuer;
}

/**
 * Returns the configured issuer, or the issuer of the metadata URL. Of several spellings, the
 * first.
 */
export function issuerOf({ issuer, serverMetadataUrl }: ServerUrls): string | undefined {
  const [named] = [issuer ?? []].flat();
  const url = serverMetadataUrl ?? '';
  return named ?? (URL.canParse(url) ? issuerOfWellKnown(url) : undefined);
}

/**
 * Returns the issuer of a well-known URL, without a trailing slash; for any other URL, its origin.
 */
export function issuerOfWellKnown(url: string): string {
  const { origin, pathname } = new URL(url);
  const wellKnown = /\/\.well-known\/(?:openid-configuration|oauth-authorization-server)(?=\/|$)/;
  const [before, after] = pathname.split(wellKnown, 2);
  return after === undefined ? origin : origin + before + after.replace(/\/$/, '');
}

/**
 * Returns the authority of a preset with one public server; `false` if the client configures a part
 * of its URLs.
 */
export function publicAuthority(definition: RegisterOptions): string | false {
  const variables = Object.entries(definition.urlVariables ?? {});
  const filled = fillUrlVariables(
    definition,
    variables.map(([name, variable]) => [name, variable.default ?? `{${name}}`] as const),
  );
  const text = JSON.stringify({ ...definition, urlVariables: undefined });
  const isOpen = variables.some(
    ([name, variable]) => variable.default === undefined && text.includes(`{${name}}`),
  );
  return (!isOpen && authorityOf(filled)) || false;
}

/**
 * Returns the authority that an identity must include: `undefined` for a provider's only public
 * server, and for a client of which only the name is known.
 */
export function namedAuthority(
  options: Readonly<RegisterOptions>,
  token: Token,
): string | undefined {
  const { publicAuthority: known } = options;
  // A server resolved at run time, or an issuer from a template.
  const { issuer: found } = token as { issuer?: unknown };
  if (typeof found === 'string') return found === known ? undefined : found;
  if (issuerOf(options) === undefined && known === undefined) return undefined;
  const authority = authorityOf(options);
  const { iss } = token.userinfo ?? {};
  if (authority?.includes('{') && typeof iss === 'string') return iss;
  return authority === known ? undefined : authority;
}

/**
 * Returns the authority that an identity must include besides the server the user chose, because
 * the application configures a part of its URL: a realm is ambiguous without its host.
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

/** Encodes a part of an identity, so that different lists of parts never produce the same text. */
export function identityPart(text: string): string {
  return text.replace(/[%$]/g, encodeURIComponent);
}

/**
 * Returns whether a subject already includes its authority: a URL on the origin of a provider
 * without a public server.
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
