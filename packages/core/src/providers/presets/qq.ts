import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** QQ (OAuth 2). There is no email. */
export const qq: OAuth2Preset = oauth2Preset({
  provider: 'qq',
  displayName: 'QQ',
  brandColor: '#12b7f5',
  authorizeUrl: 'https://graph.qq.com/oauth2.0/authorize',
  accessTokenUrl: 'https://graph.qq.com/oauth2.0/token',
  userinfoEndpoint: 'https://graph.qq.com/oauth2.0/me',
  apiBaseUrl: 'https://graph.qq.com/',
  scope: 'get_user_info',
  scopeSeparator: ',',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  tokenRequest: {
    method: 'GET',
    body: 'query',
  },
  accessTokenParams: {
    fmt: 'json',
  },
  refreshTokenParams: {
    fmt: 'json',
  },
  tokenPlacement: 'uri',
  tokenResponse: {
    tokenType: 'Bearer',
  },
  apiParams: {
    fmt: 'json',
  },
  userinfo: {
    params: {
      unionid: '1',
    },
    extra: {
      user: {
        url: 'user/get_user_info',
        params: {
          oauth_consumer_key: '{client_id}',
          openid: '{openid}',
        },
      },
    },
  },
  errors: [
    {
      endpoint: 'token',
      when: 'error',
      is: [100019, 100020, 100013, 100014],
      code: 'invalid_grant',
      message: 'error_description',
    },
    {
      endpoint: 'userinfo',
      when: 'error',
      not: 0,
      message: 'error_description',
    },
  ],
  profile: {
    sub: '$.unionid | $.openid',
    name: 'user.nickname',
    nickname: 'user.nickname',
    picture: 'user.figureurl_qq_2 | user.figureurl_qq_1 | user.figureurl_qq',
    gender: 'user.gender',
  },
});
