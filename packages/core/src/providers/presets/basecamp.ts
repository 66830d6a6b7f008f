import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Basecamp and other products of 37signals (OAuth 2). */
export const basecamp: OAuth2Preset = oauth2Preset({
  provider: 'basecamp',
  displayName: 'Basecamp',
  brandColor: '#1d2d35',
  authorizeUrl: 'https://launchpad.37signals.com/authorization/new',
  accessTokenUrl: 'https://launchpad.37signals.com/authorization/token',
  userinfoEndpoint: 'https://launchpad.37signals.com/authorization.json',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  authorizeParams: {
    type: 'web_server',
  },
  accessTokenParams: {
    type: 'web_server',
  },
  refreshTokenParams: {
    type: 'refresh',
  },
  profile: {
    sub: '$.identity.id',
    name: 'concat:$.identity.first_name $.identity.last_name',
    given_name: '$.identity.first_name',
    family_name: '$.identity.last_name',
    email: '$.identity.email_address',
  },
});
