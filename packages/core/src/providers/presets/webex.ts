import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Webex (OAuth 2). */
export const webex: OAuth2Preset = oauth2Preset({
  provider: 'webex',
  displayName: 'Webex',
  brandColor: '#00bceb',
  authorizeUrl: 'https://webexapis.com/v1/authorize',
  accessTokenUrl: 'https://webexapis.com/v1/access_token',
  userinfoEndpoint: 'https://webexapis.com/v1/people/me',
  apiBaseUrl: 'https://webexapis.com/v1/',
  scope: 'spark:people_read spark:kms',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.id',
    name: '$.displayName',
    given_name: '$.firstName',
    family_name: '$.lastName',
    nickname: '$.nickName',
    email: '$.emails[0]',
    picture: '$.avatar',
    zoneinfo: '$.timezone',
  },
});
