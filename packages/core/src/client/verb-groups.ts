import { OAuthError } from '../model/errors.js';
import { verbGroups } from '../options/verb-groups.js';
import type { GrantVerbs } from '../protocols/oauth2/grants/verbs.js';
import type { ClaimSourceVerbs } from '../protocols/oauth2/openid/claim-sources.js';

interface Groups {
  grants: Record<keyof GrantVerbs, true>;
  metadata: Record<keyof ClaimSourceVerbs, true>;
  logout: Record<string, true>;
}

/** The groups. The compiler checks that each has all methods of its interface. */
const groups: Readonly<Groups> = verbGroups;

type Verbs = Readonly<Record<string, unknown>>;

/** Returns an engine's methods as a client has them: the rarely used ones in groups. */
export function groupVerbs(verbs: object): object {
  const grouped: Record<string, unknown> = { ...verbs };
  for (const group of ['grants', 'metadata'] as const) {
    const own = Object.keys(groups[group]).filter((verb) => verb in verbs);
    if (own.length === 0) continue;
    grouped[group] = Object.freeze(
      Object.fromEntries(own.map((verb) => [verb, (verbs as Verbs)[verb]])),
    );
    for (const verb of own) delete grouped[verb];
  }
  return grouped;
}

/** Defines the former names of grouped methods, which reject with the current name. */
export function refuseFormerNames(client: { readonly name: string }, group: keyof Groups): void {
  for (const verb of Object.keys(groups[group])) {
    const refuse = async (): Promise<never> => {
      throw new OAuthError(
        'invalid_options',
        `${verb}() has moved. Write oauth.${client.name}.${group}.${verb}().`,
        { client: client.name },
      );
    };
    Object.defineProperty(client, verb, { value: refuse });
  }
}
