import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** FusionAuth (OpenID Connect). The issuer of a tenant is set at FusionAuth, and is often not the host. */
export const fusionauth: OAuth2Preset<'host'> = oauth2Preset({
  provider: 'fusionauth',
  displayName: 'FusionAuth',
  brandColor: '#f58320',
  urlVariables: {
    host: {
      ask: 'Your server',
      example: 'login.example.com',
    },
  },
  authorizeUrl: 'https://{host}/oauth2/authorize',
  accessTokenUrl: 'https://{host}/oauth2/token',
  userinfoEndpoint: 'https://{host}/oauth2/userinfo',
  scope: 'openid profile email offline_access',
  issuer: 'https://{host}',
  serverMetadataUrl: 'https://{host}/.well-known/openid-configuration',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: standardClaims,
});
