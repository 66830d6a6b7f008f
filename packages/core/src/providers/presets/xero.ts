import { standardClaims } from '../definition/claims.js';
import { xero as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Xero (OpenID Connect). A refresh token comes with `offline_access`, and rotates. Calls name a
 * tenant in `xero-tenant-id`.
 */
export const xero: OAuth2Preset = oauth2Preset({
  provider: 'xero',
  displayName: 'Xero',
  brandColor: '#13b5ea',
  mark,
  issuer: 'https://identity.xero.com',
  serverMetadataUrl: 'https://identity.xero.com/.well-known/openid-configuration',
  authorizeUrl: 'https://login.xero.com/identity/connect/authorize',
  accessTokenUrl: 'https://identity.xero.com/connect/token',
  userinfoEndpoint: 'https://identity.xero.com/connect/userinfo',
  apiBaseUrl: 'https://api.xero.com/',
  revocationEndpoint: 'https://identity.xero.com/connect/revocation',
  endSessionEndpoint: 'https://identity.xero.com/connect/endsession',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_basic',
  revocation: { only: 'refresh_token' },
  profile: {
    ...standardClaims,
    sub: '$.sub | id_token.xero_userid',
  },
});
