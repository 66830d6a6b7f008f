import { flag, func, url, type Check } from '../platform/validators.js';
import type { OnLogout } from '../model/logout.js';

/** Options for logout at the provider. */
export interface LogoutOptions {
  /**
   * End session endpoint (OpenID Connect RP-Initiated Logout §2.1). Default: from the metadata.
   */
  endSessionEndpoint?: string | undefined;
  /**
   * Ends the sessions that a back-channel logout request names (OpenID Connect Back-Channel Logout
   * §2.5); see `logout.backchannelLogout()`.
   */
  onBackchannelLogout?: OnLogout | undefined;
  /**
   * Ends the session that a front-channel logout request names (OpenID Connect Front-Channel Logout
   * §2); see `logout.frontchannelLogout()`.
   */
  onFrontchannelLogout?: OnLogout | undefined;
  /**
   * Whether a front-channel logout request must contain `iss` and `sid`; register the client with
   * `frontchannel_logout_session_required` (OpenID Connect Front-Channel Logout §2). With `false`,
   * a request without them ends the session of its browser, so any site can log out its visitors.
   * Default: `true`.
   */
  frontchannelLogoutSessionRequired?: boolean | undefined;
}

export const logoutChecks: Record<keyof LogoutOptions, Check> = {
  endSessionEndpoint: url,
  onBackchannelLogout: func,
  onFrontchannelLogout: func,
  frontchannelLogoutSessionRequired: flag,
};
