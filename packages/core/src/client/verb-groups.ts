import { OAuthError } from '../model/errors.js';
import { verbGroups } from '../model/verb-groups.js';
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

/**
 * Defines the former names of grouped methods on the prototype of clients. On a client that has the
 * group, each rejects with the current name; on others it is `undefined`.
 */
export function defineFormerNames(prototype: object): void {
  for (const [group, verbs] of Object.entries(groups)) {
    for (const verb of Object.keys(verbs as object)) {
      Object.defineProperty(prototype, verb, {
        get(this: { readonly name: string }) {
          return group in this ? () => refuseFormerName(this.name, group, verb) : undefined;
        },
      });
    }
  }
}

async function refuseFormerName(client: string, group: string, verb: string): Promise<never> {
  throw new OAuthError(
    'invalid_options',
    `${verb}() has moved. Write oauth.${client}.${group}.${verb}().`,
    { client },
  );
}
