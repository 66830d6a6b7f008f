import { standardClaims } from './claims.js';
import { oauth2Preset, type OAuth2Preset } from './preset.js';

/**
 * Microsoft (OpenID Connect). Any tenant may log in with `common`: never take an email for proof
 * of who somebody is.
 */
export const microsoft: OAuth2Preset<'tenant'> = oauth2Preset({
  provider: 'microsoft',
  displayName: 'Microsoft',
  brandColor: '#00a4ef',
  urlVariables: { tenant: { default: 'common' } },
  serverMetadataUrl:
    'https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration',
  authorizeUrl: 'https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize',
  accessTokenUrl: 'https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token',
  userinfoEndpoint: 'https://graph.microsoft.com/oidc/userinfo',
  apiBaseUrl: 'https://graph.microsoft.com/v1.0/',
  endSessionEndpoint: 'https://login.microsoftonline.com/{tenant}/oauth2/v2.0/logout',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    ...standardClaims,
    sub: 'id_token.oid | $.sub',
    given_name: '$.given_name | $.givenname',
    family_name: '$.family_name | $.familyname',
    preferred_username: '$.preferred_username | id_token.preferred_username',
    email_verified: 'bool:id_token.xms_edov',
  },
});
