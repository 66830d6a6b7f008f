import { callback } from './checks/callback.js';
import { cookies } from './checks/cookies.js';
import { logins } from './checks/logins.js';
import { idTokens } from './checks/id-tokens.js';
import { oidf } from './checks/oidf.js';
import { oidfFront } from './checks/oidf-front.js';
import { oidfLogout } from './checks/oidf-logout.js';
import { overlap } from './checks/overlap.js';
import { request } from './checks/request.js';
import { routes } from './checks/routes.js';
import { session } from './checks/session.js';
import { state } from './checks/state.js';
import { store } from './checks/store.js';
import { unwanted } from './checks/unwanted.js';
import type { ContractCheck } from './types.js';

/**
 * What every framework adapter must do: one list for all of them. Write a {@link ContractAdapter} that
 * starts applications of your framework, and run each check with any test runner:
 *
 * @example
 * ```ts
 * for (const check of adapterContract) {
 *   test(`${check.title} (${check.clause})`, () => runCheck(check, adapter));
 * }
 * ```
 */
export const adapterContract: readonly ContractCheck[] = [
  ...logins,
  ...oidf,
  ...oidfFront,
  ...oidfLogout,
  ...idTokens,
  ...request,
  ...callback,
  ...state,
  ...unwanted,
  ...overlap,
  ...session,
  ...store,
  ...cookies,
  ...routes,
];

export { runCheck } from './run.js';
export { oauth1Client, openidClient, plainClient, standardClients } from './clients.js';
export type {
  ContractAdapter,
  ContractApp,
  ContractCheck,
  ContractConfig,
  ContractContext,
  Platform,
  StoreFault,
} from './types.js';
