import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Cloudflare (OAuth 2). The profile is the user of the API. */
export const cloudflare: OAuth2Preset = oauth2Preset({
  provider: 'cloudflare',
  displayName: 'Cloudflare',
  brandColor: '#f38020',
  authorizeUrl: 'https://dash.cloudflare.com/oauth2/auth',
  accessTokenUrl: 'https://dash.cloudflare.com/oauth2/token',
  userinfoEndpoint: 'https://api.cloudflare.com/client/v4/user',
  revocationEndpoint: 'https://dash.cloudflare.com/oauth2/revoke',
  apiBaseUrl: 'https://api.cloudflare.com/client/v4/',
  scope: 'user-details.read',
  tokenEndpointAuthMethod: 'client_secret_basic',
  profile: {
    sub: '$.result.id',
    name: 'concat:$.result.first_name $.result.last_name',
    given_name: '$.result.first_name',
    family_name: '$.result.last_name',
    email: '$.result.email',
    phone_number: '$.result.telephone',
  },
});
