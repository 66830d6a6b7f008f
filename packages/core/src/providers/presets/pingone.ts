import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** PingOne (OpenID Connect). */
export const pingone: OAuth2Preset<'host' | 'environmentId'> = oauth2Preset({
  provider: 'pingone',
  displayName: 'PingOne',
  brandColor: '#b3282d',
  urlVariables: {
    host: {
      default: 'auth.pingone.com',
    },
    environmentId: {
      ask: 'Your environment ID',
    },
  },
  authorizeUrl: 'https://{host}/{environmentId}/as/authorize',
  accessTokenUrl: 'https://{host}/{environmentId}/as/token',
  userinfoEndpoint: 'https://{host}/{environmentId}/as/userinfo',
  revocationEndpoint: 'https://{host}/{environmentId}/as/revoke',
  introspectionEndpoint: 'https://{host}/{environmentId}/as/introspect',
  endSessionEndpoint: 'https://{host}/{environmentId}/as/signoff',
  issuer: 'https://{host}/{environmentId}/as',
  serverMetadataUrl: 'https://{host}/{environmentId}/as/.well-known/openid-configuration',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: standardClaims,
});
