import {
  flag,
  functions,
  must,
  oneOf,
  params,
  text,
  url,
  type Check,
} from '../platform/validators.js';
import { isObject } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import type { OAuth1RegisterOptions } from './oauth1-types.js';

export const oauth1Checks: Record<keyof OAuth1RegisterOptions, Check> = {
  requestTokenUrl: url,
  requestTokenMethod: oneOf('GET', 'POST'),
  requestTokenParams: params,
  accessTokenMethod: oneOf('GET', 'POST'),
  allowUnconfirmedCallback: flag,
  allowMissingVerifier: flag,
  signatureMethod: text,
  signatureMethods: functions,
  signatureType: oneOf('HEADER', 'QUERY', 'BODY'),
  rsaKey: must(
    (v) => (typeof v === 'string' && v !== '') || isObject(v),
    'must be a private RSA key as PEM text, JWK or CryptoKey',
  ),
  realm: text,
  forceIncludeBody: flag,
  oauthVersion: flag,
};

const secretMethods = ['HMAC-SHA1', 'HMAC-SHA256', 'HMAC-SHA512', 'PLAINTEXT'];
const methods = [...secretMethods, 'RSA-SHA1', 'RSA-SHA256', 'RSA-SHA512'];

/** Throws unless the signature method is built in or defined in `signatureMethods`. */
export function checkSignatureMethod(options: OAuth1RegisterOptions, where: string): void {
  const { signatureMethod = 'HMAC-SHA1', signatureMethods = {} } = options;
  if ([...methods, ...Object.keys(signatureMethods)].includes(signatureMethod)) return;
  throw new OAuthError(
    'invalid_options',
    `${where}: "signatureMethod" must be one of ${methods.join(', ')}, or a name in "signatureMethods".`,
  );
}

/** Returns whether requests are signed with the client secret: not with RSA or a custom method. */
export function signsWithSecret(options: OAuth1RegisterOptions): boolean {
  const { signatureMethod = 'HMAC-SHA1', signatureMethods = {} } = options;
  return (
    secretMethods.includes(signatureMethod) && !Object.hasOwn(signatureMethods, signatureMethod)
  );
}
