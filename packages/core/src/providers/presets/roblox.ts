import { standardClaims } from '../definition/claims.js';
import { roblox as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Roblox (OpenID Connect). There is no email. Refresh tokens rotate. */
export const roblox: OAuth2Preset = oauth2Preset({
  provider: 'roblox',
  displayName: 'Roblox',
  brandColor: '#000000',
  mark,
  issuer: 'https://apis.roblox.com/oauth/',
  serverMetadataUrl: 'https://apis.roblox.com/oauth/.well-known/openid-configuration',
  authorizeUrl: 'https://apis.roblox.com/oauth/v1/authorize',
  accessTokenUrl: 'https://apis.roblox.com/oauth/v1/token',
  userinfoEndpoint: 'https://apis.roblox.com/oauth/v1/userinfo',
  apiBaseUrl: 'https://apis.roblox.com/',
  revocationEndpoint: 'https://apis.roblox.com/oauth/v1/token/revoke',
  scope: 'openid profile',
  tokenEndpointAuthMethod: 'client_secret_post',
  revocation: { only: 'refresh_token' },
  profile: standardClaims,
});
