import { vkid as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** VK ID (OAuth 2). The callback names a device, which belongs into every request for tokens. */
export const vkid: OAuth2Preset = oauth2Preset({
  provider: 'vkid',
  displayName: 'VK ID',
  brandColor: '#0077ff',
  mark,
  authorizeUrl: 'https://id.vk.ru/authorize',
  accessTokenUrl: 'https://id.vk.ru/oauth2/auth',
  userinfoEndpoint: 'https://id.vk.ru/oauth2/user_info',
  apiBaseUrl: 'https://id.vk.ru/oauth2/',
  revocationEndpoint: 'https://id.vk.ru/oauth2/revoke',
  scope: 'email',
  tokenEndpointAuthMethod: 'none',
  callbackParams: ['device_id'],
  accessTokenParams: { device_id: '{callback.device_id}', state: '{state}' },
  refreshTokenParams: { device_id: '{token.device_id}', state: '{token.state}' },
  idToken: 'ignore',
  userinfo: { form: { client_id: '{client_id}', access_token: '{token.access_token}' } },
  revocation: {
    auth: 'none',
    token: 'access_token',
    only: 'access_token',
    params: { client_id: '{client_id}' },
  },
  profile: {
    sub: '$.user.user_id',
    name: 'concat:$.user.first_name $.user.last_name',
    given_name: '$.user.first_name',
    family_name: '$.user.last_name',
    email: '$.user.email',
    picture: '$.user.avatar',
    profile: 'template:https://vk.com/id{user.user_id}',
  },
});
