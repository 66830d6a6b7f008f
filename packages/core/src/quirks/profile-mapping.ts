import { filterMembers, isObject, mapMembers, withoutUndefined } from '../platform/encoding.js';
import { readMoment } from '../platform/lifetime.js';
import { OAuthError } from '../model/errors.js';
import type { ClaimSource, MappedUser, ProfileMapping, ProfileSources } from './profile-types.js';
import type { QuirkOptions } from './types.js';
import type { Token } from '../model/types.js';
import { asText, isTrue, readPath } from '../platform/paths.js';
import { booleanClaims, typedClaims } from '../platform/standard-claims.js';
import { unescapeHtml } from './html-entities.js';
import { fillPaths } from './templates.js';

const links: ReadonlySet<string> = new Set(['profile', 'picture', 'website']);

/**
 * Maps a profile to the standard claims (OpenID Connect Core §5.1). Missing claims are omitted; an
 * email counts as verified only if the provider says so. `name` falls back to the handle.
 *
 * @throws OAuthError `invalid_userinfo` when there is no `sub`
 */
export function mapProfile(mapping: ProfileMapping, sources: ProfileSources): MappedUser {
  const claims = withoutUndefined(
    mapMembers(mapping, (source, claim) => toClaimType(claim, evaluate(source, sources))),
  );
  const { sub, email, email_verified: verified } = claims;
  if (typeof sub !== 'string') throw noSubject();
  return {
    ...claims,
    ...nameOf(mapping, claims),
    sub,
    email_verified: verified === true && email !== undefined,
  };
}

/** A user need not have set a name, but an application shows one. */
function nameOf(
  mapping: ProfileMapping,
  { name, preferred_username: username, nickname }: Record<string, unknown>,
): Record<string, unknown> {
  return Object.hasOwn(mapping, 'name')
    ? withoutUndefined({ name: name ?? username ?? nickname })
    : {};
}

/**
 * Maps the verified claims of an id_token with the client's `profile`, and converts them to the
 * standard types; the subject remains the verified one. A token without verified claims, or of a
 * client without a `profile`, is returned unchanged.
 */
export function mapVerified<T extends Token>(
  options: Pick<QuirkOptions, 'profile' | 'callbackParams'>,
  token: T,
): T {
  const { profile } = options;
  const { raw } = token.userinfo ?? {};
  if (profile === undefined || raw === undefined) return token;
  const mapping: ProfileMapping = { email_verified: '$.email_verified', ...profile };
  const mapped = mapProfile(
    { ...mapMembers(mapping, orAsVerified), sub: 'id_token.sub' },
    profileSources(raw, token, options),
  );
  // Values the mapping rejected, such as a `javascript:` link, must not be copied from the raw
  // claims.
  const others = filterMembers(typedClaims(raw), (_, claim) => !Object.hasOwn(profile, claim));
  return { ...token, userinfo: { ...others, ...mapped, raw } };
}

/** Adds the id_token's claim as an alternative source; never for booleans. */
function orAsVerified(source: ClaimSource, claim: string): ClaimSource {
  const fixed = typeof source === 'function' || booleanClaims.has(claim);
  return fixed ? source : `${source} | id_token.${claim}`;
}

/** Converts a claim to its OpenID Connect type. */
function toClaimType(claim: string, value: unknown): unknown {
  if (booleanClaims.has(claim)) return value === undefined ? undefined : isTrue(value);
  if (claim === 'updated_at') {
    const time = readMoment(value);
    return time === 'unreadable' ? undefined : time;
  }
  if (claim === 'address') return value ?? undefined;
  const text = claim === 'gender' ? genderOf(asText(value)) : asText(value);
  // The user may control a link: a `javascript:` URL would run in the application's page.
  return text !== undefined && links.has(claim) && !/^https?:\/\//i.test(text) ? undefined : text;
}

/** Expands common abbreviations to the values of OpenID Connect Core §5.1. */
function genderOf(text: string | undefined): string | undefined {
  if (/^f$/i.test(text ?? '')) return 'female';
  return /^m$/i.test(text ?? '') ? 'male' : text;
}

