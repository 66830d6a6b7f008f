import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Salesforce (OpenID Connect). The API is at the `instance_url` of the token. Sandboxes are at
 * `test.salesforce.com`: `host`.
 */
export const salesforce: OAuth2Preset<'host'> = oauth2Preset({
  provider: 'salesforce',
  displayName: 'Salesforce',
  brandColor: '#00a1e0',
  urlVariables: { host: { default: 'login.salesforce.com' } },
  issuer: 'https://{host}',
  serverMetadataUrl: 'https://{host}/.well-known/openid-configuration',
  authorizeUrl: 'https://{host}/services/oauth2/authorize',
  accessTokenUrl: 'https://{host}/services/oauth2/token',
  userinfoEndpoint: 'https://{host}/services/oauth2/userinfo',
  apiBaseUrl: '{token.instance_url}/',
  revocationEndpoint: 'https://{host}/services/oauth2/revoke',
  scope: 'openid email profile',
  tokenEndpointAuthMethod: 'client_secret_post',
  revocation: { auth: 'none' },
  profile: {
    ...standardClaims,
    sub: '$.sub | $.user_id',
    picture: '$.picture | $.photos.picture',
  },
});
