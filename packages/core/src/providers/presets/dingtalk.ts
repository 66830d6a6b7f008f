import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** DingTalk (OAuth 2). The email and the phone number need a permission of the application. */
export const dingtalk: OAuth2Preset = oauth2Preset({
  provider: 'dingtalk',
  displayName: 'DingTalk',
  brandColor: '#007fff',
  authorizeUrl: 'https://login.dingtalk.com/oauth2/auth',
  accessTokenUrl: 'https://api.dingtalk.com/v1.0/oauth2/userAccessToken',
  userinfoEndpoint: 'https://api.dingtalk.com/v1.0/contact/users/me',
  apiBaseUrl: 'https://api.dingtalk.com/v1.0/',
  scope: 'openid',
  idToken: 'ignore',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  authorizeParams: { prompt: 'consent' },
  tokenRequest: {
    body: 'json',
    paramNames: {
      client_id: 'clientId',
      client_secret: 'clientSecret',
      grant_type: 'grantType',
      refresh_token: 'refreshToken',
    },
  },
  tokenResponse: {
    rename: {
      accessToken: 'access_token',
      refreshToken: 'refresh_token',
      expireIn: 'expires_in',
    },
  },
  tokenPlacement: { header: 'x-acs-dingtalk-access-token' },
  errors: [{ when: 'requestid', error: 'code', message: 'message' }],
  profile: {
    sub: '$.unionId | $.openId',
    name: '$.nick',
    nickname: '$.nick',
    email: '$.email',
    picture: '$.avatarUrl',
    phone_number: '$.mobile',
  },
});
