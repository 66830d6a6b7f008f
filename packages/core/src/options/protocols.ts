import type { RegisterOptions } from './register-options.js';
import type { Protocol } from '../model/types.js';

/** Options that mean something to every protocol. */
const common = [
  'preset',
  'overwrite',
  'fetch',
  'timeout',
  'userAgent',
  'allowPrivateNetworks',
  'provider',
  'publicAuthority',
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
] as const;

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
] as const;

/** Options that OAuth 1.0a has beside them. */
const oauth1Others = [
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
] as const;

/** Options of OpenID 2.0 that no other protocol has. */
const openid2Own = ['openid2Endpoint', 'claimedIdPattern'] as const;

/**
 * Options that OpenID 2.0 has beside them, which has no client identifier and gives no token to call an
 * API with.
 */
const openid2Others = ['realm', 'responseMode'] as const;

type Names = ReadonlySet<string>;

/** What applications give to every preset alike; a preset whose protocol has no credentials sends none. */
const credentials: Names = new Set(['clientId', 'clientSecret']);

/** The options that an OAuth 1.0a client may have. */
export type OAuth1OptionName = (typeof common | typeof oauth1Own | typeof oauth1Others)[number];
/** The options that an OpenID 2.0 client may have. */
export type OpenID2OptionName = (typeof common | typeof openid2Own | typeof openid2Others)[number];
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

const protocols: readonly Protocol[] = ['oauth1', 'oauth2', 'openid2'];
const ofOAuth1: Names = new Set<keyof RegisterOptions>([...common, ...oauth1Own, ...oauth1Others]);
const ofOpenID2: Names = new Set<keyof RegisterOptions>([
  ...common,
  ...openid2Own,
  ...openid2Others,
]);
const notOfOAuth2: Names = new Set<keyof RegisterOptions>([...oauth1Own, ...openid2Own, 'realm']);

function has(protocol: Protocol, option: string): boolean {
  if (protocol === 'oauth2') return !notOfOAuth2.has(option);
  return (protocol === 'oauth1' ? ofOAuth1 : ofOpenID2).has(option);
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
    ([option, value]) =>
      value !== undefined &&
      !has(protocol, option) &&
      !(options.provider !== undefined && credentials.has(option)),
  );
  if (!foreign) return undefined;
  const [option] = foreign;
  const why = selected[protocol].replaceAll(/"(\w+)"/g, (_, selecting: string) => spell(selecting));
  return (
    `${spell(option)} is an option of ${ownersOf(option)}; "${name}" is an ` +
    `${named[protocol]} client because ${why}. Remove one of them.`
  );
}

/** Names an option that the protocol of a preset does not have, `spelled` as the application wrote it. */
export function presetProblem(
  preset: Readonly<RegisterOptions>,
  [option, spelled]: [option: string, spelled: string],
): string | undefined {
  const protocol = protocolOf(preset);
  if (has(protocol, option)) return undefined;
  return (
    `${spelled} is an option of ${ownersOf(option)}; the preset "${preset.provider ?? ''}" describes an ` +
    `${named[protocol]} provider. Remove one of them: give the client another name, or options without the preset.`
  );
}

/** The protocols that have an option. */
function ownersOf(option: string): string {
  return protocols
    .filter((owner) => has(owner, option))
    .map((owner) => named[owner])
    .join(' and ');
}
