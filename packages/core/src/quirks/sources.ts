import { isObject } from '../platform/encoding.js';
import type { ProfileSources } from './profile-types.js';
import type { QuirkOptions } from './types.js';
import type { Token } from '../model/types.js';

type Profile = Record<string, unknown>;

/** What a profile is read from: the profile, and what the login brought beside it. */
export function sourcesOf(
  profile: Profile,
  token: Token,
  { callbackParams = [] }: Pick<QuirkOptions, 'callbackParams'>,
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

const secrets = /token|secret|(?:^|_)key$|^userinfo$/i;

/** What may be shown of a token response, at any depth. */
export function withoutSecrets(value: object): Profile {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !secrets.test(name))
      .map(([name, member]) => [name, isObject(member) ? withoutSecrets(member) : member]),
  );
}
