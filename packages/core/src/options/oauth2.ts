import { functions, must, oneOf, params, url, type Check } from '../checks.js';
import { isObject, isToken } from '../encoding.js';
import type { OAuth2RegisterOptions } from '../option-types/oauth2.js';
import { signedAs } from './openid.js';

const hooks = [
  'accessTokenRequest',
  'accessTokenResponse',
  'refreshTokenRequest',
  'refreshTokenResponse',
  'revokeTokenRequest',
  'introspectTokenRequest',
];

const complianceFixes = must(
  (v) =>
    functions(v) === undefined &&
    Object.keys(v as object).every((name) => [...hooks, 'protectedRequest'].includes(name)),
  `must be an object with functions named ${hooks.join(', ')} or protectedRequest`,
);

const named = ['header', 'scheme', 'uri', 'body'];
const tokenPlacement = must(
  (v) =>
    ['header', 'body', 'uri'].includes(v as string) ||
    (isObject(v) &&
      Object.entries(v).length === 1 &&
      Object.entries(v).every(
        ([place, name]) => named.includes(place) && typeof name === 'string' && isToken(name),
      )),
  'must be one of header, body, uri, or { header }, { scheme }, { uri } or { body } with a name',
);

export const oauth2Checks: Record<keyof OAuth2RegisterOptions, Check> = {
  refreshTokenUrl: url,
  refreshTokenParams: params,
  serverMetadataUrl: url,
  grantType: oneOf('authorization_code', 'client_credentials'),
  allowLegacyGrants: must(
    (v) => Array.isArray(v) && v.every((grant) => grant === 'password' || grant === 'implicit'),
    'must be a list of "password" and "implicit"',
  ),
  revocationEndpoint: url,
  introspectionEndpoint: url,
  introspectionSignedResponseAlg: signedAs('introspection_signed_response_alg'),
  deviceAuthorizationEndpoint: url,
  backchannelAuthenticationEndpoint: url,
  complianceFix: complianceFixes,
  codeChallengeMethod: oneOf('S256'),
  tokenPlacement,
};
