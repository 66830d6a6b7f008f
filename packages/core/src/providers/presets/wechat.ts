import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** WeChat on websites (OAuth 2). Users scan a QR code. */
export const wechat: OAuth2Preset = oauth2Preset({
  provider: 'wechat',
  displayName: 'WeChat',
  brandColor: '#07c160',
  authorizeUrl: 'https://open.weixin.qq.com/connect/qrconnect#wechat_redirect',
  accessTokenUrl: 'https://api.weixin.qq.com/sns/oauth2/access_token',
  refreshTokenUrl: 'https://api.weixin.qq.com/sns/oauth2/refresh_token',
  userinfoEndpoint: 'https://api.weixin.qq.com/sns/userinfo',
  apiBaseUrl: 'https://api.weixin.qq.com/',
  scope: 'snsapi_login',
  scopeSeparator: ',',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  paramNames: {
    client_id: 'appid',
    client_secret: 'secret',
  },
  tokenRequest: {
    method: 'GET',
    body: 'query',
  },
  tokenResponse: {
    tokenType: 'Bearer',
    scopeSeparator: ',',
  },
  tokenPlacement: 'uri',
  apiParams: {
    openid: '{token.openid}',
  },
  errors: [
    {
      when: 'errcode',
      is: [40029, 40163, 40030, 42002],
      code: 'invalid_grant',
      message: 'errmsg',
    },
    {
      endpoint: 'userinfo',
      when: 'errcode',
      is: [40001, 40014, 42001],
      code: 'invalid_token',
      message: 'errmsg',
    },
    {
      endpoint: 'resource',
      when: 'errcode',
      is: [40001, 40014, 42001],
      code: 'invalid_token',
    },
    {
      when: 'errcode',
      not: 0,
      message: 'errmsg',
    },
  ],
  profile: {
    sub: '$.unionid | $.openid',
    name: '$.nickname',
    nickname: '$.nickname',
    picture: '$.headimgurl',
  },
});
