import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** BankID in Norway (OpenID Connect). */
export const bankid_no: OAuth2Preset = oauth2Preset({
  provider: 'bankid_no',
  displayName: 'BankID',
  brandColor: '#39134c',
  issuer: 'https://auth.bankid.no/auth/realms/prod',
  serverMetadataUrl: 'https://auth.bankid.no/auth/realms/prod/.well-known/openid-configuration',
  authorizeUrl: 'https://auth.bankid.no/auth/realms/prod/protocol/openid-connect/auth',
  accessTokenUrl: 'https://auth.bankid.no/auth/realms/prod/protocol/openid-connect/token',
  userinfoEndpoint: 'https://auth.bankid.no/auth/realms/prod/protocol/openid-connect/userinfo',
  endSessionEndpoint: 'https://auth.bankid.no/auth/realms/prod/protocol/openid-connect/logout',
  scope: 'openid profile',
  tokenEndpointAuthMethod: 'client_secret_post',
  authorizeParams: {
    login_hint: 'BID',
  },
  profile: standardClaims,
});
