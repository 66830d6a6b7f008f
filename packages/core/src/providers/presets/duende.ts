import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Duende IdentityServer (OpenID Connect). */
export const duende: OAuth2Preset<'host'> = oauth2Preset({
  provider: 'duende',
  displayName: 'Duende IdentityServer',
  brandColor: '#1e1e3f',
  urlVariables: {
    host: {
      ask: 'Your server',
      example: 'login.example.com',
    },
  },
  authorizeUrl: 'https://{host}/connect/authorize',
  accessTokenUrl: 'https://{host}/connect/token',
  userinfoEndpoint: 'https://{host}/connect/userinfo',
  revocationEndpoint: 'https://{host}/connect/revocation',
  endSessionEndpoint: 'https://{host}/connect/endsession',
  issuer: 'https://{host}',
  serverMetadataUrl: 'https://{host}/.well-known/openid-configuration',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: standardClaims,
});
