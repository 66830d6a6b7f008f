/**
 * For `@oauth-registry/core/testing` and similar tools: replaces the providers of a registry by
 * another registry's clients. Not for applications.
 *
 * @module @oauth-registry/core/replace-providers
 */
export {
  replaceProviders,
  type ProviderReplacement,
  type ProviderReplacements,
  type ReplacedClient,
} from './registry/replaced-providers.js';
