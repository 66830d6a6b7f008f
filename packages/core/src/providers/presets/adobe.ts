import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Adobe (OpenID Connect). */
export const adobe: OAuth2Preset = oauth2Preset({
  provider: 'adobe',
  displayName: 'Adobe',
  brandColor: '#ff0000',
  authorizeUrl: 'https://ims-na1.adobelogin.com/ims/authorize/v2',
  accessTokenUrl: 'https://ims-na1.adobelogin.com/ims/token/v3',
  userinfoEndpoint: 'https://ims-na1.adobelogin.com/ims/userinfo/v2',
  revocationEndpoint: 'https://ims-na1.adobelogin.com/ims/revoke',
  scopeSeparator: ',',
  issuer: 'https://ims-na1.adobelogin.com',
  serverMetadataUrl: 'https://ims-na1.adobelogin.com/.well-known/openid-configuration',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: standardClaims,
});
