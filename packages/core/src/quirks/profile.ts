import { OAuthError } from '../errors.js';
import type { MappedUser, ProfileMapping, ProfileSources } from '../option-types/quirks.js';
import { evaluate, isTrue } from './expressions.js';
import { asText } from './paths.js';

const links: ReadonlySet<string> = new Set(['profile', 'picture', 'website']);
const booleans: ReadonlySet<string> = new Set(['email_verified', 'phone_number_verified']);

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

/** A claim in the type OpenID Connect gives it. */
function readClaim(claim: string, value: unknown): unknown {
  if (booleans.has(claim)) return isTrue(value);
  if (claim === 'updated_at') return readTime(value);
  if (claim === 'address') return value ?? undefined;
  const text = asText(value);
  // A link may be of the person's own making: `javascript:` would run in the application's page.
  return text !== undefined && links.has(claim) && !/^https?:\/\//i.test(text) ? undefined : text;
}

/** OpenID Connect Core §5.1: seconds since the epoch. */
function readTime(value: unknown): number | undefined {
  const time = typeof value === 'string' && !/^\d+$/.test(value) ? Date.parse(value) / 1000 : value;
  return Number.isFinite(Number(time ?? Number.NaN)) ? Number(time) : undefined;
}

function noSubject(): OAuthError {
  return new OAuthError(
    'invalid_userinfo',
    'The profile says nowhere whose it is: the expression of "profile.sub" found nothing. Check the ' +
      'scope, "userinfoEndpoint" and "profile".',
  );
}