function noSubject(): OAuthError {
  return new OAuthError(
    'invalid_userinfo',
    'The profile has no subject: the expression "profile.sub" has no value. Check the ' +
      'scope, "userinfoEndpoint" and "profile".',
  );
}

/** Returns the sources of a profile: the profile itself, and data from the login. */
export function profileSources(
  profile: Record<string, unknown>,
  token: Token,
  { callbackParams = [] }: Pick<QuirkOptions, 'callbackParams'>,
): ProfileSources {
  const copied = callbackParams.map((name) => [name, token[name]]);
  return {
    $: profile,
    token: withoutTokenSecrets(token),
    // Only verified claims have an issuer.
    id_token: token.userinfo?.['iss'] === undefined ? {} : (token.userinfo.raw ?? {}),
    callback: Object.fromEntries(copied),
  };
}

const secretMembers = /token|secret|(?:^|_)key$|^userinfo$/i;

/** Removes the secrets of a token response, at any depth. */
export function withoutTokenSecrets(value: object): Record<string, unknown> {
  const others = filterMembers(value, (_, name) => !secretMembers.test(name));
  return mapMembers(others, (member: unknown) =>
    isObject(member) ? withoutTokenSecrets(member) : member,
  );
}

type Transform = (rest: string, sources: ProfileSources) => unknown;

/** Transforms that may precede a path. */
const transforms: Record<string, Transform> = {
  bool: (path, sources) => isTrue(readPath(sources, path)),
  // No value instead of `false`, so that an alternative applies.
  present: (path, sources) => hasValue(readPath(sources, path)) || undefined,
  and: (rest, sources) => words(rest).every((path) => isTrue(readPath(sources, path))),
  if: (rest, sources) => {
    const [condition = '', path = ''] = words(rest);
    return isTrue(readPath(sources, condition)) ? readPath(sources, path) : undefined;
  },
  concat: (rest, sources) =>
    words(rest)
      .map((path) => asText(readPath(sources, path)))
      .filter((part) => part !== undefined)
      .join(' '),
  template: (rest, sources) => fillPaths(rest, sources, { encode: encodePart }),
  lastSegment: (path, sources) => asText(readPath(sources, path))?.split('/').at(-1),
  withoutQuery: (path, sources) => asText(readPath(sources, path))?.split('?')[0],
  html: (path, sources) => {
    const text = asText(readPath(sources, path));
    return text === undefined ? undefined : unescapeHtml(text);
  },
  const: (value) => value,
};

/** Returns what is wrong with an expression; `undefined` if it is valid. */
export function expressionProblem(source: string): string | undefined {
  const names = source.split('|').map((alternative) => /^(\w+):/.exec(alternative.trim())?.[1]);
  const strange = names.find((name) => name !== undefined && !Object.hasOwn(transforms, name));
  return (
    strange && `begins with "${strange}:", not with one of ${Object.keys(transforms).join(', ')}`
  );
}

/** Evaluates the source of a claim; empty text and `null` count as no value. */
export function evaluate(source: ClaimSource, sources: ProfileSources): unknown {
  if (typeof source === 'function') return source(sources);
  return source
    .split('|')
    .map((alternative) => evaluateOne(alternative.trim(), sources))
    .find(hasValue);
}

function evaluateOne(expression: string, sources: ProfileSources): unknown {
  const [, name = '', rest = ''] = /^(\w+):(.*)$/s.exec(expression) ?? [];
  const transform = Object.hasOwn(transforms, name) ? transforms[name] : undefined;
  return transform ? transform(rest, sources) : readPath(sources, expression);
}

/** Encodes a value for a URL path, preserving slashes. */
function encodePart(text: string): string {
  return encodeURI(text).replace(/[?#]/g, encodeURIComponent);
}

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}

function hasValue(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && !(typeof value === 'string' && !value.trim());
}
