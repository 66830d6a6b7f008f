import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Vipps MobilePay (OpenID Connect). The id_token has only `sub`. */
export const vipps: OAuth2Preset = oauth2Preset({
  provider: 'vipps',
  displayName: 'Vipps MobilePay',
  brandColor: '#ff5b24',
  authorizeUrl: 'https://api.vipps.no/access-management-1.0/access/oauth2/auth',
  accessTokenUrl: 'https://api.vipps.no/access-management-1.0/access/oauth2/token',
  userinfoEndpoint: 'https://api.vipps.no/vipps-userinfo-api/userinfo',
  scope: 'openid name email',
  tokenEndpointAuthMethod: 'client_secret_basic',
  issuer: 'https://api.vipps.no/access-management-1.0/access/',
  serverMetadataUrl:
    'https://api.vipps.no/access-management-1.0/access/.well-known/openid-configuration',
  profile: standardClaims,
});
