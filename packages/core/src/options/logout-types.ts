import type { OnLogout } from '../model/logout.js';

/** Options of `register()` about logging out at the provider. */
export interface LogoutRegisterOptions {
  /** Where people are logged out (RP-Initiated Logout 1.0); from the metadata unless given. */
  endSessionEndpoint?: string | undefined;
  /** Ends the sessions a back-channel logout names; see `backchannelLogout`. */
  onBackchannelLogout?: OnLogout | undefined;
  /** Ends the session a front-channel logout names; see `frontchannelLogout`. */
  onFrontchannelLogout?: OnLogout | undefined;
  /**
   * Whether a front-channel logout must name the issuer and the session (`iss` and `sid`). Default `true`:
   * register the client with `frontchannel_logout_session_required`. With `false`, a request that names
   * neither ends the session of its browser, so any site can have its visitors logged out.
   */
  frontchannelLogoutSessionRequired?: boolean | undefined;
}
