import { flag, func, oneOf, url, type Check } from '../platform/validators.js';
import type { RegisterOptions } from './register-options.js';
import type { RequestRegisterOptions } from './authorization-request-types.js';
import { privateKeyCheck, readPrivateKey } from './private-key.js';
import { secretAlgorithms } from '../platform/jws-algorithms.js';
import { clientKey } from './client-auth.js';
import { contentEncryption, keyManagement, signedAs } from './openid.js';

/** The supported response modes. */
export const responseModes: readonly string[] = [
  'query',
  'form_post',
  'fragment',
  'jwt',
  'query.jwt',
  'form_post.jwt',
  'fragment.jwt',
];

export const requestChecks: Record<keyof RequestRegisterOptions, Check> = {
  responseMode: oneOf(...responseModes),
  requirePushedAuthorizationRequests: flag,
  pushedAuthorizationRequestEndpoint: url,
  requestObjectSigningAlg: (value) =>
    value === 'none' ? undefined : signedAs('request_object_signing_alg')(value),
  backchannelAuthenticationRequestSigningAlg: signedAs(
    'backchannel_authentication_request_signing_alg',
  ),
  publishRequestObject: func,
  authorizationSignedResponseAlg: signedAs('authorization_signed_response_alg'),
  authorizationEncryptedResponseAlg: keyManagement,
  authorizationEncryptedResponseEnc: contentEncryption,
  dpop: flag,
  dpopKey: privateKeyCheck,
};

/** Returns what is inconsistent between the authorization request options, if anything. */
export function requestProblem(options: Readonly<RegisterOptions>): string | undefined {
  const { dpop, dpopKey } = options;
  if (options.publishRequestObject && options.requirePushedAuthorizationRequests === true) {
    return '"publishRequestObject" and "requirePushedAuthorizationRequests" exclude each other; remove one.';
  }
  if (dpop === false && dpopKey !== undefined) {
    return '"dpopKey" is set, but "dpop" is false; remove one of them.';
  }
  return requestObjectProblem(options) ?? backchannelProblem(options);
}

function requestObjectProblem(options: Readonly<RegisterOptions>): string | undefined {
  const { requestObjectSigningAlg: alg, clientSecret, publishRequestObject } = options;
  if (alg === undefined) return undefined;
  if (alg === 'none') {
    return publishRequestObject
      ? undefined
      : '"requestObjectSigningAlg" is none, but an unsigned request is allowed only if it is passed by ' +
          'reference with "publishRequestObject" (OpenID Connect Core §6.2). If a registration says none, ' +
          'register the client again with another "request_object_signing_alg".';
  }
  const key = clientKey(options);
  const shared = clientSecret !== undefined && clientSecret !== key;
  const fitting = [...ownAlgorithms(options), ...(shared ? secretAlgorithms : [])];
  return fitting.includes(alg)
    ? undefined
    : `"requestObjectSigningAlg" ${alg} needs ${
        secretAlgorithms.includes(alg) ? 'a "clientSecret"' : 'a "privateKey" that can sign with it'
      }.`;
}

/** The signature algorithm must be asymmetric (CIBA Core §7.1.1). */
function backchannelProblem(options: Readonly<RegisterOptions>): string | undefined {
  const { backchannelAuthenticationRequestSigningAlg: alg } = options;
  return alg === undefined || ownAlgorithms(options).includes(alg)
    ? undefined
    : `"backchannelAuthenticationRequestSigningAlg" ${alg} needs a "privateKey" that can sign with it ` +
        '(CIBA Core §7.1.1).';
}

function ownAlgorithms(options: Readonly<RegisterOptions>): readonly string[] {
  const key = clientKey(options);
  return key === undefined ? [] : readPrivateKey(key).algorithms;
}
