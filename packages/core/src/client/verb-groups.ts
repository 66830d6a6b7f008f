import { OAuthError } from '../model/errors.js';
import type { Protocol } from '../model/types.js';
import { verbGroups } from '../model/verb-groups.js';
import { mapMembers } from '../platform/encoding.js';
import type { OAuth1Verbs } from '../protocols/oauth1/verbs.js';
import type { OAuth2Methods } from '../protocols/oauth2/verbs.js';
import type { GrantVerbs } from '../protocols/oauth2/grants/verbs.js';
import type { ClaimSourceVerbs } from '../protocols/oauth2/openid/claim-sources.js';

interface Groups {
  grants: Record<keyof GrantVerbs, true>;
  metadata: Record<keyof ClaimSourceVerbs, true>;
  logout: Record<string, true>;
}

/** The groups. The compiler checks that each has all methods of its interface. */
const groups: Readonly<Groups> = verbGroups;

const oauth1Verbs: Record<keyof OAuth1Verbs, true> = {
  fetchRequestToken: true,
  authorizationUrl: true,
  directToken: true,
  refreshToken: true,
};

const oauth2Verbs: Record<keyof OAuth2Methods, true> = {
  parseIdToken: true,
  loadServerMetadata: true,
  refreshToken: true,
  revokeToken: true,
  clientCredentialsToken: true,
  introspectToken: true,
  createLogoutUrl: true,
  fetchJwkSet: true,
};

const verbsOf: Readonly<Record<Protocol, object>> = {
  oauth1: oauth1Verbs,
  oauth2: oauth2Verbs,
  openid2: {},
};

/** Calls a protocol-specific method of a client. */
export type RunVerb = (client: object, verb: string, given: readonly unknown[]) => Promise<unknown>;

/**
 * Defines the protocol-specific methods on the prototype of a protocol's clients: the rarely used
 * ones in groups.
 */
export function defineVerbs(prototype: object, protocol: Protocol, run: RunVerb): void {
  for (const verb of Object.keys(verbsOf[protocol])) {
    const value = function (this: object, ...given: unknown[]): Promise<unknown> {
      return run(this, verb, given);
    };
    Object.defineProperty(prototype, verb, { value, writable: true, configurable: true });
  }
  if (protocol !== 'oauth2') return;
  for (const group of ['grants', 'metadata'] as const) {
    Object.defineProperty(prototype, group, {
      get(this: object) {
        return mapMembers(groups[group], (_, verb) => (...given: unknown[]) => {
          return run(this, verb, given);
        });
      },
    });
  }
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
