import { hmac } from '../../platform/crypto.js';
import { toHex } from '../../platform/encoding.js';
import type {
  ErrorRule,
  HookClient,
  LongLivedToken,
  RegisterOptions,
} from '../../options/register-options.js';
import type { OAuth2Preset, PresetOptions } from '../definition/preset.js';

/**
 * A preset with the option `longLived`, which replaces the first token by one valid for sixty
 * days.
 */
export type MetaPreset<V extends string = never> = (
  options?: PresetOptions<V> & { longLived?: boolean | undefined },
) => ReturnType<OAuth2Preset>;

const client_secret = '{client_secret}';
const access_token = '{token.access_token}';

/** The requests that return and refresh long-lived tokens. */
const swaps: Record<'facebook' | 'instagram' | 'threads', LongLivedToken> = {
  facebook: {
    url: 'https://graph.facebook.com/{version}/oauth/access_token',
    params: {
      grant_type: 'fb_exchange_token',
      client_id: '{client_id}',
      client_secret,
      fb_exchange_token: access_token,
    },
  },
  instagram: {
    url: 'https://graph.instagram.com/access_token',
    params: { grant_type: 'ig_exchange_token', client_secret, access_token },
    refresh: {
      url: 'https://graph.instagram.com/refresh_access_token',
      params: { grant_type: 'ig_refresh_token', access_token },
    },
  },
  threads: {
    url: 'https://graph.threads.com/access_token',
    params: { grant_type: 'th_exchange_token', client_secret, access_token },
    refresh: {
      url: 'https://graph.threads.com/refresh_access_token',
      params: { grant_type: 'th_refresh_token', access_token },
    },
  },
};

/** Adds the option `longLived` to a preset. */
export function withLongLived<V extends string = never>(
  name: keyof typeof swaps,
  base: OAuth2Preset<V>,
): MetaPreset<V> {
  return ({ longLived, ...options } = {}) => {
    const swap = longLived === true ? { longLivedToken: swaps[name] } : {};
    return base({ ...swap, ...options } as PresetOptions<V>);
  };
}

const graph = { when: 'error.code', is: [190, 102], error: 'error.type', message: 'error.message' };

/** Error rules of Graph APIs, which do not follow RFC 6749. 190 and 102 mean an invalid token. */
export const graphErrors: readonly ErrorRule[] = [
  { endpoint: 'callback', when: 'error_reason', is: 'user_denied', code: 'access_denied' },
  { endpoint: 'callback', when: 'error_code', message: 'error_message' },
  { ...graph, endpoint: 'userinfo', code: 'invalid_token' },
  { ...graph, endpoint: 'resource', code: 'invalid_token' },
  { ...graph, endpoint: 'revocation', code: 'invalid_token' },
  { ...graph, endpoint: 'token', code: 'invalid_grant' },
  // An expired or used code.
  {
    ...graph,
    endpoint: 'token',
    when: 'error.error_subcode',
    is: [36007, 36009],
    code: 'invalid_grant',
  },
];

/**
 * Signs every API request with the client secret (`appsecret_proof`), which applications may be
 * configured to require.
 */
export const appSecretProof: NonNullable<RegisterOptions['complianceFix']> = {
  protectedRequest: ({ url, headers }, client) => prove(url.searchParams, headers, client),
  revokeTokenRequest: ({ body, headers }, client) => prove(body, headers, client),
};

async function prove(
  params: URLSearchParams,
  headers: Headers,
  { clientSecret }: HookClient,
): Promise<void> {
  const token = /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1];
  const value = token ?? params.get('access_token');
  if (!clientSecret || !value) return;
  params.set('appsecret_proof', toHex(await hmac('SHA-256', clientSecret, value)));
}
