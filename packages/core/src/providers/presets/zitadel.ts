import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * ZITADEL (OpenID Connect). Public clients have no secret: leave it out, with
 * `tokenEndpointAuthMethod` `none`.
 */
export const zitadel: OAuth2Preset<'domain'> = oauth2Preset({
  provider: 'zitadel',
  displayName: 'ZITADEL',
  brandColor: '#2b2f3a',
  urlVariables: { domain: {} },
  issuer: 'https://{domain}',
  serverMetadataUrl: 'https://{domain}/.well-known/openid-configuration',
  authorizeUrl: 'https://{domain}/oauth/v2/authorize',
  accessTokenUrl: 'https://{domain}/oauth/v2/token',
  userinfoEndpoint: 'https://{domain}/oidc/v1/userinfo',
  apiBaseUrl: 'https://{domain}/',
  revocationEndpoint: 'https://{domain}/oauth/v2/revoke',
  endSessionEndpoint: 'https://{domain}/oidc/v1/end_session',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_basic',
  profile: standardClaims,
});
