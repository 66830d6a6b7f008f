import { flag, func, oneOf, url, type Check } from '../checks.js';
import type { RegisterOptions } from '../option-types.js';
import type { RequestRegisterOptions } from '../option-types/request.js';
import { privateKeyCheck, readPrivateKey } from '../private-key.js';
import { secretAlgorithms } from '../signature-algorithms.js';
import { clientKey } from './client-auth.js';
import { contentEncryption, keyManagement, signatureAlgorithm } from './openid.js';

/** The response modes there are. */
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
  requestObjectSigningAlg: signatureAlgorithm,
  publishRequestObject: func,
  authorizationSignedResponseAlg: signatureAlgorithm,
  authorizationEncryptedResponseAlg: keyManagement,
  authorizationEncryptedResponseEnc: contentEncryption,
  dpop: flag,
  dpopKey: privateKeyCheck,
};

/** What is wrong between the options of authorization requests, if anything. */
export function requestProblem(options: Readonly<RegisterOptions>): string | undefined {
  const { requestObjectSigningAlg: alg, clientSecret, dpop, dpopKey } = options;
  if (options.publishRequestObject && options.requirePushedAuthorizationRequests === true) {
    return '"publishRequestObject" and "requirePushedAuthorizationRequests" are two ways to do the same; remove one.';
  }
  if (dpop === false && dpopKey !== undefined) {
    return '"dpopKey" is there, but "dpop" is false; remove one of them.';
  }
  if (alg === undefined) return undefined;
  const key = clientKey(options);
  const own = key === undefined ? [] : readPrivateKey(key).algorithms;
  const shared = clientSecret !== undefined && clientSecret !== key;
  const fitting = [...own, ...(shared ? secretAlgorithms : [])];
  return fitting.includes(alg)
    ? undefined
    : `"requestObjectSigningAlg" ${alg} needs ${
        secretAlgorithms.includes(alg) ? 'a "clientSecret"' : 'a "privateKey" that can sign with it'
      }.`;
}
