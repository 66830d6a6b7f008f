import type { RegisterOptions } from '../option-types.js';
import type { Protocol } from '../types.js';

/** Options that mean something to every protocol. */
const common = [
  'preset',
  'overwrite',
  'fetch',
  'provider',
  'displayName',
  'brandColor',
  'mark',
  'urlVariables',
  'authorizeParams',
  'apiBaseUrl',
  'apiKey',
  'apiParams',
  'headers',
  'errors',
  'userinfoEndpoint',
  'userinfoComplianceFix',
  'userinfo',
  'profile',
] as const satisfies readonly (keyof RegisterOptions)[];

/** Options of OAuth 1.0a that no other protocol has. */
const oauth1Own = [
  'requestTokenUrl',
  'requestTokenMethod',
  'requestTokenParams',
  'accessTokenMethod',
  'allowUnconfirmedCallback',
  'allowMissingVerifier',
  'signatureMethod',
  'signatureMethods',
  'signatureType',
  'rsaKey',
  'forceIncludeBody',
  'oauthVersion',
] as const satisfies readonly (keyof RegisterOptions)[];

/** Options of OAuth 1.0a. */
const oauth1Options = [
  ...common,
  ...oauth1Own,
  'realm',
  'clientId',
  'clientSecret',
  'authorizeUrl',
  'accessTokenUrl',
  'accessTokenParams',
  'refreshTokenUrl',
  'refreshTokenParams',
  'transformResponse',
  'fetchToken',
  'updateToken',
  'authorizationDead',
  'refreshReuseGrace',
] as const satisfies readonly (keyof RegisterOptions)[];

/** Options of OpenID 2.0 that no other protocol has. */
const openid2Own = [
  'openid2Endpoint',
  'claimedIdPattern',
] as const satisfies readonly (keyof RegisterOptions)[];

/** Options of OpenID 2.0, which has no client identifier and gives no token to call an API with. */
const openid2Options = [
  ...common,
  ...openid2Own,
  'realm',
  'responseMode',
] as const satisfies readonly (keyof RegisterOptions)[];

/** The options that an OAuth 1.0a client may have. */
export type OAuth1OptionName = (typeof oauth1Options)[number];
/** The options that an OpenID 2.0 client may have. */
export type OpenID2OptionName = (typeof openid2Options)[number];
/** The options that an OAuth 2 client may have: all that belong to no other protocol alone. */
export type OAuth2OptionName = Exclude<
  keyof RegisterOptions,
  (typeof oauth1Own)[number] | (typeof openid2Own)[number] | 'realm'
>;

const named: Readonly<Record<Protocol, string>> = {
  oauth1: 'OAuth 1',
  oauth2: 'OAuth 2',
  openid2: 'OpenID 2.0',
};

/** The protocols that know an option. */
function protocolsOf(option: string): Protocol[] {
  const has = (list: readonly string[]): boolean => list.includes(option);
  const foreign = has(oauth1Own) || has(openid2Own) || option === 'realm';
  return [
    ...(has(oauth1Options) ? (['oauth1'] as const) : []),
    ...(foreign ? [] : (['oauth2'] as const)),
    ...(has(openid2Options) ? (['openid2'] as const) : []),
  ];
}

/** The protocol that the options of a client select. */
export function protocolOf({
  openid2Endpoint,
  requestTokenUrl,
}: Pick<RegisterOptions, 'openid2Endpoint' | 'requestTokenUrl'>): Protocol {
  if (openid2Endpoint !== undefined) return 'openid2';
  return requestTokenUrl === undefined ? 'oauth2' : 'oauth1';
}

const selected: Readonly<Record<Protocol, string>> = {
  oauth1: '"requestTokenUrl" is given',
  oauth2: 'neither "requestTokenUrl" nor "openid2Endpoint" is given',
  openid2: '"openid2Endpoint" is given',
};

/** Names an option of another protocol among a client's options, which would be left out without a word. */
export function protocolProblem(
  name: string,
  options: Readonly<RegisterOptions>,
  spell: (option: string) => string = (option) => `"${option}"`,
): string | undefined {
  const protocol = protocolOf(options);
  const foreign = Object.entries(options).find(
    ([option, value]) => value !== undefined && !protocolsOf(option).includes(protocol),
  );
  if (!foreign) return undefined;
  const owners = protocolsOf(foreign[0]).map((owner) => named[owner]);
  const why = selected[protocol].replaceAll(/"(\w+)"/g, (_, option: string) => spell(option));
  return (
    `${spell(foreign[0])} is an option of ${owners.join(' and ')}; "${name}" is an ` +
    `${named[protocol]} client because ${why}. Remove one of them.`
  );
}
