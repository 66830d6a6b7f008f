import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Webflow (OAuth 2). Tokens do not expire. */
export const webflow: OAuth2Preset = oauth2Preset({
  provider: 'webflow',
  displayName: 'Webflow',
  brandColor: '#146ef5',
  authorizeUrl: 'https://webflow.com/oauth/authorize',
  accessTokenUrl: 'https://api.webflow.com/oauth/access_token',
  userinfoEndpoint: 'https://api.webflow.com/v2/token/authorized_by',
  revocationEndpoint: 'https://webflow.com/oauth/revoke_authorization',
  introspectionEndpoint: 'https://api.webflow.com/v2/token/introspect',
  apiBaseUrl: 'https://api.webflow.com/v2/',
  scope: 'authorized_user:read',
  tokenEndpointAuthMethod: 'client_secret_post',
  revocation: {
    token: 'access_token',
    only: 'access_token',
    body: 'json',
  },
  profile: {
    sub: '$.id',
    name: 'concat:$.firstName $.lastName',
    given_name: '$.firstName',
    family_name: '$.lastName',
    email: '$.email',
  },
});
