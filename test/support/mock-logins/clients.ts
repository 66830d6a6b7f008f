import type { RegisterOptions } from '@oauth-registry/core';
import type { ReplacedClient } from '@oauth-registry/core/replace-providers';
import { rsaKey } from '../provider/keys.js';
import type { Script } from '../scripted.js';
import { recordedPreset, type RecordedPreset } from './recorded.js';

/** The origin of the endpoints of mocked providers; no request is sent to it. */
const origin = 'https://provider.invalid';

/** Options of the application's client that a mocked one shares, if it has the same protocol. */
const shared = {
  oauth1: [
    'clientId',
    'clientSecret',
    'signatureMethod',
    'signatureMethods',
    'signatureType',
    'rsaKey',
    'realm',
    'forceIncludeBody',
    'oauthVersion',
  ],
  oauth2: [
    'clientId',
    'clientSecret',
    'scope',
    'scopeSeparator',
    'tokenPlacement',
    'claimsOptions',
    'leeway',
    'idToken',
  ],
  openid2: ['realm'],
} as const satisfies Record<ReplacedClient['kind'], readonly (keyof RegisterOptions)[]>;

const sharedByAll = ['provider', 'headers', 'apiParams', 'apiKey', 'apiBaseUrl', 'errors'] as const;

/**
 * The options of a client whose provider sends the standard claims of a user: without what the application's provider
 * does differently, such as its profile, its keys and how its server is found.
 */
function optionsWithClaims({ name, kind, options }: ReplacedClient): RegisterOptions {
  const base = `${origin}/${encodeURIComponent(name)}`;
  const { apiBaseUrl, profile, userinfo } = options;
  const { onLogin = profile !== undefined } = userinfo ?? {};
  const common: RegisterOptions = {
    ...pick(options, [...sharedByAll, ...shared[kind]]),
    // A URL with variables is that of a server the user chooses, or one that the token names.
    ...(apiBaseUrl?.includes('{') ? { apiBaseUrl: `${base}/api` } : {}),
    userinfoEndpoint: `${base}/userinfo`,
    userinfo: { onLogin },
  };
  if (kind === 'openid2') {
    const { apiKey = 'mock' } = options;
    const own = { openid2Endpoint: `${base}/openid2`, claimedIdPattern: `${base}/id/(.+)` };
    const byUser = { onLogin, params: { claimed_id: '{token.claimed_id}' } };
    return { ...common, ...own, apiKey, userinfo: byUser };
  }
  const { clientId = 'mock', issuer } = options;
  const endpoints = {
    clientId,
    authorizeUrl: `${base}/authorize`,
    accessTokenUrl: `${base}/token`,
  };
  if (kind === 'oauth1') {
    const { clientSecret = 'mock' } = options;
    return { ...common, ...endpoints, clientSecret, requestTokenUrl: `${base}/request` };
  }
  const isFixed = typeof issuer === 'string' && !issuer.includes('{');
  return {
    ...common,
    ...endpoints,
    ...(options.complianceFix?.protectedRequest && {
      complianceFix: { protectedRequest: options.complianceFix.protectedRequest },
    }),
    issuer: isFixed ? issuer : base,
    jwks: { keys: [{ ...rsaKey().jwk }] },
    ...(isOpenId(options) ? { endSessionEndpoint: `${base}/logout` } : {}),
    revocationEndpoint: `${base}/revoke`,
    introspectionEndpoint: `${base}/introspect`,
  };
}

/** Options that read the recorded responses of a preset as the application does. */
const reading = ['profile', 'userinfo', 'userinfoComplianceFix', 'transformResponse'] as const;

/** How the provider of a client is simulated. */
export interface Simulation {
  /** The options of the client that replaces the application's. */
  options: RegisterOptions;
  /** The responses to a login of a user with these claims; of a recorded user without claims. */
  scriptOf(claims: Record<string, unknown> | undefined): Script;
}

/** Returns how the provider of a client is simulated: with recorded responses, or with given claims. */
export function simulationOf(client: ReplacedClient, isRecorded: boolean): Simulation {
  const { kind, options } = client;
  const {
    script,
    claims: recorded = { sub: '1' },
    ...found
  }: Partial<RecordedPreset> = (isRecorded ? recordedPreset(options) : undefined) ?? {};
  if (script) {
    const own = pick(options, [...shared[kind], ...reading]);
    return { options: { ...found.options, ...own }, scriptOf: () => script };
  }
  return {
    options: optionsWithClaims(client),
    scriptOf: (claims = recorded) => scriptWithClaims(client, claims),
  };
}

function scriptWithClaims(
  { kind, options }: ReplacedClient,
  claims: Record<string, unknown>,
): Script {
  if (kind === 'oauth1') return { token: 'oauth_token=t&oauth_token_secret=s', profile: claims };
  const token = { access_token: 'a', token_type: 'Bearer', expires_in: 3600, refresh_token: 'r' };
  return { token, profile: claims, ...(isOpenId(options) ? { idToken: claims } : {}) };
}

/** Returns whether the logins of a client return an id_token. */
function isOpenId({ scope = [], idToken }: Readonly<RegisterOptions>): boolean {
  return (
    [scope]
      .flat()
      .join(' ')
      .split(/[\s,]+/)
      .includes('openid') && idToken !== 'ignore'
  );
}

function pick<T extends object, K extends keyof T>(
  object: T,
  names: readonly K[],
): Partial<Pick<T, K>> {
  const given = names.filter((name) => object[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, object[name]])) as Partial<Pick<T, K>>;
}
