import { flag, func, url, type Check } from '../platform/validators.js';
import type { LogoutRegisterOptions } from './logout-types.js';

export const logoutChecks: Record<keyof LogoutRegisterOptions, Check> = {
  endSessionEndpoint: url,
  onBackchannelLogout: func,
  onFrontchannelLogout: func,
  frontchannelLogoutSessionRequired: flag,
};
