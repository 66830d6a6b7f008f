import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Smartsheet (OAuth 2). */
export const smartsheet: OAuth2Preset<'host' | 'api'> = oauth2Preset({
  provider: 'smartsheet',
  displayName: 'Smartsheet',
  brandColor: '#0073ec',
  urlVariables: {
    host: {
      default: 'app.smartsheet.com',
    },
    api: {
      default: 'api.smartsheet.com',
    },
  },
  authorizeUrl: 'https://{host}/b/authorize',
  accessTokenUrl: 'https://{api}/2.0/token',
  userinfoEndpoint: 'https://{api}/2.0/users/me',
  apiBaseUrl: 'https://{api}/2.0/',
  scope: 'READ_SHEETS',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.id',
    name: 'concat:$.firstName $.lastName',
    given_name: '$.firstName',
    family_name: '$.lastName',
    email: '$.email',
    locale: '$.locale',
    zoneinfo: '$.timeZone',
  },
});
