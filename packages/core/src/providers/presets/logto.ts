import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Logto (OpenID Connect). */
export const logto: OAuth2Preset<'domain'> = oauth2Preset({
  provider: 'logto',
  displayName: 'Logto',
  brandColor: '#5d34f2',
  urlVariables: {
    domain: {
      ask: 'Your Logto domain',
      example: 'example.logto.app',
    },
  },
  authorizeUrl: 'https://{domain}/oidc/auth',
  accessTokenUrl: 'https://{domain}/oidc/token',
  userinfoEndpoint: 'https://{domain}/oidc/me',
  revocationEndpoint: 'https://{domain}/oidc/token/revocation',
  introspectionEndpoint: 'https://{domain}/oidc/token/introspection',
  endSessionEndpoint: 'https://{domain}/oidc/session/end',
  profile: {
    ...standardClaims,
    name: '$.name | $.username',
    preferred_username: '$.username',
  },
  issuer: 'https://{domain}/oidc',
  serverMetadataUrl: 'https://{domain}/oidc/.well-known/openid-configuration',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_post',
});
