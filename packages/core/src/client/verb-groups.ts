import { OAuthError } from '../model/errors.js';

/** The groups of rarely used methods, with the methods of each. */
const groups = {
  grants: [
    'deviceToken',
    'startDeviceAuthorization',
    'pollDeviceAuthorization',
    'backchannelToken',
    'startBackchannelAuthentication',
    'pollBackchannelAuthentication',
    'exchangeToken',
    'jwtBearerToken',
    'passwordToken',
    'createImplicitUrl',
    'parseImplicitResponse',
  ],
  metadata: ['aggregatedClaims', 'distributedClaims'],
  logout: ['backchannelLogout', 'frontchannelLogout'],
} as const;

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
export function refuseFormerNames(
  client: { readonly name: string },
  group: keyof typeof groups,
): void {
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
