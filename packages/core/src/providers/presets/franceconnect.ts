import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** FranceConnect (OpenID Connect), for public services in France. The user info is a signed JWT. */
export const franceconnect: OAuth2Preset = oauth2Preset({
  provider: 'franceconnect',
  displayName: 'FranceConnect',
  brandColor: '#000091',
  issuer: 'https://oidc.franceconnect.gouv.fr/api/v2',
  serverMetadataUrl: 'https://oidc.franceconnect.gouv.fr/api/v2/.well-known/openid-configuration',
  authorizeUrl: 'https://oidc.franceconnect.gouv.fr/api/v2/authorize',
  accessTokenUrl: 'https://oidc.franceconnect.gouv.fr/api/v2/token',
  userinfoEndpoint: 'https://oidc.franceconnect.gouv.fr/api/v2/userinfo',
  endSessionEndpoint: 'https://oidc.franceconnect.gouv.fr/api/v2/session/end',
  scope: 'openid given_name family_name email birthdate',
  authorizeParams: {
    acr_values: 'eidas1',
  },
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    ...standardClaims,
    name: 'concat:$.given_name $.family_name',
  },
});
