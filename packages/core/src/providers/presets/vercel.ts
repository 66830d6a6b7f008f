import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Sign in with Vercel (OpenID Connect). */
export const vercel: OAuth2Preset = oauth2Preset({
  provider: 'vercel',
  displayName: 'Vercel',
  brandColor: '#000000',
  issuer: 'https://vercel.com',
  serverMetadataUrl: 'https://vercel.com/.well-known/openid-configuration',
  authorizeUrl: 'https://vercel.com/oauth/authorize',
  accessTokenUrl: 'https://api.vercel.com/login/oauth/token',
  userinfoEndpoint: 'https://api.vercel.com/login/oauth/userinfo',
  revocationEndpoint: 'https://api.vercel.com/login/oauth/token/revoke',
  introspectionEndpoint: 'https://api.vercel.com/login/oauth/token/introspect',
  apiBaseUrl: 'https://api.vercel.com/',
  scope: 'openid email profile',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: standardClaims,
});
