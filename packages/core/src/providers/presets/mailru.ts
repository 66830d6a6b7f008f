import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Mail.ru (OAuth 2). */
export const mailru: OAuth2Preset = oauth2Preset({
  provider: 'mailru',
  displayName: 'Mail.ru',
  brandColor: '#005ff9',
  authorizeUrl: 'https://oauth.mail.ru/login',
  accessTokenUrl: 'https://oauth.mail.ru/token',
  userinfoEndpoint: 'https://oauth.mail.ru/userinfo',
  apiBaseUrl: 'https://oauth.mail.ru/',
  scope: 'userinfo',
  tokenEndpointAuthMethod: 'client_secret_basic',
  tokenPlacement: 'uri',
  tokenResponse: {
    tokenType: 'Bearer',
  },
  profile: {
    sub: '$.id',
    name: '$.name | concat:$.first_name $.last_name',
    given_name: '$.first_name',
    family_name: '$.last_name',
    nickname: '$.nickname',
    email: '$.email',
    picture: '$.image',
    gender: '$.gender',
    birthdate: '$.birthday',
    locale: '$.locale',
  },
});
