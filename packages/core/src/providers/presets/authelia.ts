import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Authelia (OpenID Connect). */
export const authelia: OAuth2Preset<'host'> = oauth2Preset({
  provider: 'authelia',
  displayName: 'Authelia',
  brandColor: '#113f67',
  urlVariables: {
    host: {
      ask: 'Your server',
      example: 'login.example.com',
    },
  },
  authorizeUrl: 'https://{host}/api/oidc/authorization',
  accessTokenUrl: 'https://{host}/api/oidc/token',
  userinfoEndpoint: 'https://{host}/api/oidc/userinfo',
  revocationEndpoint: 'https://{host}/api/oidc/revocation',
  introspectionEndpoint: 'https://{host}/api/oidc/introspection',
  tokenEndpointAuthMethod: 'client_secret_basic',
  issuer: 'https://{host}',
  serverMetadataUrl: 'https://{host}/.well-known/openid-configuration',
  scope: 'openid profile email',
  profile: standardClaims,
});
