import { weibo as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Sina Weibo (OAuth 2). Whose profile to read stands in the token. */
export const weibo: OAuth2Preset = oauth2Preset({
  provider: 'weibo',
  displayName: 'Sina Weibo',
  brandColor: '#e6162d',
  mark,
  authorizeUrl: 'https://api.weibo.com/oauth2/authorize',
  accessTokenUrl: 'https://api.weibo.com/oauth2/access_token',
  userinfoEndpoint: 'https://api.weibo.com/2/users/show.json',
  apiBaseUrl: 'https://api.weibo.com/2/',
  revocationEndpoint: 'https://api.weibo.com/oauth2/revokeoauth2',
  scopeSeparator: ',',
  tokenEndpointAuthMethod: 'client_secret_post',
  tokenPlacement: 'uri',
  userinfo: { params: { uid: '{token.uid}' } },
  revocation: { auth: 'none', token: 'access_token', only: 'access_token' },
  profile: {
    sub: '$.idstr | $.id | token.uid',
    name: '$.name',
    nickname: '$.screen_name',
    preferred_username: '$.screen_name',
    picture: '$.avatar_large | $.profile_image_url',
    profile: 'template:https://weibo.com/{profile_url}',
  },
});
