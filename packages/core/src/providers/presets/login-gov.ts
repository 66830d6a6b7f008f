import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Login.gov (OpenID Connect), for agencies of the United States. Clients authenticate with `private_key_jwt`. */
export const login_gov: OAuth2Preset = oauth2Preset({
  provider: 'login_gov',
  displayName: 'Login.gov',
  brandColor: '#112e51',
  issuer: 'https://secure.login.gov/',
  serverMetadataUrl: 'https://secure.login.gov/.well-known/openid-configuration',
  authorizeUrl: 'https://secure.login.gov/openid_connect/authorize',
  accessTokenUrl: 'https://secure.login.gov/api/openid_connect/token',
  userinfoEndpoint: 'https://secure.login.gov/api/openid_connect/userinfo',
  endSessionEndpoint: 'https://secure.login.gov/openid_connect/logout',
  scope: 'openid email',
  authorizeParams: {
    acr_values: 'urn:acr.login.gov:auth-only',
  },
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    ...standardClaims,
    birthdate: '$.birthdate',
    phone_number: '$.phone',
  },
});
