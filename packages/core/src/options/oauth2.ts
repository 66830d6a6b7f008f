import { func, must, oneOf, params, shape, url, type Check } from '../platform/validators.js';
import { isObject, isToken } from '../platform/encoding.js';
import type { ComplianceFix, OAuth2RegisterOptions } from './oauth2-types.js';
import { signedAs } from './openid.js';

const complianceFixes = shape<ComplianceFix>({
  accessTokenRequest: func,
  accessTokenResponse: func,
  refreshTokenRequest: func,
  refreshTokenResponse: func,
  revokeTokenRequest: func,
  introspectTokenRequest: func,
  protectedRequest: func,
});

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
