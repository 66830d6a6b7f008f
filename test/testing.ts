/**
 * For tests: the contracts every framework adapter and every token store pass, a provider that speaks every protocol and
 * misbehaves on demand, mocked logins for the tests of applications, and a browser of plain HTTP. Needs Node.js, and no
 * test runner.
 *
 * @module @oauth-registry/core/testing
 */
export * from './contract/adapter-contract.js';
export { sessionIndexContract, type SessionIndexCheck } from './contract/session-index-contract.js';
export { storeContract, type StoreCheck } from './contract/store-contract.js';
export { tokenHookDrills, type HookDrill, type TokenHooks } from './contract/token-hooks.js';
export * from './support/provider/index.js';
export { Browser, type FollowOptions, type Visit, type VisitOptions } from './support/browser.js';
export {
  CookieJar,
  type Cookie,
  type CookieContext,
  type RefusedCookie,
} from './support/cookie-jar.js';
export {
  mockLogins,
  type ClientNames,
  type MockedClaims,
  type MockedError,
  type MockedLogin,
  type MockedLogins,
  type MockedRegistry,
  type MockOptions,
} from './support/mock-logins/mock-logins.js';
export type { MockedApi, MockedApiResponse } from './support/mock-logins/api.js';
export { developer, type DeveloperOptions } from './support/mock-logins/developer.js';
