import { OAuthError } from '../model/errors.js';
import type { GrantVerbs } from '../protocols/oauth2/grants/verbs.js';
import type { ClaimSourceVerbs } from '../protocols/oauth2/openid/claim-sources.js';

/** The groups of rarely used methods. The compiler checks that each has all methods of its interface. */
const grants: Record<keyof GrantVerbs, true> = {
  deviceToken: true,
  startDeviceAuthorization: true,
  pollDeviceAuthorization: true,
  backchannelToken: true,
  startBackchannelAuthentication: true,
  pollBackchannelAuthentication: true,
  exchangeToken: true,
  jwtBearerToken: true,
  passwordToken: true,
  createImplicitUrl: true,
  parseImplicitResponse: true,
};
const metadata: Record<keyof ClaimSourceVerbs, true> = {
  aggregatedClaims: true,
  distributedClaims: true,
};
type Group = 'grants' | 'metadata' | 'logout';

const logout = { backchannelLogout: true, frontchannelLogout: true };
const groups: Readonly<Record<Group, string[]>> = {
  grants: Object.keys(grants),
  metadata: Object.keys(metadata),
  logout: Object.keys(logout),
};

type Verbs = Readonly<Record<string, unknown>>;

/** Returns an engine's methods as a client has them: the rarely used ones in groups. */
export function groupVerbs(verbs: object): object {
  const grouped: Record<string, unknown> = { ...verbs };
  for (const group of ['grants', 'metadata'] as const) {
    const own = groups[group].filter((verb) => verb in verbs);
    if (own.length === 0) continue;
    grouped[group] = Object.freeze(
      Object.fromEntries(own.map((verb) => [verb, (verbs as Verbs)[verb]])),
    );
    for (const verb of own) delete grouped[verb];
  }
  return grouped;
}

/** Defines the former names of grouped methods, which reject with the current name. */
export function refuseFormerNames(client: { readonly name: string }, group: Group): void {
  for (const verb of groups[group]) {
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
