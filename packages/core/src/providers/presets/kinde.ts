import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Kinde (OpenID Connect). */
export const kinde: OAuth2Preset<'domain'> = oauth2Preset({
  provider: 'kinde',
  displayName: 'Kinde',
  brandColor: '#0f0f0f',
  urlVariables: {
    domain: {
      ask: 'Your Kinde domain',
      example: 'example.kinde.com',
    },
  },
  authorizeUrl: 'https://{domain}/oauth2/auth',
  accessTokenUrl: 'https://{domain}/oauth2/token',
  userinfoEndpoint: 'https://{domain}/oauth2/v2/user_profile',
  issuer: 'https://{domain}',
  serverMetadataUrl: 'https://{domain}/.well-known/openid-configuration',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: standardClaims,
});
