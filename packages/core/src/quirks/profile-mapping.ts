import { filterMembers, mapMembers, withoutUndefined } from '../platform/encoding.js';
import { readMoment } from '../platform/lifetime.js';
import { OAuthError } from '../model/errors.js';
import type { ClaimSource, MappedUser, ProfileMapping, ProfileSources } from './profile-types.js';
import type { QuirkOptions } from './types.js';
import type { Token } from '../model/types.js';
import { evaluate } from './expressions.js';
import { asText, isTrue } from './paths.js';
import { profileSources } from './sources.js';
import { booleanClaims, typedClaims } from '../platform/standard-claims.js';

const links: ReadonlySet<string> = new Set(['profile', 'picture', 'website']);

/**
 * Maps a profile to the standard claims (OpenID Connect Core §5.1). Missing claims are omitted; an
 * email counts as verified only if the provider says so.
 *
 * @throws OAuthError `invalid_userinfo` when there is no `sub`
 */
export function mapProfile(mapping: ProfileMapping, sources: ProfileSources): MappedUser {
  const claims = withoutUndefined(
    mapMembers(mapping, (source, claim) => toClaimType(claim, evaluate(source, sources))),
  );
  const { sub, email_verified: verified } = claims;
  if (typeof sub !== 'string') throw noSubject();
  return { ...claims, sub, email_verified: verified === true && claims['email'] !== undefined };
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
