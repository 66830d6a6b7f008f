import { claims, count, jwks, oneOf, text, url, type Check } from '../checks.js';
import type { OpenIdRegisterOptions } from '../option-types/openid.js';

export const openidChecks: Record<keyof OpenIdRegisterOptions, Check> = {
  issuer: url,
  jwksUri: url,
  endSessionEndpoint: url,
  responseType: oneOf(
    'code',
    'id_token',
    'code id_token',
    'id_token token',
    'code token',
    'code id_token token',
  ),
  jwks,
  idTokenSignedResponseAlg: text,
  leeway: count,
  claimsOptions: claims,
};
