import { standardClaims } from '../definition/claims.js';
import { keycloak as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Keycloak (OpenID Connect). Before version 17 the host was followed by `/auth`: give it with
 * `host`.
 */
export const keycloak: OAuth2Preset<'host' | 'realm'> = oauth2Preset({
  provider: 'keycloak',
  displayName: 'Keycloak',
  brandColor: '#4d4d4d',
  mark,
  urlVariables: {
    host: {
      ask: 'Your server',
      example: 'login.example.com',
      pattern: '[A-Za-z0-9_.-]+(:\\d+)?(/[A-Za-z0-9_-]+)*',
    },
    realm: { ask: 'Your realm', default: 'master' },
  },
  issuer: 'https://{host}/realms/{realm}',
  serverMetadataUrl: 'https://{host}/realms/{realm}/.well-known/openid-configuration',
  authorizeUrl: 'https://{host}/realms/{realm}/protocol/openid-connect/auth',
  accessTokenUrl: 'https://{host}/realms/{realm}/protocol/openid-connect/token',
  userinfoEndpoint: 'https://{host}/realms/{realm}/protocol/openid-connect/userinfo',
  revocationEndpoint: 'https://{host}/realms/{realm}/protocol/openid-connect/revoke',
  endSessionEndpoint: 'https://{host}/realms/{realm}/protocol/openid-connect/logout',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_basic',
  profile: standardClaims,
});
