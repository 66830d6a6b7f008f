import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Descope (OpenID Connect). The client ID is the project ID. */
export const descope: OAuth2Preset<'projectId'> = oauth2Preset({
  provider: 'descope',
  displayName: 'Descope',
  brandColor: '#1b2430',
  urlVariables: {
    projectId: {
      ask: 'Your project ID',
    },
  },
  authorizeUrl: 'https://api.descope.com/oauth2/v1/authorize',
  accessTokenUrl: 'https://api.descope.com/oauth2/v1/token',
  userinfoEndpoint: 'https://api.descope.com/oauth2/v1/userinfo',
  issuer: 'https://api.descope.com/{projectId}',
  serverMetadataUrl: 'https://api.descope.com/{projectId}/.well-known/openid-configuration',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: standardClaims,
});
