import { Events } from '../../packages/core/src/client/events/events.js';
import type { TokensConfig } from '../../packages/core/src/client/tokens/config.js';
import { TokenMemory } from '../../packages/core/src/client/tokens/token-cache.js';
import type { OAuth2Token, RevokedGrant, Token } from '../../packages/core/src/model/types.js';
import { defaultLimits } from '../../packages/core/src/options/limits.js';
import { readRegistryOptions } from '../../packages/core/src/options/read-registry-options.js';
import type { OAuthOptions } from '../../packages/core/src/options/registry-options.js';

/** A token of that name, with a refresh token, that expires in a number of seconds. */
export function tokenOf(name: string, seconds = 3600): OAuth2Token {
  const times = { expires_at: Math.floor(Date.now() / 1000) + seconds };
  return {
    access_token: `at-${name}`,
    refresh_token: `rt-${name}`,
    token_type: 'Bearer',
    ...times,
  };
}

/** The same token without a refresh token. */
export function bareToken(name: string, seconds?: number): OAuth2Token {
  const { refresh_token: _, ...token } = tokenOf(name, seconds);
  return token;
}

/** What a client of the test does, and what it reports. */
export interface TokensSetUp {
  /** Sends the refresh request of a token. Default: returns `tokenOf('new')`. */
  refresh?: (token: Token) => Promise<Token>;
  /** The options of the registry. Default: a hook `updateToken` that succeeds. */
  registry?: OAuthOptions;
  /** More members of the configuration. */
  more?: Partial<TokensConfig>;
}

/** The configuration of a client's tokens, whose refresh requests and reports are recorded. */
export function tokensConfig({ refresh, registry = {}, more = {} }: TokensSetUp = {}) {
  const sent: unknown[] = [];
  const updates: unknown[] = [];
  const ended: { token: Token; reason: RevokedGrant['reason'] }[] = [];
  const handle = (token: Token) => token['refresh_token'] as string | undefined;
  const renewal = {
    handle,
    refresh: async (token: Token) => {
      sent.push(handle(token));
      return await (refresh ?? (async () => tokenOf('new')))(token);
    },
  };
  const options: OAuthOptions = {
    updateToken: async (...given) => void updates.push(given),
    onGrantRevoked: async (_client, dead) => void ended.push(dead),
    ...registry,
  };
  const config: TokensConfig = {
    app: { name: 'corp', renewal, of: async () => ({ engine: { renewal } }) } as never,
    options: {},
    registry: readRegistryOptions(options),
    events: new Events(),
    memory: new TokenMemory(defaultLimits),
    ...more,
  };
  return { config, sent, updates, ended };
}
