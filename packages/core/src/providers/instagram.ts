import { instagram as mark } from './marks.js';
import { oauth2Preset, type OAuth2Preset } from './preset.js';

/**
 * Instagram (OAuth 2). For professional accounts. Tokens live an hour and cannot be refreshed;
 * `longLivedToken` swaps them.
 */
export const instagram: OAuth2Preset = oauth2Preset({
  provider: 'instagram',
  displayName: 'Instagram',
  brandColor: '#ff0069',
  mark,
  authorizeUrl: 'https://www.instagram.com/oauth/authorize',
  accessTokenUrl: 'https://api.instagram.com/oauth/access_token',
  userinfoEndpoint: 'https://graph.instagram.com/me',
  apiBaseUrl: 'https://graph.instagram.com/',
  scope: 'instagram_business_basic',
  scopeSeparator: ',',
  tokenEndpointAuthMethod: 'client_secret_post',
  tokenPlacement: 'uri',
  tokenResponse: { path: 'data[0]' },
  errors: [{ leg: 'token', when: 'error_type', message: 'error_message' }],
  userinfo: { params: { fields: 'id,user_id,username,name,account_type,profile_picture_url' } },
  profile: {
    sub: '$.user_id | $.id',
    name: '$.name',
    nickname: '$.username',
    preferred_username: '$.username',
    picture: '$.profile_picture_url',
    profile: 'template:https://www.instagram.com/{username}/',
  },
});
