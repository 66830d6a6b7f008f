import { OAuthError } from '../model/errors.js';
import type { ClaimSource, MappedUser, ProfileMapping, ProfileSources } from './profile-types.js';
import type { QuirkOptions } from './types.js';
import type { Token } from '../model/types.js';
import { evaluate, isTrue } from './expressions.js';
import { asText } from './paths.js';
import { sourcesOf } from './sources.js';
import { booleanClaims, typedClaims } from './standard-claims.js';

const links: ReadonlySet<string> = new Set(['profile', 'picture', 'website']);

/**
 * Reads the standard claims out of a profile (OpenID Connect Core §5.1). What is missing is left out;
 * an email counts as verified only where the provider says so.
 *
 * @throws OAuthError `invalid_userinfo` when there is no `sub`
 */
export function mapProfile(mapping: ProfileMapping, sources: ProfileSources): MappedUser {
  const claims = Object.fromEntries(
    Object.entries(mapping)
      .map(([claim, source]) => [claim, readClaim(claim, evaluate(source, sources))] as const)
      .filter(([, value]) => value !== undefined),
  );
  const { sub, email_verified: verified } = claims;
  if (typeof sub !== 'string') throw noSubject();
  return { ...claims, sub, email_verified: verified === true && claims['email'] !== undefined };
}

/**
 * Reads the verified claims of an id_token as the client says, which also brings them into the types of
 * the standard; the subject stays the verified one. A token of a client without a `profile`, or without
 * verified claims, stays as it is.
 */
export function mapVerified<T extends Token>(
  options: Pick<QuirkOptions, 'profile' | 'callbackParams'>,
  token: T,
): T {
  const { profile } = options;
  const { raw } = token.userinfo ?? {};
  if (profile === undefined || raw === undefined) return token;
  const mapping = Object.entries({ email_verified: '$.email_verified', ...profile });
  const mapped = mapProfile(
    { ...Object.fromEntries(mapping.map(orAsVerified)), sub: 'id_token.sub' },
    sourcesOf(raw, token, options),
  );
  // What the mapping did not take, such as a `javascript:` link, does not come back by another way.
  const others = Object.entries(typedClaims(raw)).filter(
    ([claim]) => !Object.hasOwn(profile, claim),
  );
  return { ...token, userinfo: { ...Object.fromEntries(others), ...mapped, raw } };
}

/** The id_token's claim of that name, where the client's own source has nothing; never for a yes or no. */
function orAsVerified([claim, source]: [string, ClaimSource]): [string, ClaimSource] {
  const fixed = typeof source === 'function' || booleanClaims.has(claim);
  return [claim, fixed ? source : `${source} | id_token.${claim}`];
}

/** A claim in the type OpenID Connect gives it. */
function readClaim(claim: string, value: unknown): unknown {
  if (booleanClaims.has(claim)) return value === undefined ? undefined : isTrue(value);
  if (claim === 'updated_at') return readTime(value);
  if (claim === 'address') return value ?? undefined;
  const text = claim === 'gender' ? genderOf(asText(value)) : asText(value);
  // A link may be of the person's own making: `javascript:` would run in the application's page.
  return text !== undefined && links.has(claim) && !/^https?:\/\//i.test(text) ? undefined : text;
}

/** OpenID Connect Core §5.1 has words for what many providers abbreviate. */
function genderOf(text: string | undefined): string | undefined {
  if (/^f$/i.test(text ?? '')) return 'female';
  return /^m$/i.test(text ?? '') ? 'male' : text;
}

/** OpenID Connect Core §5.1: seconds since the epoch. */
function readTime(value: unknown): number | undefined {
  if (typeof value !== 'string') return Number.isFinite(value) ? (value as number) : undefined;
  const time = /^\d+$/.test(value) ? Number(value) : Date.parse(value) / 1000;
  return Number.isFinite(time) ? time : undefined;
}

function noSubject(): OAuthError {
  return new OAuthError(
    'invalid_userinfo',
    'The profile says nowhere whose it is: the expression of "profile.sub" found nothing. Check the ' +
      'scope, "userinfoEndpoint" and "profile".',
  );
}
