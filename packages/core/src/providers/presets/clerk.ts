import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Clerk as an identity provider (OpenID Connect). */
export const clerk: OAuth2Preset<'domain'> = oauth2Preset({
  provider: 'clerk',
  displayName: 'Clerk',
  brandColor: '#6c47ff',
  urlVariables: {
    domain: {
      ask: 'Your Clerk domain',
      example: 'clerk.example.com',
    },
  },
  issuer: 'https://{domain}',
  serverMetadataUrl: 'https://{domain}/.well-known/openid-configuration',
  authorizeUrl: 'https://{domain}/oauth/authorize',
  accessTokenUrl: 'https://{domain}/oauth/token',
  userinfoEndpoint: 'https://{domain}/oauth/userinfo',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: standardClaims,
});
