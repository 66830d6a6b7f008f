/**
 * The registry without a web framework, and what applications use besides it. The types of hooks,
 * stores, events and further options are in `@oauth-registry/core/types`.
 *
 * @module @oauth-registry/core
 */
export { OAuth } from './registry/oauth.js';
export { clientDocument } from './client/metadata-document.js';
export { checkReturnTo } from './client/redirect-uri.js';
export { fragmentPage } from './client/fragment-page.js';
export { OAuthError, isOAuthError } from './model/errors.js';
export { clientIdMetadata } from './protocols/oauth2/registration/metadata-document.js';
export { registerDynamically } from './protocols/oauth2/registration/register.js';
export { discoverIssuer } from './protocols/oauth2/dynamic/webfinger.js';
export {
  authorized,
  expirationDate,
  expireSoon,
  expiresIn,
  isExpired,
} from './platform/token-expiry.js';
export { deserializeToken, serializedClient, serializeToken } from './client/tokens/serialize.js';
export { stepUp } from './protocols/oauth2/api/step-up.js';
export { readBackchannelPing } from './protocols/oauth2/grants/ping.js';
export type { OAuthErrorCode } from './model/error-codes.js';
export type { RegisterOptions } from './options/register-options.js';
export type { OAuthOptions } from './options/registry-options.js';
export type { OAuth1Token, OAuth2Token, Token, UserInfo } from './model/types.js';
