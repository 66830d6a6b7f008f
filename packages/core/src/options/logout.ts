import { flag, func, url, type Check } from '../platform/validators.js';
import type { OnLogout } from '../model/logout.js';

/** Options of `register()` for logout at the provider. */
export interface LogoutRegisterOptions {
  /** End session endpoint (RP-Initiated Logout 1.0). Default: from the metadata. */
  endSessionEndpoint?: string | undefined;
  /** Ends the sessions that a back-channel logout request names; see `backchannelLogout`. */
  onBackchannelLogout?: OnLogout | undefined;
  /** Ends the session that a front-channel logout request names; see `frontchannelLogout`. */
  onFrontchannelLogout?: OnLogout | undefined;
  /**
   * Whether a front-channel logout request must contain `iss` and `sid`. Default: `true`; register
   * the client with `frontchannel_logout_session_required`. With `false`, a request without them
   * ends the session of its browser, so any site can log out its visitors.
   */
  frontchannelLogoutSessionRequired?: boolean | undefined;
}

export const logoutChecks: Record<keyof LogoutRegisterOptions, Check> = {
  endSessionEndpoint: url,
  onBackchannelLogout: func,
  onFrontchannelLogout: func,
  frontchannelLogoutSessionRequired: flag,
};
