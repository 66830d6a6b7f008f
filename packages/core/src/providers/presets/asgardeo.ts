import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Asgardeo by WSO2 (OpenID Connect). The issuer is the URL of the token endpoint. */
export const asgardeo: OAuth2Preset<'organization'> = oauth2Preset({
  provider: 'asgardeo',
  displayName: 'Asgardeo',
  brandColor: '#ff7300',
  urlVariables: {
    organization: {
      ask: 'Your organization',
      example: 'example',
    },
  },
  issuer: 'https://api.asgardeo.io/t/{organization}/oauth2/token',
  serverMetadataUrl:
    'https://api.asgardeo.io/t/{organization}/oauth2/token/.well-known/openid-configuration',
  authorizeUrl: 'https://api.asgardeo.io/t/{organization}/oauth2/authorize',
  accessTokenUrl: 'https://api.asgardeo.io/t/{organization}/oauth2/token',
  userinfoEndpoint: 'https://api.asgardeo.io/t/{organization}/oauth2/userinfo',
  revocationEndpoint: 'https://api.asgardeo.io/t/{organization}/oauth2/revoke',
  introspectionEndpoint: 'https://api.asgardeo.io/t/{organization}/oauth2/introspect',
  endSessionEndpoint: 'https://api.asgardeo.io/t/{organization}/oidc/logout',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: standardClaims,
});
