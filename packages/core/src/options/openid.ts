import { claims, count, jwks, text, url, type Check } from '../checks.js';
import type { OpenIdRegisterOptions } from '../option-types/openid.js';

export const openidChecks: Record<keyof OpenIdRegisterOptions, Check> = {
  issuer: url,
  jwksUri: url,
  endSessionEndpoint: url,
  jwks,
  idTokenSignedResponseAlg: text,
  leeway: count,
  claimsOptions: claims,
};
