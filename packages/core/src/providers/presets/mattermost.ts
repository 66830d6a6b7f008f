import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Mattermost (OAuth 2). Identifiers are those of a server. */
export const mattermost: OAuth2Preset<'host'> = oauth2Preset({
  provider: 'mattermost',
  displayName: 'Mattermost',
  brandColor: '#0058cc',
  urlVariables: {
    host: {
      ask: 'Your server',
      example: 'chat.example.com',
    },
  },
  authorizeUrl: 'https://{host}/oauth/authorize',
  accessTokenUrl: 'https://{host}/oauth/access_token',
  userinfoEndpoint: 'https://{host}/api/v4/users/me',
  apiBaseUrl: 'https://{host}/api/v4/',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.id',
    name: 'concat:$.first_name $.last_name | $.nickname | $.username',
    given_name: '$.first_name',
    family_name: '$.last_name',
    nickname: '$.nickname',
    preferred_username: '$.username',
    email: '$.email',
    email_verified: 'bool:$.email_verified',
    locale: '$.locale',
  },
});
