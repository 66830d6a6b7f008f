import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Ory Hydra (OpenID Connect). A refresh token comes with scope `offline`. */
export const hydra: OAuth2Preset<'host'> = oauth2Preset({
  provider: 'hydra',
  displayName: 'Ory Hydra',
  brandColor: '#4f46e5',
  urlVariables: { host: {} },
  issuer: 'https://{host}',
  serverMetadataUrl: 'https://{host}/.well-known/openid-configuration',
  authorizeUrl: 'https://{host}/oauth2/auth',
  accessTokenUrl: 'https://{host}/oauth2/token',
  userinfoEndpoint: 'https://{host}/userinfo',
  revocationEndpoint: 'https://{host}/oauth2/revoke',
  endSessionEndpoint: 'https://{host}/oauth2/sessions/logout',
  scope: 'openid offline',
  tokenEndpointAuthMethod: 'client_secret_basic',
  profile: standardClaims,
});
