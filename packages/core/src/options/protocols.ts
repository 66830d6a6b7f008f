import type { RegisterOptions } from './register-options.js';
import type { Protocol } from '../model/types.js';

/** Options that apply to every protocol. */
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

/** Options that apply to OAuth 1.0a only. */
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

/** Other options that apply to OAuth 1.0a. */
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
  'onGrantRevoked',
  'refreshReuseWindow',
] as const;

/** Options that apply to OpenID 2.0 only. */
const openid2Own = ['openid2Endpoint', 'claimedIdPattern'] as const;

/**
 * Other options that apply to OpenID 2.0, which has no client identifier and issues no access
 * token.
 */
const openid2Others = ['realm', 'responseMode'] as const;

type Names = ReadonlySet<string>;

/**
 * Options that applications pass to any preset; a preset whose protocol has no credentials ignores
 * them.
 */
const credentials: Names = new Set(['clientId', 'clientSecret']);

/** Names of the options of an OAuth 1.0a client. */
export type OAuth1OptionName = (typeof common | typeof oauth1Own | typeof oauth1Others)[number];
/** Names of the options of an OpenID 2.0 client. */
export type OpenID2OptionName = (typeof common | typeof openid2Own | typeof openid2Others)[number];
/** Names of the options of an OAuth 2 client: all that do not belong to another protocol only. */
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

/** Returns the protocol that a client's options select. */
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

/** Reports an option of another protocol, which would be silently ignored. */
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

/**
 * Reports an option that a preset's protocol does not have, `spelled` as the application wrote it.
 */
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

/** Returns the protocols that have an option. */
function ownersOf(option: string): string {
  return protocols
    .filter((owner) => has(owner, option))
    .map((owner) => named[owner])
    .join(' and ');
}
