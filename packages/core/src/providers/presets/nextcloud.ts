import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Nextcloud (OAuth 2). Identifiers are those of a server. */
export const nextcloud: OAuth2Preset<'host'> = oauth2Preset({
  provider: 'nextcloud',
  displayName: 'Nextcloud',
  brandColor: '#0082c9',
  urlVariables: {
    host: {
      ask: 'Your server',
      example: 'cloud.example.com',
      pattern: '[A-Za-z0-9_.-]+(:\\d+)?(/[A-Za-z0-9_.-]+)*',
    },
  },
  authorizeUrl: 'https://{host}/apps/oauth2/authorize',
  accessTokenUrl: 'https://{host}/apps/oauth2/api/v1/token',
  userinfoEndpoint: 'https://{host}/ocs/v2.php/cloud/user',
  apiBaseUrl: 'https://{host}/',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  headers: {
    api: {
      'ocs-apirequest': 'true',
    },
  },
  userinfo: {
    params: {
      format: 'json',
    },
  },
  profile: {
    sub: '$.ocs.data.id',
    name: '$.ocs.data.display-name | $.ocs.data.displayname | $.ocs.data.id',
    preferred_username: '$.ocs.data.id',
    email: '$.ocs.data.email',
    locale: '$.ocs.data.locale',
    phone_number: '$.ocs.data.phone',
    website: '$.ocs.data.website',
  },
});
