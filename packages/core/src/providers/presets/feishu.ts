import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Feishu and Lark (OAuth 2). Refresh tokens are used once. */
export const feishu: OAuth2Preset<'domain'> = oauth2Preset({
  provider: 'feishu',
  displayName: 'Feishu',
  brandColor: '#3370ff',
  urlVariables: {
    domain: {
      default: 'feishu.cn',
    },
  },
  authorizeUrl: 'https://accounts.{domain}/open-apis/authen/v1/authorize',
  accessTokenUrl: 'https://open.{domain}/open-apis/authen/v2/oauth/token',
  userinfoEndpoint: 'https://open.{domain}/open-apis/authen/v1/user_info',
  apiBaseUrl: 'https://open.{domain}/open-apis/',
  tokenEndpointAuthMethod: 'client_secret_post',
  tokenRequest: {
    body: 'json',
  },
  errors: [
    {
      endpoint: 'token',
      when: 'code',
      is: [20003, 20004, 20026, 20037, 20064, 20065, 20073],
      code: 'invalid_grant',
      error: 'error',
      message: 'error_description',
    },
    {
      endpoint: 'token',
      when: 'code',
      is: [20002, 20048],
      code: 'invalid_client',
      error: 'error',
    },
    {
      endpoint: 'userinfo',
      when: 'code',
      not: 0,
      message: 'msg',
    },
  ],
  profile: {
    sub: '$.data.union_id | $.data.open_id',
    name: '$.data.name',
    nickname: '$.data.en_name',
    email: '$.data.email | $.data.enterprise_email',
    picture: '$.data.avatar_big | $.data.avatar_url',
    phone_number: '$.data.mobile',
  },
});
