import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Amazon Cognito (OpenID Connect). The issuer is the user pool; the endpoints are at the domain of
 * the hosted pages.
 */
export const cognito: OAuth2Preset<'region' | 'userPoolId' | 'domain'> = oauth2Preset({
  provider: 'cognito',
  displayName: 'Amazon Cognito',
  brandColor: '#ff9900',
  urlVariables: { region: {}, userPoolId: {}, domain: {} },
  issuer: 'https://cognito-idp.{region}.amazonaws.com/{userPoolId}',
  serverMetadataUrl:
    'https://cognito-idp.{region}.amazonaws.com/{userPoolId}/.well-known/openid-configuration',
  authorizeUrl: 'https://{domain}/oauth2/authorize',
  accessTokenUrl: 'https://{domain}/oauth2/token',
  userinfoEndpoint: 'https://{domain}/oauth2/userInfo',
  revocationEndpoint: 'https://{domain}/oauth2/revoke',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_basic',
  scopeEncoding: '%20',
  profile: {
    ...standardClaims,
    preferred_username: '$.preferred_username | $.username | $["cognito:username"]',
    email_verified: 'bool:$.email_verified',
  },
});
