import { callback } from './contract/checks/callback.js';
import { cookies } from './contract/checks/cookies.js';
import { logins } from './contract/checks/logins.js';
import { idTokens } from './contract/checks/id-tokens.js';
import { oidf } from './contract/checks/oidf.js';
import { oidfFront } from './contract/checks/oidf-front.js';
import { oidfLogout } from './contract/checks/oidf-logout.js';
import { overlap } from './contract/checks/overlap.js';
import { request } from './contract/checks/request.js';
import { session } from './contract/checks/session.js';
import { state } from './contract/checks/state.js';
import { store } from './contract/checks/store.js';
import { unwanted } from './contract/checks/unwanted.js';
import type { ContractCheck } from './contract/types.js';

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
];

export { runCheck } from './contract/run.js';
export { oauth1Client, openidClient, plainClient, standardClients } from './contract/clients.js';
export type {
  ContractAdapter,
  ContractApp,
  ContractCheck,
  ContractConfig,
  ContractContext,
  Platform,
  StoreFault,
} from './contract/types.js';
