import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Intercom (OAuth 2). Scopes are chosen at the application, and tokens do not expire. */
export const intercom: OAuth2Preset<'region' | 'api'> = oauth2Preset({
  provider: 'intercom',
  displayName: 'Intercom',
  brandColor: '#286efa',
  urlVariables: {
    region: {
      default: 'app.intercom.com',
    },
    api: {
      default: 'api.intercom.io',
    },
  },
  authorizeUrl: 'https://{region}/oauth',
  accessTokenUrl: 'https://{api}/auth/eagle/token',
  userinfoEndpoint: 'https://{api}/me',
  apiBaseUrl: 'https://{api}/',
  tokenEndpointAuthMethod: 'client_secret_post',
  headers: {
    api: {
      'intercom-version': '2.14',
    },
  },
  profile: {
    sub: '$.id',
    name: '$.name',
    email: '$.email',
    email_verified: 'bool:$.email_verified',
    picture: '$.avatar.image_url',
  },
});
