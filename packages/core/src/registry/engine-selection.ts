import { createHttp, type Http } from '../platform/http/http.js';
import { createOAuth1App } from '../protocols/oauth1/engine.js';
import { createOAuth2App, type OAuth2AppConfig } from '../protocols/oauth2/engine.js';
import { createResourceServer } from '../protocols/oauth2/dynamic/protected-resource.js';
import { createChosenServers } from '../protocols/oauth2/dynamic/chosen-server.js';
import { createOpenID2App } from '../protocols/openid2/engine.js';
import { oneEngine, type EngineSource } from '../protocols/engine-source.js';
import type { RegisterOptions } from '../options/register-options.js';
import { optionUrls } from '../options/read-register-options.js';
import { protocolOf } from '../options/protocols.js';
import type { RegistryOptions } from '../options/read-registry-options.js';
import { questionsOf } from '../options/server-choice.js';
import type { Events } from '../client/events/events.js';
import { notifyWarning } from '../client/tokens/notify.js';
import type { Engine, OAuth2Token, TokenWarning } from '../model/types.js';

/** The input for selecting and creating an engine. */
export interface EngineConfig {
  name: string;
  options: Readonly<RegisterOptions>;
  registry: Readonly<RegistryOptions>;
  /** The registry's HTTP client; a client may have its own. */
  http: Http;
  /**
   * Whether the options were loaded for a name from untrusted input, not written by the
   * application.
   */
  loaded: boolean;
  /** Notified of ignored parts of token responses. */
  events: Events;
}

/** Selects and creates the source of a client's engines. */
export function createEngineSource(config: EngineConfig): EngineSource {
  const { name, options, registry, http: shared, loaded, events } = config;
  const warn = (warning: TokenWarning): void => notifyWarning(events, name, warning);
  const { allowPrivateNetworks = registry.allowPrivateNetworks } = options;
  const open = ownHttp(options, registry) ?? shared;
  const http = loaded ? open.guarded() : open;
  for (const [option, url] of optionUrls(options)) http.checkGiven(url, `"${option}" of "${name}"`);
  const protocol = protocolOf(options);
  if (protocol === 'oauth1') {
    return oneEngine(createOAuth1App({ name, options, http, warn }) as Engine, options);
  }
  if (protocol === 'openid2') {
    return oneEngine(createOpenID2App({ name, options, http }) as Engine, options);
  }
  const { limits } = registry;
  const { metadataTtl, servers } = limits;
  return createOAuth2Source({
    name,
    options: { ...options, allowPrivateNetworks },
    http,
    metadataTtl,
    servers,
    limits,
    warn,
  }) as EngineSource;
}

/** Returns a client's own HTTP client; `undefined` if it has no options for one. */
function ownHttp(
  options: Readonly<RegisterOptions>,
  registry: Readonly<RegistryOptions>,
): Http | undefined {
  const names = ['fetch', 'timeout', 'userAgent', 'allowPrivateNetworks'] as const;
  const own = names.filter(
    (name) => options[name] !== undefined && options[name] !== registry[name],
  );
  if (own.length === 0) return undefined;
  return createHttp({
    ...registry,
    ...Object.fromEntries(own.map((name) => [name, options[name]])),
  });
}

/**
 * Selects the source by what the client knows: its provider, its protected resource, or a choice of
 * servers.
 */
function createOAuth2Source(config: OAuth2AppConfig): EngineSource<OAuth2Token> {
  const { options } = config;
  if (options.resource !== undefined) return createResourceServer(config);
  if (questionsOf(options).length > 0) return createChosenServers(config);
  return oneEngine(createOAuth2App(config), options);
}
