import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Microsoft Entra External ID (OpenID Connect), for customers. The issuer has the tenant ID in its host. */
export const entra_external_id: OAuth2Preset<'tenantId'> = oauth2Preset({
  provider: 'entra_external_id',
  displayName: 'Microsoft Entra External ID',
  brandColor: '#0078d4',
  urlVariables: {
    tenantId: {
      ask: 'Your tenant ID',
      example: 'example',
    },
  },
  authorizeUrl: 'https://{tenantId}.ciamlogin.com/{tenantId}/oauth2/v2.0/authorize',
  accessTokenUrl: 'https://{tenantId}.ciamlogin.com/{tenantId}/oauth2/v2.0/token',
  userinfoEndpoint: 'https://graph.microsoft.com/oidc/userinfo',
  deviceAuthorizationEndpoint: 'https://{tenantId}.ciamlogin.com/{tenantId}/oauth2/v2.0/devicecode',
  endSessionEndpoint: 'https://{tenantId}.ciamlogin.com/{tenantId}/oauth2/v2.0/logout',
  scope: 'openid profile email offline_access',
  issuer: 'https://{tenantId}.ciamlogin.com/{tenantId}/v2.0',
  serverMetadataUrl:
    'https://{tenantId}.ciamlogin.com/{tenantId}/v2.0/.well-known/openid-configuration',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: standardClaims,
});
