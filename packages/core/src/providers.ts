/**
 * Presets: the options that `register()` needs for a provider, by provider name. Each is a separate
 * module, so that a bundle contains only the imported ones.
 *
 * @module @oauth-registry/core/providers
 */
export * from './providers/living.js';
export * from './providers/retired.js';
export { isSignedByShopify } from './providers/hooks/shopify.js';
export { atprotoServers, type AtprotoNetwork } from './providers/atproto/hooks.js';
export { atprotoLoopbackClientId } from './providers/atproto/loopback.js';
export { byName, names } from './providers/by-name.js';
export type { OAuth1PresetName, OpenID2PresetName, PresetName } from './providers/by-name.js';
export type {
  OAuth1Preset,
  OAuth2Preset,
  OpenID2Preset,
  PresetOptions,
} from './providers/definition/preset.js';
