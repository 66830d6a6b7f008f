import { isObject, filterMembers, mapMembers } from '../platform/encoding.js';
import type { ProfileSources } from './profile-types.js';
import type { QuirkOptions } from './types.js';
import type { Token } from '../model/types.js';

type Profile = Record<string, unknown>;

/** Returns the sources of a profile: the profile itself, and data from the login. */
export function profileSources(
  profile: Profile,
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

const secrets = /token|secret|(?:^|_)key$|^userinfo$/i;

/** Removes the secrets of a token response, at any depth. */
export function withoutTokenSecrets(value: object): Profile {
  const others = filterMembers(value, (_, name) => !secrets.test(name));
  return mapMembers(others, (member: unknown) =>
    isObject(member) ? withoutTokenSecrets(member) : member,
  );
}
