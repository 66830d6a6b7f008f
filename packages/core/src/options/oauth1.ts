import { oneOf, params, text, url, type Check } from '../checks.js';
import type { OAuth1RegisterOptions } from '../option-types/oauth1.js';

export const oauth1Checks: Record<keyof OAuth1RegisterOptions, Check> = {
  requestTokenUrl: url,
  requestTokenParams: params,
  signatureMethod: oneOf('HMAC-SHA1', 'HMAC-SHA256', 'HMAC-SHA512', 'PLAINTEXT'),
  signatureType: oneOf('HEADER', 'QUERY', 'BODY'),
  realm: text,
};
