import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** OneLogin (OpenID Connect). */
export const onelogin: OAuth2Preset<'domain'> = oauth2Preset({
  provider: 'onelogin',
  displayName: 'OneLogin',
  brandColor: '#1c1f2a',
  urlVariables: {
    domain: {
      ask: 'Your OneLogin domain',
      example: 'example.onelogin.com',
    },
  },
  authorizeUrl: 'https://{domain}/oidc/2/auth',
  accessTokenUrl: 'https://{domain}/oidc/2/token',
  userinfoEndpoint: 'https://{domain}/oidc/2/me',
  revocationEndpoint: 'https://{domain}/oidc/2/token/revocation',
  introspectionEndpoint: 'https://{domain}/oidc/2/token/introspection',
  endSessionEndpoint: 'https://{domain}/oidc/2/logout',
  issuer: 'https://{domain}/oidc/2',
  serverMetadataUrl: 'https://{domain}/oidc/2/.well-known/openid-configuration',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: standardClaims,
});
