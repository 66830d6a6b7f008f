import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Zalo (OAuth 2). Refresh tokens are used once. There is no email. */
export const zalo: OAuth2Preset = oauth2Preset({
  provider: 'zalo',
  displayName: 'Zalo',
  brandColor: '#0068ff',
  authorizeUrl: 'https://oauth.zaloapp.com/v4/permission',
  accessTokenUrl: 'https://oauth.zaloapp.com/v4/access_token',
  userinfoEndpoint: 'https://graph.zalo.me/v2.0/me',
  apiBaseUrl: 'https://graph.zalo.me/v2.0/',
  tokenEndpointAuthMethod: 'none',
  paramNames: {
    client_id: 'app_id',
  },
  headers: {
    token: {
      secret_key: '{client_secret}',
    },
  },
  tokenPlacement: {
    header: 'access_token',
  },
  tokenResponse: {
    tokenType: 'Bearer',
  },
  userinfo: {
    params: {
      fields: 'id,name,picture',
    },
  },
  errors: [
    {
      endpoint: 'token',
      when: 'error',
      is: [-14003, -14014, -14019],
      code: 'invalid_grant',
      message: 'error_description',
    },
    {
      endpoint: 'token',
      when: 'error',
      not: 0,
      message: 'error_description',
    },
    {
      endpoint: 'userinfo',
      when: 'error',
      not: 0,
      message: 'message',
    },
  ],
  profile: {
    sub: '$.id',
    name: '$.name',
    picture: '$.picture.data.url',
  },
});
