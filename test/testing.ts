/**
 * For tests: the contracts every framework adapter and every token store pass, a provider that speaks every protocol and
 * misbehaves on demand, and a browser of plain HTTP. Needs Node.js, and no test runner.
 *
 * @module @oauth-registry/core/testing
 */
export * from './contract/adapter-contract.js';
export { sessionIndexContract, type SessionIndexCheck } from './contract/session-index-contract.js';
export { storeContract, type StoreCheck } from './contract/store-contract.js';
export * from './support/provider/index.js';
export { Browser, type FollowOptions, type Visit, type VisitOptions } from './support/browser.js';
export {
  CookieJar,
  type Cookie,
  type CookieContext,
  type RefusedCookie,
} from './support/cookie-jar.js';
