import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** DigitalOcean (OAuth 2). Refresh tokens are used once. */
export const digitalocean: OAuth2Preset = oauth2Preset({
  provider: 'digitalocean',
  displayName: 'DigitalOcean',
  brandColor: '#0080ff',
  authorizeUrl: 'https://cloud.digitalocean.com/v1/oauth/authorize',
  accessTokenUrl: 'https://cloud.digitalocean.com/v1/oauth/token',
  userinfoEndpoint: 'https://api.digitalocean.com/v2/account',
  revocationEndpoint: 'https://cloud.digitalocean.com/v1/oauth/revoke',
  apiBaseUrl: 'https://api.digitalocean.com/v2/',
  scope: 'read',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  revocation: {
    auth: 'bearer',
    only: 'access_token',
  },
  profile: {
    sub: '$.account.uuid',
    name: '$.account.name | token.info.name',
    email: '$.account.email',
    email_verified: 'bool:$.account.email_verified',
  },
});
