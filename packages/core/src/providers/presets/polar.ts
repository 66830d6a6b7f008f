import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Polar (OpenID Connect). `authorizeParams: { sub_type }` chooses between a user and an
 * organization.
 */
export const polar: OAuth2Preset = oauth2Preset({
  provider: 'polar',
  displayName: 'Polar',
  brandColor: '#0062ff',
  issuer: 'https://polar.sh',
  serverMetadataUrl: 'https://api.polar.sh/.well-known/openid-configuration',
  authorizeUrl: 'https://polar.sh/oauth2/authorize',
  accessTokenUrl: 'https://api.polar.sh/v1/oauth2/token',
  userinfoEndpoint: 'https://api.polar.sh/v1/oauth2/userinfo',
  apiBaseUrl: 'https://api.polar.sh/v1/',
  revocationEndpoint: 'https://api.polar.sh/v1/oauth2/revoke',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    ...standardClaims,
    sub: '$.sub | $.id',
    name: '$.name | $.public_name | $.username',
    preferred_username: '$.preferred_username | $.username',
    picture: '$.picture | $.avatar_url',
  },
});
